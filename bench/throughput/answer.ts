import { setInterval } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { BODIES } from '../bodies.ts';
import { pathOfUser } from './generators/generator.ts';

/** What every contender must say, before anything is timed and while it is. */

interface Answer {
  readonly status?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The size of a complete answer, in bytes. @throws Error when it is anything else */
export async function checkAnswer(origin: string): Promise<number> {
  const response = await fetch(origin + pathOfUser(0));
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${origin} answered ${response.status}: ${body}`);
  const { status, data } = JSON.parse(body) as Answer;
  for (const [section, said] of Object.entries(BODIES))
    if (!isDeepStrictEqual(data?.[section], said))
      throw new Error(`${origin} did not answer what ${section} said: ${body}`);
  if (status !== 'success') throw new Error(`${origin} answered ${String(status)}`);
  return Buffer.byteLength(body);
}

/** How often an answer is looked at under load: too seldom to be felt. */
const SAMPLE_MS = 200;

/** Looks at answers while the load is on, from the end of its warm-up until stopped. */
export function sampleAnswers(origin: string, warmupSeconds: number) {
  const stopped = new AbortController();
  let looked = 0;
  let incomplete = 0;
  const sample = async (): Promise<void> => {
    const beginsAt = performance.now() + warmupSeconds * 1000;
    for await (const _ of setInterval(SAMPLE_MS, undefined, { signal: stopped.signal })) {
      if (performance.now() < beginsAt) continue;
      await checkAnswer(origin).catch(() => (incomplete += 1));
      looked += 1;
    }
  };
  // Ends by being stopped, which it reports as an error.
  sample().catch(() => undefined);
  return {
    stop: () => stopped.abort(),
    incompleteShare: () => (looked === 0 ? 0 : incomplete / looked),
  };
}
