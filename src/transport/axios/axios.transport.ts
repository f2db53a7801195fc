import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { HttpService } from '@nestjs/axios';
import type { AxiosRequestConfig } from 'axios';
import { Observable } from 'rxjs';
import type { Clock } from '../../context/clock.ts';
import { ConnectTimeoutError } from '../../errors/errors.ts';
import { AxiosExchange } from './axios.exchange.ts';
import {
  KEEP_ALIVE_MAX_MS,
  MAX_HEADER_BYTES,
  type Transport,
  type TransportLimits,
  type WireRequest,
} from '../transport.ts';

/**
 * The other transport: axios through Nest's `HttpService`, for those who want its interceptors or its ecosystem.
 * Held to the same contract as the default; slower, see the README. axios is told what it must not do (redirects,
 * proxies, decompression, parsing), and its `transport` hook shows us the request, so that the head is judged when
 * it comes and the wire is freed when the socket is done.
 */
export class AxiosTransport implements Transport {
  private readonly service: HttpService;
  private readonly clock: Clock;
  private readonly limits: TransportLimits;
  private readonly kept: Agents;

  constructor(limits: TransportLimits, clock: Clock, service: HttpService) {
    this.service = service;
    this.clock = clock;
    this.limits = limits;
    // No bound on sockets here: the bulkhead's permits are the bound.
    this.kept = this.agents({ keepAlive: true, scheduling: 'lifo', timeout: KEEP_ALIVE_MAX_MS });
  }

  send(request: WireRequest): Observable<Buffer> {
    return new Observable<Buffer>((subscriber) => {
      const exchange = new AxiosExchange(request.wire, this.limits, this.clock, (error) =>
        subscriber.error(error),
      );
      const subscription = this.service.request<Buffer>(this.config(request, exchange)).subscribe({
        next: ({ data }) => subscriber.next(data),
        error: (error: unknown) => exchange.fail(error),
        complete: () => subscriber.complete(),
      });
      const cancel = (): void => {
        if (exchange.cancel()) subscription.unsubscribe();
      };
      // In a burst of expired deadlines the answers go out first: telling axios to stop costs it an error with a stack.
      return () => (exchange.isWaiting ? this.clock.afterPoll(cancel) : cancel());
    });
  }

  retire(_origin: string): void {}

  close(): Promise<void> {
    this.kept.httpAgent.destroy();
    this.kept.httpsAgent.destroy();
    return Promise.resolve();
  }

  private config(
    { origin, path, headers, onNewConnection }: WireRequest,
    exchange: AxiosExchange,
  ): AxiosRequestConfig {
    const client = origin.startsWith('https:') ? https : http;
    return {
      url: origin + path,
      headers: pairs(headers),
      responseType: 'arraybuffer',
      transformResponse: [],
      validateStatus: null,
      maxRedirects: 0,
      proxy: false,
      decompress: false,
      maxContentLength: this.limits.maxResponseBytes,
      ...(onNewConnection ? this.agents({ keepAlive: false }) : this.kept),
      transport: {
        request: (
          options: http.RequestOptions,
          onResponse: (response: http.IncomingMessage) => void,
        ) =>
          exchange.watch(
            client.request({ ...options, maxHeaderSize: MAX_HEADER_BYTES }, (response) => {
              if (exchange.accepts(response)) onResponse(response);
            }),
          ),
      },
    };
  }

  private agents(options: http.AgentOptions): Agents {
    const { connectTimeoutMs } = this.limits;
    return {
      httpAgent: withConnectTimeout(new http.Agent(options), connectTimeoutMs, this.clock),
      httpsAgent: withConnectTimeout(new https.Agent(options), connectTimeoutMs, this.clock),
    };
  }
}

interface Agents {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;
}

function pairs(flat: readonly string[]): Record<string, string | false> {
  // Said by axios of its own accord, and none of the source's business.
  const headers: Record<string, string | false> = { 'User-Agent': false };
  for (let at = 0; at + 1 < flat.length; at += 2)
    headers[flat[at] as string] = flat[at + 1] as string;
  return headers;
}

/** Neither axios nor Node's agent has a connect timeout of its own. */
function withConnectTimeout<A extends http.Agent>(agent: A, timeoutMs: number, clock: Clock): A {
  const create = agent.createConnection.bind(agent);
  const usable = agent instanceof https.Agent ? 'secureConnect' : 'connect';
  agent.createConnection = (options, callback) => {
    const socket = create(options, callback) as Socket | null | undefined;
    if (socket == null) return socket;
    let waiting = true;
    const timer = clock.setTimeout(() => {
      clock.afterPoll(() => waiting && socket.destroy(new ConnectTimeoutError()));
    }, timeoutMs);
    const stop = (): void => {
      waiting = false;
      clock.clearTimeout(timer);
    };
    socket.once(usable, stop).once('close', stop);
    return socket;
  };
  return agent;
}
