import http from 'node:http';
import https from 'node:https';
import type { HttpService } from '@nestjs/axios';
import type { AxiosRequestConfig } from 'axios';
import type { Clock } from '../../context/clock.ts';
import { AxiosExchange } from './axios.exchange.ts';
import { agentOf, AxiosPool } from './axios.pool.ts';
import {
  MAX_HEADER_BYTES,
  type Recipient,
  type Sending,
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
  private readonly pools = new Map<string, AxiosPool>();
  /** Of instances that are gone, as long as they are used. */
  private readonly retired = new Set<AxiosPool>();

  constructor(limits: TransportLimits, clock: Clock, service: HttpService) {
    this.service = service;
    this.clock = clock;
    this.limits = limits;
  }

  send(request: WireRequest, recipient: Recipient): Sending {
    const exchange = new AxiosExchange(request.wire, this.limits, this.clock, {
      received: (body) => recipient.received(body),
      failed: (error) => {
        recipient.failed(error);
        stop();
      },
    });
    const subscription = this.service.request<Buffer>(this.config(request, exchange)).subscribe({
      next: ({ data }) => exchange.received(data),
      error: (error: unknown) => exchange.fail(error),
    });
    const stopAxios = (): void => {
      if (exchange.cancel()) subscription.unsubscribe();
    };
    // In a burst of expired deadlines the answers go out first: telling axios to stop costs it an error with a stack.
    const stop = (): void => (exchange.isWaiting ? this.clock.afterPoll(stopAxios) : stopAxios());
    return {
      cancel: () => {
        exchange.leave();
        stop();
      },
    };
  }

  retire(origin: string): void {
    for (const pool of this.retired) if (pool.isUnused) this.retired.delete(pool);
    const pool = this.pools.get(origin);
    if (pool === undefined) return;
    this.pools.delete(origin);
    this.retired.add(pool);
    pool.retire();
  }

  close(): Promise<void> {
    for (const pool of [...this.pools.values(), ...this.retired]) pool.destroy();
    this.pools.clear();
    this.retired.clear();
    return Promise.resolve();
  }

  private poolOf(request: WireRequest): AxiosPool {
    const known = this.pools.get(request.origin);
    if (known !== undefined && known.hostname === request.hostname) return known;
    // A connection that was made under one name is not used under another one.
    this.retire(request.origin);
    const pool = new AxiosPool(request, this.limits.connectTimeoutMs, this.clock);
    this.pools.set(request.origin, pool);
    return pool;
  }

  private config(request: WireRequest, exchange: AxiosExchange): AxiosRequestConfig {
    const { origin, path } = request;
    const { host, agent } = this.poolOf(request);
    const client = origin.startsWith('https:') ? https : http;
    const used = request.onNewConnection ? this.oneOff(origin) : agent;
    return {
      url: origin + path,
      headers: headersOf(request.headers, host),
      responseType: 'arraybuffer',
      transformResponse: [],
      validateStatus: null,
      maxRedirects: 0,
      proxy: false,
      decompress: false,
      maxContentLength: this.limits.maxResponseBytes,
      httpAgent: used,
      httpsAgent: used,
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

  private oneOff(origin: string): http.Agent {
    return agentOf(origin, { keepAlive: false }, this.limits.connectTimeoutMs, this.clock);
  }
}

type Headers = Record<string, string | false>;

function headersOf(flat: readonly string[], host: string | undefined): Headers {
  // Said by axios of its own accord, and none of the source's business.
  const headers: Headers = { 'User-Agent': false };
  // Node takes the name for TLS from it, too.
  if (host !== undefined) headers['Host'] = host;
  for (let at = 0; at + 1 < flat.length; at += 2)
    headers[flat[at] as string] = flat[at + 1] as string;
  return headers;
}
