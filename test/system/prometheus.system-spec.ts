import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { has, onlyIf, ROOT, run } from '../support/programs.ts';
import { knownSeries } from './support/metric-names.ts';
import { unknownIn } from './support/monitoring/promql.ts';
import { recordedSeries, rules, RULES_DIR } from './support/monitoring/rules.ts';
import { valuesOf } from './support/yaml-lines.ts';

/** Scrapes, rules and alerts fit each other, the service and the runbook. promtool itself says whether they work. */

const DIR = `${ROOT}deploy/prometheus/`;
const inDir = (dir: string): readonly string[] => readdirSync(dir).map((file) => `${dir}${file}`);
const read = (path: string): string => readFileSync(path, 'utf8');

const alerts = rules.filter(({ kind }) => kind === 'alert');
const known = new Map([...knownSeries(), ...recordedSeries()]);
const itWithPromtool = onlyIf(has('promtool', '--version'), 'promtool is not installed');

describe('promtool', () => {
  itWithPromtool('accepts the configuration', () => {
    const check = run('promtool', ['check', 'config', `${DIR}prometheus.yml`]);
    expect(check).toMatchObject({ code: 0 });
    expect(check.stdout).toContain(`${readdirSync(RULES_DIR).length} rule files found`);
  });

  itWithPromtool('has nothing to say against the rules', () => {
    const check = run('promtool', ['check', 'rules', '--lint-fatal', ...inDir(RULES_DIR)]);
    expect(check).toMatchObject({ code: 0 });
  });

  itWithPromtool.each(readdirSync(`${DIR}tests/`))(
    'sees every alert of %s fire when it should, and not before',
    (file) => {
      expect(run('promtool', ['test', 'rules', `${DIR}tests/${file}`])).toMatchObject({ code: 0 });
    },
    60_000,
  );
});

describe('prometheus.yml', () => {
  it('reads the management port of every replica in docker-compose.yml', () => {
    const [, targets = ''] = /job_name: tributary$[^]*?targets: \[(.*)\]/m.exec(
      read(`${DIR}prometheus.yml`),
    ) ?? ['', ''];
    const replicas = read(`${ROOT}docker-compose.yml`).matchAll(/^ {2}(\S+): \*tributary$/gm);
    expect(targets).toBe([...replicas].map(([, name]) => `'${name}:9464'`).join(', '));
  });
});

describe('the rules', () => {
  it('are all read by these tests', () => {
    const lines = inDir(RULES_DIR).flatMap((file) => read(file).match(/- (record|alert):/g) ?? []);
    expect(rules).toHaveLength(lines.length);
    expect(rules.filter(({ expr }) => expr === '')).toEqual([]);
  });

  it('ask for what there is', () => {
    expect(rules.flatMap(({ expr }) => unknownIn(expr, known))).toEqual([]);
  });

  it('would be told what nobody says', () => {
    expect(unknownIn('sum by (user) (rate(aggregator_request_total[5m])) > 0.1', known)).toEqual([
      'no such series: aggregator_request_total',
      expect.stringContaining('nothing here has a label user'),
    ]);
    expect(
      unknownIn('1 - up{host="a"} / aggregator_shed_total{reason=~"heap|cpu"}', known),
    ).toEqual(['up has no label host', 'aggregator_shed_total: reason is never cpu']);
    expect(unknownIn('sum by (le) (aggregator_deadline_slack_seconds_bucket)', known)).toEqual([]);
  });
});

describe('every alert', () => {
  it.each(names())('%s is tried by promtool, also with what is almost one', (name) => {
    const tests = inDir(`${DIR}tests/`).map(read).join('\n');
    expect(tests).toMatch(new RegExp(`alertname: ${name}\\n +exp_alerts:\\n`));
    expect(tests).toContain(`alertname: ${name}, exp_alerts: [] }`);
  });

  it.each(names())('%s says how urgent it is, what it is and what to do', (name) => {
    const runbook = read(`${ROOT}docs/operations.md`);
    for (const alert of alerts.filter((other) => other.name === name)) {
      expect(alert.severity).toMatch(/^(page|ticket)$/);
      expect(alert.summary).toBeDefined();
      expect(alert.description).toBeDefined();
      expect(alert.runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
      expect(runbook).toContain(`\n#### ${name}\n`);
    }
  });

  it('has a section in the runbook, and no section is of one that is gone', () => {
    const sections = read(`${ROOT}docs/operations.md`).matchAll(/^#### (Tributary\w+)$/gm);
    expect([...sections].map(([, name]) => name).toSorted()).toEqual(names().toSorted());
  });

  it('knows the memory limit that the container has', () => {
    const [, mebibytes] =
      /> 0\.85 \* (\d+) \* 1024 \* 1024$/.exec(exprOf('TributaryMemoryHigh')) ?? [];
    const compose = /^x-tributary: [^]*?mem_limit: (\d+)m$/m.exec(
      read(`${ROOT}docker-compose.yml`),
    );
    const pod = valuesOf(read(`${ROOT}deploy/kubernetes/deployment.yaml`));
    expect(compose?.[1]).toBe(mebibytes);
    expect(pod.limits).toBe(`{ memory: ${mebibytes}Mi }`);
  });
});

function names(): readonly string[] {
  return [...new Set(alerts.map(({ name }) => name))];
}

function exprOf(name: string): string {
  return alerts.find((alert) => alert.name === name)?.expr ?? '';
}
