import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { quantile } from '../statistics.ts';
import { ask, nextMessage, startNode, stopChild } from '../machine/children.ts';
import { footprintOf, type Footprint } from './footprint.ts';
import type { Burst, Done } from './model.ts';
import type { ModelName } from './pool.ts';

/** `npm run bench:concurrency`: one event loop, a thread a request, a process a request. docs/concurrency-model.md. */

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    'at-once': { type: 'string', default: '100,1000,5000' },
    /** Members of a pool for each core. */
    pools: { type: 'string', default: '1,4,64' },
    /** Seconds that a burst may take. */
    limit: { type: 'string', default: '4' },
  },
});
const numbers = (text: string): readonly number[] => text.split(',').map(Number);
const limitMs = Number(values.limit) * 1_000;
const cores = availableParallelism();
const DEADLINE_MS = 1_500;

/** Three sockets a request, at the source as well. */
const openFiles = Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout);

const source = startNode([script('./source.ts')], { cores: undefined, ipc: true });
const url = (await nextMessage(source)) as string;

/** Until what a pool had begun at the end of a burst is done. */
const REST_MS = 500;

/** Of a table, by how many requests came at once. */
type Rows = ReadonlyMap<number, string>;

/** One model under every load, in a process of its own. @param size of its pool */
async function measure(model: ModelName, size: number): Promise<Rows> {
  const rows = new Map<number, string>();
  const args = [script('./model.ts'), model, String(size)];
  const child = startNode(args, { cores: undefined, ipc: true });
  await nextMessage(child);
  for (const atOnce of numbers(values['at-once'])) {
    const burst = async (count: number): Promise<Done> =>
      (await ask(child, { url, atOnce: count, limitMs } satisfies Burst)) as Done;
    // Opens the connections that there will be, and lets the JIT settle.
    await burst(model === 'event loop' ? atOnce : Math.min(atOnce, size));
    const before = footprintOf(child.pid ?? 0);
    const began = performance.now();
    const { tookMs } = await burst(atOnce);
    const seconds = (performance.now() - began) / 1_000;
    const after = footprintOf(child.pid ?? 0);
    const name = model === 'event loop' ? model : `${size} ${model}`;
    rows.set(atOnce, rowOf(name, atOnce, { tookMs, seconds, before, after }));
    process.stderr.write(`${rows.get(atOnce) ?? ''}\n`);
    await sleep(REST_MS);
  }
  await stopChild(child, 'SIGKILL', 0);
  return rows;
}

interface Measured extends Done {
  readonly seconds: number;
  readonly before: Footprint;
  readonly after: Footprint;
}

function rowOf(
  model: string,
  atOnce: number,
  { tookMs, seconds, before, after }: Measured,
): string {
  const inTime = tookMs.filter((each) => each <= DEADLINE_MS).length;
  const each = (count: number): string => (count / tookMs.length).toFixed(1);
  const p99 = tookMs.length < 0.99 * atOnce ? `> ${limitMs}` : quantile(tookMs, 0.99).toFixed(0);
  const cells = [
    String(atOnce),
    model,
    ((100 * tookMs.length) / atOnce).toFixed(0),
    ((100 * inTime) / atOnce).toFixed(0),
    (tookMs.length / seconds).toFixed(0),
    p99,
    after.mib.toFixed(0),
    each(after.voluntary - before.voluntary),
    each(after.involuntary - before.involuntary),
  ];
  return `| ${cells.join(' | ')} |`;
}

const LEAST_OPEN_FILES = 3 * Math.max(...numbers(values['at-once'])) + 200;
if (openFiles < LEAST_OPEN_FILES)
  throw new Error(
    `ulimit -n is ${openFiles}; this takes ${LEAST_OPEN_FILES}: three sockets a request`,
  );

const load = loadavg().map((each) => each.toFixed(1));
const all = [await measure('event loop', 1)];
for (const model of ['threads', 'processes'] as const)
  for (const perCore of numbers(values.pools)) all.push(await measure(model, perCore * cores));

print(
  `\n${cores} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, ulimit -n ${openFiles}, load average ` +
    `${load.join(' ')} before; a source that answers after 200 ms, on the same cores\n`,
);
print(
  `| at once | model | done within ${values.limit} s % | within 1.5 s % | done/s | p99 ms | PSS MiB | switches a request, voluntary | involuntary |`,
);
print('| --: | --- | --: | --: | --: | --: | --: | --: | --: |');
for (const atOnce of numbers(values['at-once']))
  for (const rows of all) print(rows.get(atOnce) ?? '');
process.exit(0);
