import autocannon from 'autocannon';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOfUser, USERS_PER_CONNECTION, type Generator, type Load } from './generator.ts';

/** autocannon as a library: needs nothing installed, and costs about as much CPU as what it measures. */
export const runAutocannon: Generator = async (load, window) => {
  const latencies: number[] = [];
  let allAnswers = 0;
  let failures = 0;
  let measuring = false;
  const instance = start(load);
  instance.on('response', (_client, status, _bytes, latencyMs) => {
    allAnswers += 1;
    if (!measuring) return;
    latencies.push(latencyMs);
    if (status !== 200) failures += 1;
  });
  instance.on('reqError', () => measuring && (failures += 1));
  const done = once(instance, 'done');
  await sleep(load.warmupSeconds * 1000);
  window.begin();
  measuring = true;
  await sleep(load.seconds * 1000);
  measuring = false;
  window.end();
  instance.stop();
  await done;
  const sorted = Float64Array.from(latencies).sort();
  const quantile = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
  const [p50Ms, p99Ms] = [quantile(0.5), quantile(0.99)];
  return { answers: sorted.length, allAnswers, failures, p50Ms, p99Ms };
};

function start({ origin, connections, warmupSeconds, seconds }: Load): autocannon.Instance {
  let nextUser = 0;
  return autocannon(
    {
      url: origin,
      connections,
      // Stopped by hand at the end of the window; this is only the latest it can be.
      duration: warmupSeconds + seconds + 60,
      setupClient: (client) => {
        const first = nextUser;
        nextUser += USERS_PER_CONNECTION;
        client.setRequests(
          Array.from({ length: USERS_PER_CONNECTION }, (_, at) => ({
            path: pathOfUser(first + at),
          })),
        );
      },
    },
    () => undefined,
  );
}
