import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { judge, parseRecorded, type Recorded } from './check/guard.ts';
import { HAND_WRITTEN, tributary } from './contenders/node.ts';
import { prepared } from './contenders/prepare.ts';
import { packageVersions } from './machine/describe.ts';
import { choosePinning } from './machine/pinning.ts';
import { builtService, wholeNumber } from './options.ts';
import { measureThroughput } from './throughput/measure.ts';
import { summarize } from './throughput/report.ts';

/**
 * `npm run bench:check`: fails when a request costs more CPU time than it did, both measured against the hand-written
 * handler of the same run. For people before a release, never for tests: it needs a machine of its own.
 */

const { values } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '2' },
  },
});
const file = new URL('./recorded.json', import.meta.url);
const service = tributary(builtService);

// Always the same generator, whatever is installed: another one would be another measure.
const turns = await measureThroughput(
  prepared([HAND_WRITTEN, service]),
  {
    rounds: wholeNumber('rounds', values.rounds, 1),
    seconds: wholeNumber('seconds', values.seconds, 1),
    warmupSeconds: 1,
    connections: 64,
    generator: 'autocannon',
  },
  choosePinning(),
);
const summaries = summarize(turns, { bar: HAND_WRITTEN.name, service: service.name });
const ratio = summaries.find(({ contender }) => contender === service.name)?.ofBar.cpu?.median;

if (values.record && ratio !== undefined) {
  const recorded: Recorded = {
    ratio: Number(ratio.toFixed(3)),
    date: new Date().toISOString(),
    command: ['node', 'bench/check.ts', ...process.argv.slice(2)].join(' '),
    versions: { node: process.version, ...packageVersions() },
  };
  writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
  process.stdout.write(`recorded ${recorded.ratio} in bench/recorded.json\n`);
} else {
  const recorded = existsSync(file) ? parseRecorded(readFileSync(file, 'utf8')) : undefined;
  const { passed, message } = judge(ratio, recorded);
  process.stdout.write(`${message}\n`);
  process.exitCode = passed ? 0 : 1;
}
