import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chooseContenders } from './contenders/choose.ts';
import { startContender } from './contenders/start.ts';
import { ask, nextMessage, startNode, stopChild } from './machine/children.ts';
import { byFunction, byOrigin, selfTimes, type CpuProfile } from './machine/cpu-profile.ts';
import { choosePinning } from './machine/pinning.ts';
import { readOptions } from './options.ts';
import type { SourceUrls } from './bodies.ts';
import type { LoadJob, LoadResult } from './throughput/load.ts';

/**
 * A CPU profile of a contender under the benchmark's load: prints where its time goes, by package or file and by
 * function, and leaves the profile in bench/results/ for a flame graph. BENCH_PROFILE is the key of a contender that
 * runs on Node.
 */

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const resultsDir = script('./results');
const which = process.env['BENCH_PROFILE'] ?? 'tributary';
const profileName = `${which}.cpuprofile`;
/** Fine enough for functions of a few µs a request, coarse enough to be cheap. */
const INTERVAL_MICROS = 250;
const SHOWN = 45;

const { seconds, warmupSeconds, connections, generator, ...choice } = readOptions();
const contender = chooseContenders({ ...choice, only: [which] }).find(({ key }) => key === which);
const program = contender?.prepare();
if (contender === undefined || program === undefined || !('command' in program))
  throw new Error(`BENCH_PROFILE: ${which} is not there`);
const [node, ...args] = program.command;
if (node !== process.execPath) throw new Error(`BENCH_PROFILE: ${which} does not run on Node`);
const pinning = choosePinning();
const sources = startNode([script('./throughput/sources.ts')], {
  cores: pinning.others,
  ipc: true,
});
const urls = (await nextMessage(sources)) as SourceUrls;
const load = startNode([script('./throughput/load.ts')], { cores: pinning.others, ipc: true });

const profiling = [
  '--cpu-prof',
  `--cpu-prof-dir=${resultsDir}`,
  `--cpu-prof-name=${profileName}`,
  `--cpu-prof-interval=${INTERVAL_MICROS}`,
];
const startedAt = performance.now();
const { child, origin } = await startContender(
  { contender, program: { command: [node, ...profiling, ...args] } },
  urls,
  pinning.contender,
);
const from = (performance.now() - startedAt) / 1000 + warmupSeconds;
const { contenderCpu: cpu, answers } = (await ask(load, {
  ...{ origin, connections, warmupSeconds, seconds, generator },
  contenderPid: child.pid ?? 0,
  sourcesPid: sources.pid ?? 0,
} satisfies LoadJob)) as LoadResult;
const cpuMicros = cpu && ((cpu.user + cpu.system) * 1e6) / answers;
// Not killed: the profile is written on the way out.
await stopChild(child, 'SIGINT', 30_000);
sources.disconnect();
load.disconnect();

const profile = JSON.parse(readFileSync(`${resultsDir}/${profileName}`, 'utf8')) as CpuProfile;
const span = { from, to: from + seconds };
for (const [title, label] of [
  ['package or file', byOrigin],
  ['function', byFunction],
] as const) {
  process.stdout.write(`\n| self time % | µs/request | ${title} |\n|--:|--:|---|\n`);
  for (const { label: name, share } of selfTimes(profile, span, label).slice(0, SHOWN)) {
    const micros = cpuMicros === undefined ? '–' : (share * cpuMicros).toFixed(1);
    process.stdout.write(`| ${(share * 100).toFixed(1)} | ${micros} | ${name} |\n`);
  }
}
process.stdout.write(`
${cpuMicros?.toFixed(0) ?? '–'} µs of CPU time a request while profiled
bench/results/${profileName}: open it in Chrome's DevTools, Performance
`);
