import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { HAND_WRITTEN, tributary, tributaryWithAxios } from './contenders.ts';
import { nextMessage, startNode } from './machine/children.ts';
import { choosePinning } from './machine/pinning.ts';
import { readOptions } from './options.ts';
import { summarize, toTable, warnings } from './report.ts';
import type { SourceUrls } from './bodies.ts';
import { startContender, takeTurn, type Bench, type Running, type Turn } from './turn.ts';

/** `npm run bench`: the service and a hand-written handler, side by side. bench/README.md says how to read it. */

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function versionOf(name: string): string {
  const manifest = readFileSync(script(`../node_modules/${name}/package.json`), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

const options = readOptions();
const pinning = choosePinning();
const contenders = [
  HAND_WRITTEN,
  tributary(options.service),
  ...(options.withAxios ? [tributaryWithAxios(options.service)] : []),
];

const sources = startNode([script('./sources.ts')], { cores: pinning.others, ipc: true });
const urls = (await nextMessage(sources)) as SourceUrls;
const load = startNode([script('./load.ts')], { cores: pinning.others, ipc: true });
const { rounds, seconds, warmupSeconds, connections, generator } = options;
const bench: Bench = {
  options: { seconds, warmupSeconds, connections, generator },
  pinning,
  urls,
  sources,
  load,
};

const running: Running[] = [];
for (const contender of contenders) running.push(await startContender(bench, contender));
const turns: Turn[] = [];
for (let round = 1; round <= rounds; round += 1)
  for (const each of running) {
    const turn = await takeTurn(bench, each, round);
    turns.push(turn);
    process.stderr.write(
      `round ${round}/${rounds}  ${turn.contender.padEnd(32)} ` +
        `${turn.requestsPerSecond.toFixed(0)} req/s  ${turn.cpuMicros?.toFixed(0) ?? '–'} µs/req  ` +
        `others ${((turn.othersBusy ?? NaN) * 100).toFixed(0)} % busy\n`,
    );
  }
for (const { child } of running) child.kill('SIGKILL');
sources.disconnect();
load.disconnect();

const date = new Date().toISOString();
const summaries = summarize(turns, HAND_WRITTEN.name);
const found = warnings(turns, connections);
const record = {
  date,
  command: ['node', 'bench/bench.ts', ...process.argv.slice(2)].join(' '),
  machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, pinning },
  versions: Object.fromEntries(
    ['@nestjs/core', 'fastify', 'undici', 'axios', 'rxjs', 'autocannon'].map((name) => [
      name,
      versionOf(name),
    ]),
  ),
  settings: { ...bench.options, rounds },
  summaries,
  warnings: found,
  turns,
};
const file = `${date.slice(0, 16).replace(':', '')}.json`;
mkdirSync(script('./results'), { recursive: true });
writeFileSync(script(`./results/${file}`), `${JSON.stringify(record, null, 2)}\n`);

process.stdout.write(`\n${toTable(summaries)}\n\n`);
for (const warning of found) process.stdout.write(`warning: ${warning}\n`);
process.stdout.write(`bench/results/${file}\n`);
