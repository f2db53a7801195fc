import { SOURCES } from '../../src/clients/sources.ts';
import { ALL_SOURCES_PREFIX } from '../../src/config/config.ts';
import {
  SERVICE_VARIABLES,
  SOURCE_VARIABLES,
  type SourceOptions,
} from '../../src/config/env.schema.ts';
import type { Variable } from '../../src/config/variable.ts';

/** What `.env.example` and `docs/configuration.md` must say, made from the schema that checks the environment. */

const service = Object.entries<Variable<unknown>>(SERVICE_VARIABLES);
const perSource = Object.entries<Variable<unknown>>(SOURCE_VARIABLES) as [
  keyof SourceOptions,
  Variable<unknown>,
][];
const sources = SOURCES.map(({ source }) => source);

export function envExample(): string {
  const lines = [
    '# Every variable with its default; a line to uncomment is a line to change. Made from src/config/env.schema.ts.',
    '',
  ];
  for (const [name, { about, bound, default: value }] of service)
    lines.push(`# ${about} (${bound})`, `# ${name}=${value}`, '');
  for (const { envPrefix, about, defaults } of sources) {
    lines.push(`# --- ${envPrefix}: ${about}`, '');
    for (const [knob, variable] of perSource) {
      const value = defaults?.[knob] ?? variable.default;
      lines.push(`# ${variable.about} (${variable.bound})`);
      lines.push(
        value === undefined ? `${envPrefix}_${knob}=` : `# ${envPrefix}_${knob}=${value}`,
        '',
      );
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

export function configurationTables(): string {
  const rows = (
    variables: [string, Variable<unknown>][],
    shown: (name: string, value?: string) => string,
  ): string[] =>
    variables.map(
      ([name, { about, bound, default: value }]) =>
        `| \`${name}\` | ${shown(name, value)} | ${bound} | ${about} |`,
    );
  const exceptions = (knob: string): string =>
    sources
      .map(({ name, defaults }) => [name, defaults?.[knob as keyof SourceOptions]] as const)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` (${name} ${value})`)
      .join('');
  return [
    '## The service',
    '',
    '| variable | default | accepted | what it is |',
    '| --- | --- | --- | --- |',
    ...rows(service, (_name, value) => value ?? 'required'),
    '',
    '## Each source',
    '',
    `Prefixes: ${sources.map(({ envPrefix, name }) => `\`${envPrefix}_\` (${name})`).join(', ')}. The prefix \`${ALL_SOURCES_PREFIX}_\` sets all of them`,
    "at once; a source's own variable wins over it, and it wins over the defaults.",
    '',
    '| variable | default | accepted | what it is |',
    '| --- | --- | --- | --- |',
    ...rows(
      perSource.map(([knob, variable]) => [`…${knob}`, variable]),
      (name, value) => `${value ?? 'required'}${exceptions(name.slice(1))}`,
    ),
    '',
  ].join('\n');
}
