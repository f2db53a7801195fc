import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Choice } from './contenders/choose.ts';
import type { Delays } from './latency/sources.ts';
import { GENERATORS, type GeneratorName } from './throughput/generators/generator.ts';
import { isWrkInstalled } from './throughput/generators/wrk.ts';

export interface Options extends Choice {
  /** Turns of each contender. */
  readonly rounds: number;
  /** Length of a measured window. */
  readonly seconds: number;
  /** Load before each measured window. */
  readonly warmupSeconds: number;
  readonly connections: number;
  readonly generator: GeneratorName;
  /** Measure the added latency at a steady rate, not the throughput. */
  readonly latency: boolean;
  /** The steady rate, in requests a second. */
  readonly perSecond: number;
  /** How long the sources take meanwhile. */
  readonly delays: Delays;
}

/** The command line; what it does not say is taken from `BENCH_<NAME>`, else the default. @throws Error */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: process.env['BENCH_ROUNDS'] ?? '12' },
      seconds: { type: 'string', default: process.env['BENCH_SECONDS'] },
      warmup: { type: 'string', default: process.env['BENCH_WARMUP'] ?? '1' },
      connections: { type: 'string', default: process.env['BENCH_CONNECTIONS'] ?? '64' },
      generator: { type: 'string', default: process.env['BENCH_GENERATOR'] ?? 'autocannon' },
      only: { type: 'string', default: process.env['BENCH_ONLY'] },
      all: { type: 'boolean', default: process.env['BENCH_ALL'] === 'true' },
      'with-axios': { type: 'boolean', default: process.env['BENCH_WITH_AXIOS'] === 'true' },
      service: { type: 'string', default: builtService },
      latency: { type: 'boolean', default: false },
      rate: { type: 'string', default: '500' },
      delays: { type: 'string', default: '5,10,20' },
    },
  });
  const { latency } = values;
  return {
    rounds: wholeNumber('rounds', values.rounds, 1),
    seconds: wholeNumber('seconds', values.seconds ?? (latency ? '5' : '2'), 1),
    warmupSeconds: wholeNumber('warmup', values.warmup, 0),
    connections: wholeNumber('connections', values.connections, 1),
    generator: generatorOf(values.generator),
    only: values.only?.split(',') ?? (latency && !values.all ? SERVICE_ONLY : undefined),
    all: values.all,
    withAxios: values['with-axios'],
    service: values.service,
    latency,
    perSecond: wholeNumber('rate', values.rate, 1),
    delays: delaysOf(values.delays),
  };
}

/** Latencies are compared with the bar's only, and every further contender takes a minute. */
const SERVICE_ONLY = ['tributary'];

export const builtService = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** @throws Error */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${name} must be a whole number of at least ${least}, not ${text}`);
  return value;
}

function generatorOf(text: string): GeneratorName {
  const name = text === 'auto' ? (isWrkInstalled() ? 'wrk' : 'autocannon') : text;
  const known = GENERATORS.find((generator) => generator === name);
  if (known === undefined)
    throw new Error(`--generator must be auto, ${GENERATORS.join(' or ')}, not ${text}`);
  if (known === 'wrk' && !isWrkInstalled()) throw new Error('wrk is not installed');
  return known;
}

function delaysOf(text: string): Delays {
  const [user, orders, recommendations] = text
    .split(',')
    .map((each) => wholeNumber('delays', each, 0));
  if (user === undefined || orders === undefined || recommendations === undefined)
    throw new Error(`--delays must be three numbers, not ${text}`);
  return { user, orders, recommendations };
}
