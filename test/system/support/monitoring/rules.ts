import { readdirSync, readFileSync } from 'node:fs';
import { ROOT } from '../../../support/programs.ts';
import type { Labels } from '../metric-names.ts';
import { groupedBy } from './promql.ts';
import { under, valueOf } from '../yaml-lines.ts';

/** The rules for Prometheus, read by their lines. */

export const RULES_DIR = `${ROOT}deploy/prometheus/rules/`;

export interface Rule {
  readonly kind: 'record' | 'alert';
  readonly name: string;
  readonly expr: string;
  readonly severity: string | undefined;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly runbook: string | undefined;
}

export const rules: readonly Rule[] = readdirSync(RULES_DIR).flatMap((file) => {
  const yaml = readFileSync(`${RULES_DIR}${file}`, 'utf8').replaceAll(/^ *#.*\n/gm, '');
  const parts = yaml.split(/^ {6}- (record|alert): (\S+)$/m).slice(1);
  return parts.flatMap((kind, at) =>
    at % 3 === 0 ? [ruleOf(kind as Rule['kind'], parts[at + 1] ?? '', parts[at + 2] ?? '')] : [],
  );
});

/** What the recording rules make, by name. `job_source:…` says its labels itself: job and source. */
export function recordedSeries(): ReadonlyMap<string, Labels> {
  const records = rules.filter(({ kind }) => kind === 'record');
  return new Map(
    records.map(({ name, expr }) => {
      const [level = ''] = name.split(':');
      const isSaid = level.split('_').every((label) => groupedBy(expr).includes(label));
      if (!isSaid) throw new Error(`${name} is not grouped by what its name says`);
      return [name, new Map(level.split('_').map((label) => [label, []]))];
    }),
  );
}

function ruleOf(kind: Rule['kind'], name: string, yaml: string): Rule {
  const folded = under(yaml.replace(/expr: >-$/m, 'expr:'), 'expr');
  return {
    kind,
    name,
    expr: folded === '' ? (valueOf(yaml, 'expr') ?? '') : folded.replaceAll(/\s+/g, ' ').trim(),
    severity: /severity: (\w+)/.exec(yaml)?.[1],
    summary: valueOf(yaml, 'summary'),
    description: valueOf(yaml, 'description'),
    runbook: valueOf(yaml, 'runbook_url'),
  };
}
