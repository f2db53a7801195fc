import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contenders/contender.ts';
import { HAND_WRITTEN, tributary } from './contenders/node.ts';
import { prepared } from './contenders/prepare.ts';
import { startContender } from './contenders/start.ts';
import { ask, nextMessage, startNode, stopChild } from './machine/children.ts';
import { choosePinning } from './machine/pinning.ts';
import type { SourceUrls } from './bodies.ts';
import { SLOT_MS, type LoadJob, type LoadResult, type Slot } from './overload/load.ts';

/**
 * `npm run bench:overload`: what is left of the service when far more is asked of it than the sources can carry, how
 * soon it is well again, and 4,900 requests at once. bench/README.md says how to read it.
 */

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const pinning = choosePinning();

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    capacity: { type: 'string', default: '150' },
    /** More of the service's environment: `--env NAME=value`, as often as needed. */
    env: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', default: 'goodput,burst' },
    'at-once': { type: 'string', default: '4900' },
  },
});
const seconds = Number(values.seconds);
const capacity = Number(values.capacity);
const service = tributary(script('../dist/main.js'));

/** A contender that is up, in front of sources of its own. */
async function withContender(
  contender: Contender,
  sourcesEnv: Readonly<Record<string, string>>,
  measure: (
    load: (job: Pick<LoadJob, 'perSecond' | 'seconds'>) => Promise<LoadResult>,
  ) => Promise<void>,
): Promise<void> {
  const sources = startNode([script('./overload/sources.ts')], {
    cores: pinning.others,
    ipc: true,
    env: sourcesEnv,
  });
  const urls = (await nextMessage(sources)) as SourceUrls;
  const generator = startNode([script('./overload/load.ts')], { cores: pinning.others, ipc: true });
  const [ready] = prepared([contender]);
  if (ready === undefined) return;
  const { child, origin } = await startContender(ready, urls, pinning.contender, true);
  await measure(
    async (job) =>
      (await ask(generator, {
        ...job,
        origin,
        pid: child.pid ?? 0,
      } satisfies LoadJob)) as LoadResult,
  );
  await Promise.all([child, sources, generator].map((each) => stopChild(each, 'SIGKILL', 0)));
}

const total = (slots: readonly Slot[], what: keyof Slot): number =>
  slots.reduce((sum, slot) => sum + slot[what], 0);

const sum = ({ slots }: LoadResult, what: keyof Slot): number => total(slots, what);

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** When, in s after the start, nine in ten of all that was sent in any second from then on came back complete. */
function recoveredAfter({ slots }: LoadResult): number {
  const perSecond = 1_000 / SLOT_MS;
  const windows = slots.map((_, at) => slots.slice(at, at + perSecond));
  const isBad = (window: readonly Slot[]): boolean =>
    total(window, 'complete') < 0.9 * total(window, 'sent');
  return (windows.findLastIndex(isBad) + 1) / perSecond;
}

async function goodput(): Promise<void> {
  const serviceMs = 100;
  const workers = Math.max(1, Math.round((capacity * serviceMs) / 1_000));
  const contender = { ...service, env: { ...service.env, ...extraEnv() } };
  const sourcesEnv = { SERVICE_MS: String(serviceMs), WORKERS: String(workers) };
  await withContender(contender, sourcesEnv, async (load) => {
    await load({ perSecond: capacity / 2, seconds: 5 });
    print(`\nsources carry ${capacity} requests/s, ${serviceMs} ms each; ${seconds} s a load\n`);
    print('| load | sent/s | goodput/s | complete/s | p50 ms | p99 ms | 503 p99 ms | statuses |');
    print('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |');
    for (const times of [1, 3, 10]) {
      const result = await load({ perSecond: capacity * times, seconds });
      const perSecond = (what: keyof Slot): string => (sum(result, what) / seconds).toFixed(0);
      print(
        `| ${times} × | ${perSecond('sent')} | ${perSecond('good')} | ${perSecond('complete')} | ` +
          `${result.p50Ms.toFixed(0)} | ${result.p99Ms.toFixed(0)} | ${result.shedP99Ms.toFixed(0)} | ` +
          `${JSON.stringify(result.statuses)} |`,
      );
    }
    const after = await load({ perSecond: capacity / 2, seconds: 15 });
    print(`\nhalf the load again after 10 ×: all complete from ${recoveredAfter(after)} s on`);
  });
}

const extraEnv = (): Record<string, string> =>
  Object.fromEntries(
    values.env.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
  );

const CAPS_RAISED = {
  MAX_IN_FLIGHT: '100000',
  MAX_EVENT_LOOP_DELAY_MS: '600000',
  SOURCE_MAX_CONCURRENT: '100000',
  USER_SERVICE_MAX_CONCURRENT: '100000',
  ORDER_SERVICE_MAX_CONCURRENT: '100000',
  RECOMMENDATION_SERVICE_MAX_CONCURRENT: '100000',
  SOURCE_CONNECT_TIMEOUT_MS: '1400',
};

const AT_ONCE = Number(values['at-once']);
/** Between two bursts: the service keeps an idle connection for 4 s where the source says nothing, and is to find it. */
const REST_MS = 1_000;

async function burst(): Promise<void> {
  print(`\n${AT_ONCE} requests at once, sources that answer after 800 ms, caps raised\n`);
  print(
    '| contender | burst | answered within 1.5 s | 200 | complete | p50 ms | p99 ms | RSS MiB | statuses |',
  );
  print('| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |');
  const raised = { ...service, env: { ...service.env, ...CAPS_RAISED, ...extraEnv() } };
  for (const contender of [raised, HAND_WRITTEN])
    await withContender(contender, { SERVICE_MS: '800', WORKERS: '1000000' }, async (load) => {
      for (let n = 0; n < 5; n += 1) {
        // All of them are due within 10 ms.
        const result = await load({ perSecond: AT_ONCE * 100, seconds: 0.01 });
        print(
          `| ${contender.name} | ${n === 0 ? 'cold' : `warm ${n}`} | ${percent(result.inTime / AT_ONCE)} | ` +
            `${percent(sum(result, 'good') / AT_ONCE)} | ${percent(sum(result, 'complete') / AT_ONCE)} | ${result.p50Ms.toFixed(0)} | ` +
            `${result.p99Ms.toFixed(0)} | ${result.peakMiB.toFixed(0)} | ${JSON.stringify(result.statuses)} |`,
        );
        await new Promise((resolve) => setTimeout(resolve, REST_MS));
      }
    });
}

if (values.only.includes('goodput')) await goodput();
if (values.only.includes('burst')) await burst();
process.exit(0);
