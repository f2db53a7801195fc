import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chooseContenders } from './contenders/choose.ts';
import { HAND_WRITTEN, tributary } from './contenders/node.ts';
import { prepared } from './contenders/prepare.ts';
import { measureLatency } from './latency/measure.ts';
import { latencyWarnings, summarizeLatency, toLatencyTable } from './latency/report.ts';
import { describeMachine } from './machine/describe.ts';
import { choosePinning } from './machine/pinning.ts';
import { readOptions } from './options.ts';
import { measureThroughput } from './throughput/measure.ts';
import { summarize, toTable } from './throughput/report.ts';
import { warnings } from './throughput/warnings.ts';

/** `npm run bench`: the service and others, side by side. bench/README.md says how to read it. */

interface Outcome {
  readonly table: string;
  readonly warnings: readonly string[];
  /** What is kept of it. */
  readonly record: object;
}

const options = readOptions();
const pinning = choosePinning();
const contenders = prepared(chooseContenders(options));

async function throughput(): Promise<Outcome> {
  const { rounds, seconds, warmupSeconds, connections, generator } = options;
  const settings = { seconds, warmupSeconds, connections, generator, rounds };
  const turns = await measureThroughput(contenders, settings, pinning);
  const service = tributary(options.service).name;
  const summaries = summarize(turns, { bar: HAND_WRITTEN.name, service });
  const found = warnings(turns, connections);
  const goals = new Map(contenders.map(({ contender: { name, goal } }) => [name, goal]));
  return {
    table: toTable(summaries, goals),
    warnings: found,
    record: { settings, summaries, warnings: found, turns },
  };
}

async function latency(): Promise<Outcome> {
  const { rounds, seconds, warmupSeconds, perSecond, delays } = options;
  const settings = { rounds, seconds, warmupSeconds, perSecond, delays };
  const turns = await measureLatency(contenders, settings, pinning);
  const summaries = summarizeLatency(turns, HAND_WRITTEN.name);
  const found = latencyWarnings(turns);
  return {
    table: toLatencyTable(summaries),
    warnings: found,
    record: { settings, summaries, warnings: found, turns },
  };
}

const outcome = await (options.latency ? latency() : throughput());

const date = new Date().toISOString();
const command = ['node', 'bench/bench.ts', ...process.argv.slice(2)].join(' ');
const file = `${date.slice(0, 16).replace(':', '')}${options.latency ? '-latency' : ''}.json`;
const results = fileURLToPath(new URL('./results', import.meta.url));
mkdirSync(results, { recursive: true });
writeFileSync(
  `${results}/${file}`,
  `${JSON.stringify({ date, command, ...describeMachine(pinning, contenders), ...outcome.record }, null, 2)}\n`,
);

process.stdout.write(`\n${outcome.table}\n\n`);
for (const warning of outcome.warnings) process.stdout.write(`warning: ${warning}\n`);
process.stdout.write(`bench/results/${file}\n`);
