import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { ConsulUrl } from '../../../config/url/source-url.ts';
import type { Clock } from '../../../context/clock.ts';
import type { Address } from '../../instance.ts';
import { addressesAt } from './address.ts';
import { readJson } from './json.ts';
import { REFRESH_MS, type Lookup } from './lookup.ts';

/** How long the agent holds a question whose answer has not changed. */
const WAIT_MS = 30_000;

/** Beyond that an agent is hung: it adds up to a sixteenth to the wait, and takes its time like everybody. */
const GRACE_MS = WAIT_MS / 16 + 5_000;

/** The agent tells of a change at once, so the next question may follow soon; but never at once. */
const MIN_PAUSE_MS = 1_000;

const MAX_BYTES = 8_388_608;

const EntriesSchema = z.array(
  z.object({
    Node: z.object({ Address: z.string() }),
    Service: z.object({
      Address: z.string().nullish(),
      Port: z.int(),
      Weights: z.object({ Passing: z.number() }).nullish(),
    }),
  }),
);
type Entry = z.infer<typeof EntriesSchema>[number];

/**
 * `consul://agent:8500/service`: the instances whose checks pass, by blocking queries: each names the index of the
 * state that is known, and is answered when there is another one, or after a while all the same.
 */
export class ConsulLookup implements Lookup {
  private readonly url: ConsulUrl;
  private readonly clock: Clock;
  private readonly query: URL;
  /** Of the state that is known; 0: none. */
  private index = 0;
  private request: ClientRequest | undefined;

  constructor(url: ConsulUrl, clock: Clock) {
    this.url = url;
    this.clock = clock;
    this.query = new URL(`/v1/health/service/${encodeURIComponent(url.service)}`, url.agent);
    this.query.searchParams.set('passing', 'true');
    for (const tag of url.tags) this.query.searchParams.append('tag', tag);
    if (url.datacenter !== undefined) this.query.searchParams.set('dc', url.datacenter);
  }

  /** Without an index there is nothing to wait for at the agent. */
  get refreshMs(): number {
    return this.index > 0 ? MIN_PAUSE_MS : REFRESH_MS;
  }

  /** @throws Error when the agent cannot be reached, hangs, or does not say what it should */
  async find(): Promise<readonly Address[]> {
    const before = this.index;
    // An error may be the agent's restart, and its indexes may begin anew.
    this.index = 0;
    const response = await this.ask(before);
    const entries = readJson(response.body, EntriesSchema);
    // One that went backwards is of another history.
    if (response.index >= before) this.index = response.index;
    return entries.flatMap((entry) => this.addressesOf(entry));
  }

  cancel(): void {
    this.request?.destroy();
  }

  private addressesOf({ Node, Service }: Entry): readonly Address[] {
    return addressesAt({
      // An empty address of the service means the node's.
      host: Service.Address || Node.Address,
      port: Service.Port,
      tls: this.url.tls,
      weight: Service.Weights?.Passing ?? 1,
    });
  }

  private ask(index: number): Promise<{ readonly body: string; readonly index: number }> {
    const url = new URL(this.query);
    if (index > 0) {
      url.searchParams.set('index', index.toString());
      url.searchParams.set('wait', `${WAIT_MS / 1000}s`);
    }
    return new Promise((resolve, reject) => {
      // A connection of its own: nothing is kept between questions.
      const request = http.get(url, { agent: false, headers: { accept: 'application/json' } });
      this.request = request;
      const timer = this.clock.setTimeout(
        () => request.destroy(new Error('the agent hangs')),
        GRACE_MS + (index > 0 ? WAIT_MS : 0),
      );
      if (typeof timer === 'object') timer.unref();
      request.on('socket', (socket) => socket.unref());
      request.on('error', reject);
      request.on('close', () => {
        this.clock.clearTimeout(timer);
        // Last, for ends that are told to nobody else.
        reject(new Error('the agent hung up'));
      });
      request.on('response', (response) => {
        read(response).then((body) => resolve({ body, index: indexOf(response) }), reject);
      });
    });
  }
}

function indexOf({ headers }: IncomingMessage): number {
  const index = Number(headers['x-consul-index']);
  return Number.isSafeInteger(index) && index > 0 ? index : 0;
}

async function read(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`the agent answers ${response.statusCode}`);
  }
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    received += chunk.length;
    // Leaving the loop closes the connection.
    if (received > MAX_BYTES) throw new Error(`the agent answers more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
