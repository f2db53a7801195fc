import type { z } from 'zod';
import { brokenConditions } from './conditions.ts';
import {
  SERVICE_VARIABLES,
  SOURCE_VARIABLES,
  type ServiceOptions,
  type SourceOptions,
  type SourceSettings,
} from './env.schema.ts';
import type { Variable } from './variable.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The whole configuration: checked once at start, frozen. */
export interface Config {
  readonly service: ServiceOptions;
  readonly sources: Readonly<Record<string, SourceOptions>>;
}

/** Nest's token for the `Config`. */
export const CONFIG = Symbol('CONFIG');

/** Sets a variable for every source at once, under the source's own one and over the default. */
export const ALL_SOURCES_PREFIX = 'SOURCE';

/** Lists every problem at once; names, values and bounds, never a secret. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length} problem(s) in the configuration:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** @throws ConfigError with every problem found */
export function loadConfig(env: Environment, sources: readonly SourceSettings[]): Config {
  const problems: string[] = [];
  const read = <T>(
    names: readonly [string, ...string[]],
    variable: Variable<T>,
    fallback?: string,
  ): T => {
    // A variable that is set but empty is as good as not set: compose files and charts write those.
    const name = names.find((candidate) => (env[candidate] ?? '') !== '') ?? names[0];
    const value = env[name] || (fallback ?? variable.default);
    if (value === undefined) problems.push(`${name} is not set: ${variable.bound}`);
    else {
      const result = variable.schema.safeParse(value);
      if (result.success) return result.data;
      problems.push(...result.error.issues.map((issue) => describe(name, value, issue)));
    }
    // Never seen by anybody: with a problem on the list this function throws below.
    return undefined as T;
  };

  const service = mapValues(SERVICE_VARIABLES, (name, variable) =>
    read([name], variable),
  ) as ServiceOptions;
  const bySource = sources.map(({ name, envPrefix, defaults }) => {
    const options = mapValues(SOURCE_VARIABLES, (knob, variable) =>
      read([`${envPrefix}_${knob}`, `${ALL_SOURCES_PREFIX}_${knob}`], variable, defaults?.[knob]),
    );
    return [name, Object.freeze(options as SourceOptions)] as const;
  });
  const isRefused = (name: string): boolean => problems.some((line) => line.startsWith(`${name}=`));
  problems.push(...brokenConditions(service, isRefused));
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
  return Object.freeze({
    service: Object.freeze(service),
    sources: Object.freeze(Object.fromEntries(bySource)),
  });
}

function mapValues<K extends string, T>(
  table: Readonly<Record<K, Variable<unknown>>>,
  read: (name: K, variable: Variable<unknown>) => T,
): Record<K, T> {
  const entries = Object.entries(table) as [K, Variable<unknown>][];
  return Object.fromEntries(
    entries.map(([name, variable]) => [name, read(name, variable)]),
  ) as Record<K, T>;
}

function describe(name: string, value: string, issue: z.core.$ZodIssue): string {
  // What stands before an "@" or in a query may be a secret: never printed.
  const shown = value.replace(/^.*@/s, '***@').replace(/\?.*$/s, '?***').slice(0, 200);
  return `${name}=${shown} ${issue.message}`;
}
