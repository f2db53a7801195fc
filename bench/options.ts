import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GENERATORS, type GeneratorName } from './generators/generator.ts';
import { isWrkInstalled } from './generators/wrk.ts';

export interface Options {
  /** Turns of each contender. */
  readonly rounds: number;
  /** Length of a measured window. */
  readonly seconds: number;
  /** Load before each measured window. */
  readonly warmupSeconds: number;
  readonly connections: number;
  readonly generator: GeneratorName;
  readonly withAxios: boolean;
  /** The built service's entry file. */
  readonly service: string;
}

/** The command line; what it does not say is taken from `BENCH_<NAME>`, else the default. @throws Error */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: process.env['BENCH_ROUNDS'] ?? '20' },
      seconds: { type: 'string', default: process.env['BENCH_SECONDS'] ?? '2' },
      warmup: { type: 'string', default: process.env['BENCH_WARMUP'] ?? '1' },
      connections: { type: 'string', default: process.env['BENCH_CONNECTIONS'] ?? '64' },
      generator: { type: 'string', default: process.env['BENCH_GENERATOR'] ?? 'autocannon' },
      'with-axios': { type: 'boolean', default: process.env['BENCH_WITH_AXIOS'] === 'true' },
      service: { type: 'string', default: builtService },
    },
  });
  return {
    rounds: wholeNumber('rounds', values.rounds, 1),
    seconds: wholeNumber('seconds', values.seconds, 1),
    warmupSeconds: wholeNumber('warmup', values.warmup, 0),
    connections: wholeNumber('connections', values.connections, 1),
    generator: generatorOf(values.generator),
    withAxios: values['with-axios'],
    service: values.service,
  };
}

const builtService = fileURLToPath(new URL('../dist/main.js', import.meta.url));

function wholeNumber(name: string, text: string, least: number): number {
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
