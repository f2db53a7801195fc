import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOfUser } from '../throughput/generators/generator.ts';
import { seededRandom } from './schedule.ts';

/**
 * The callers of a soak, an open loop in a process of its own: some want a stream, some hang up before it is over,
 * and all come back now and then. Takes one `SoakLoad`, says how it `Ended`.
 */

export interface SoakLoad {
  readonly origin: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly users: number;
  readonly seed: number;
}

/** How many of each: a status, `cancelled` by the caller, or `error`; `late` are answers after the deadline. */
export type Ended = Readonly<Record<string, number>>;

const STREAM_SHARE = 0.2;
const CANCEL_SHARE = 0.15;
/** Who hangs up does so after this much at most; half of them within a sixteenth of it. */
const CANCEL_MS = 1_600;
const DEADLINE_MS = 1_500;

const agent = new http.Agent({ keepAlive: true, maxFreeSockets: Infinity });

interface Wish {
  readonly url: string;
  readonly streams: boolean;
  /** Undefined: waits for the answer. */
  readonly hangsUpAfterMs: number | undefined;
}

function ask({ url, streams, hangsUpAfterMs }: Wish): Promise<string> {
  const sentAt = performance.now();
  const headers = streams ? { accept: 'text/event-stream' } : {};
  return new Promise((resolve) => {
    const request = http.get(url, { agent, headers }, (response) => {
      response.resume();
      response.once('error', () => end('error'));
      response.once('end', () =>
        end(performance.now() - sentAt > DEADLINE_MS ? 'late' : String(response.statusCode)),
      );
    });
    request.once('error', () => end('error'));
    const timer =
      hangsUpAfterMs === undefined
        ? undefined
        : setTimeout(() => {
            end('cancelled');
            request.destroy();
          }, hangsUpAfterMs);
    const end = (how: string): void => {
      clearTimeout(timer);
      resolve(how);
    };
  });
}

async function run({ origin, perSecond, seconds, users, seed }: SoakLoad): Promise<Ended> {
  const random = seededRandom(seed);
  const ended: Record<string, number> = {};
  const wish = (): Wish => ({
    url: origin + pathOfUser(Math.floor(random() * users)),
    streams: random() < STREAM_SHARE,
    hangsUpAfterMs: random() < CANCEL_SHARE ? random() ** 4 * CANCEL_MS : undefined,
  });
  // Kept while it is under way only: a soak may take days.
  const underWay = new Set<Promise<unknown>>();
  const send = async (): Promise<void> => {
    const how = await ask(wish());
    ended[how] = (ended[how] ?? 0) + 1;
  };
  const began = performance.now();
  for (let sent = 0; sent < perSecond * seconds;) {
    const due = Math.min(perSecond * seconds, ((performance.now() - began) / 1_000) * perSecond);
    for (; sent < due; sent += 1) {
      const sending = send().finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
    await sleep(2);
  }
  await Promise.all(underWay);
  return ended;
}

process.on('disconnect', () => process.exit(0));
process.on('message', (job: SoakLoad) => void run(job).then((ended) => process.send?.(ended)));
