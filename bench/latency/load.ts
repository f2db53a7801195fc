import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A steady open loop, in a process of its own: requests go out when they are due, whether or not those before have
 * been answered, each for a user of its own. Takes `LoadJob`s, answers each with a `LoadResult`.
 */

export interface LoadJob {
  /** What the number of the user is put behind. */
  readonly prefix: string;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface LoadResult {
  /** For every user that was answered 200, by number: from sending to the last byte of the answer, in ms. */
  readonly tookMs: Readonly<Record<string, number>>;
  /** Answers other than 200, and errors. */
  readonly failures: number;
}

/** Shorter than the gap between two requests, so that they do not go out in bunches. */
const TICK_MS = 1;

const agent = new http.Agent({ keepAlive: true, maxFreeSockets: Infinity });
let users = 0;

/** @returns how long the answer took, in ms; undefined for anything but a 200 */
function ask(url: string): Promise<number | undefined> {
  const sentAt = performance.now();
  return new Promise((resolve) => {
    http
      .get(url, { agent }, (response) => {
        response.resume();
        response.once('error', () => resolve(undefined));
        response.once('end', () =>
          resolve(response.statusCode === 200 ? performance.now() - sentAt : undefined),
        );
      })
      .once('error', () => resolve(undefined));
  });
}

async function run({ prefix, perSecond, seconds }: LoadJob): Promise<LoadResult> {
  const tookMs: Record<string, number> = {};
  let failures = 0;
  const askFor = async (user: number): Promise<void> => {
    const took = await ask(prefix + user);
    if (took === undefined) failures += 1;
    else tookMs[user] = took;
  };
  const pending: Promise<void>[] = [];
  const beganAt = performance.now();
  while (pending.length < perSecond * seconds) {
    const due = ((performance.now() - beganAt) / 1_000) * perSecond;
    while (pending.length < Math.min(due, perSecond * seconds)) pending.push(askFor((users += 1)));
    await sleep(TICK_MS);
  }
  await Promise.all(pending);
  return { tookMs, failures };
}

process.on('disconnect', () => process.exit(0));
process.on('message', (job: LoadJob) => void run(job).then((result) => process.send?.(result)));
