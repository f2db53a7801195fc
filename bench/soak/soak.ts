import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { environmentOf } from '../contenders/contender.ts';
import { tributary } from '../contenders/node.ts';
import type { Addresses } from '../faults/source.ts';
import { ask, freePort, nextMessage, startNode, untilAnswers } from '../machine/children.ts';
import { describeMachine } from '../machine/describe.ts';
import { choosePinning } from '../machine/pinning.ts';
import { pathOfUser } from '../throughput/generators/generator.ts';
import type { Ended, SoakLoad } from './load.ts';
import { judge, toTable, type SoakSample } from './report.ts';
import type { Held } from './sampler.ts';
import { scheduleOf } from './schedule.ts';
import type { Play } from './sources.ts';

/** `npm run bench:soak`: does anything grow under faults, cancels and streams? bench/README.md says how to read it. */

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const pinning = choosePinning();

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '100' },
    users: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '5' },
    service: { type: 'string', default: script('../../dist/main.js') },
  },
});
const seconds = Number(values.minutes) * 60;
const seed = Number(values.seed);

/** Callers gone, attempts aborted, probes done: nothing but kept connections is left. */
const REST_MS = 10_000;

const sources = startNode([script('./sources.ts')], { cores: pinning.others, ipc: true });
const { instances } = (await nextMessage(sources)) as Addresses;
const load = startNode([script('./load.ts')], { cores: pinning.others, ipc: true });
const port = await freePort();
const service = tributary(values.service);
const child = startNode(['--import', script('./sampler.ts'), values.service], {
  cores: pinning.contender,
  ipc: true,
  env: {
    ...environmentOf(service, { port, managementPort: await freePort() }, instances),
    LOG_LEVEL: 'fatal',
  },
});
const origin = `http://127.0.0.1:${port}`;
await untilAnswers(child, origin + pathOfUser(0), 20_000);

function openFiles(): number | undefined {
  try {
    return readdirSync(`/proc/${child.pid}/fd`).length;
  } catch {
    return undefined;
  }
}

const began = Date.now();
async function sample(): Promise<SoakSample> {
  const at = (Date.now() - began) / 3_600_000;
  return { at, files: openFiles(), ...((await ask(child, {})) as Held) };
}

async function sampled(until: Promise<unknown>): Promise<SoakSample[]> {
  const samples: SoakSample[] = [];
  let isOver = false;
  void until.then(() => (isOver = true));
  for (;;) {
    await sleep(Number(values.every) * 1_000);
    if (isOver) return samples;
    samples.push(await sample());
  }
}

const before = await sample();
const faults = scheduleOf(seed, seconds * 1_000);
sources.send({ faults, from: Date.now() } satisfies Play);
const job: SoakLoad = {
  origin,
  seconds,
  seed,
  perSecond: Number(values.rate),
  users: Number(values.users),
};
const ended = ask(load, job) as Promise<Ended>;
const samples = await sampled(ended);
await sleep(REST_MS);
const verdicts = judge(samples, { before, after: await sample() });
const isFlat = verdicts.every((verdict) => verdict.isFlat);

const date = new Date().toISOString();
const record = {
  date,
  command: ['npm run bench:soak --', ...process.argv.slice(2)].join(' '),
  ...describeMachine(pinning, []),
  ended: await ended,
  faults: faults.length,
  isFlat,
  verdicts,
  samples,
};
const file = `soak-${date.slice(0, 16).replace(':', '')}.json`;
mkdirSync(script('../results'), { recursive: true });
writeFileSync(script(`../results/${file}`), `${JSON.stringify(record, null, 1)}\n`);
print(`\n${toTable(verdicts)}\n`);
print(
  `${seconds} s, ${faults.length} faults, requests by how they ended: ${JSON.stringify(record.ended)}`,
);
print(`${isFlat ? 'flat' : 'NOT FLAT'}   bench/results/${file}`);
process.exit(isFlat ? 0 : 1);
