import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { has, onlyIf, ROOT, run } from '../support/programs.ts';
import { dashboard, questions, sent, type Place } from './support/monitoring/dashboard.ts';
import { knownSeries, METRICS } from './support/metric-names.ts';
import { selectorsOf, unknownIn } from './support/monitoring/promql.ts';
import { recordedSeries } from './support/monitoring/rules.ts';
import { valueOf } from './support/yaml-lines.ts';

/** The dashboard is one that Grafana can show, and it asks for what the service and the rules say. */

const known = new Map([...knownSeries(), ...recordedSeries()]);
const shown = dashboard.panels.filter(({ type }) => type !== 'row');
const itWithPromtool = onlyIf(has('promtool', '--version'), 'promtool is not installed');

describe('the panels', () => {
  it('have an id each, and a title', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const titles = dashboard.panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('lie beside each other', () => {
    const places = dashboard.panels.map(({ gridPos }) => gridPos);
    expect(places.filter(({ x, w }) => x < 0 || w < 1 || x + w > 24)).toEqual([]);
    const pairs = places.flatMap((one, at) => places.slice(at + 1).map((other) => [one, other]));
    expect(pairs.filter(([one, other]) => one && other && overlap(one, other))).toEqual([]);
  });

  it('say what they show, in which unit, of the chosen Prometheus', () => {
    for (const { title, description, datasource, fieldConfig, type } of shown) {
      const hasUnit =
        fieldConfig?.defaults.unit !== undefined || type in { heatmap: 1, 'state-timeline': 1 };
      expect({
        title,
        isDescribed: description !== undefined,
        hasUnit,
        uid: datasource?.uid,
      }).toEqual({
        title,
        isDescribed: true,
        hasUnit: true,
        uid: '${datasource}',
      });
    }
  });
});

describe('what they ask', () => {
  it('is there', () => {
    const asked = [
      ...questions.map(({ expr }) => expr),
      ...dashboard.annotations.list.map(({ expr }) => expr),
    ];
    expect(asked.flatMap((expr) => unknownIn(expr, known))).toEqual([]);
  });

  it('has the labels by which they name it', () => {
    for (const { panel, expr, legend } of questions) {
      const there = selectorsOf(expr).flatMap(({ name }) => [...(known.get(name)?.keys() ?? [])]);
      const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect({ panel, missing: named.filter((label) => !there.includes(label)) }).toEqual({
        panel,
        missing: [],
      });
    }
  });

  it('is every metric of the service', () => {
    const asked = new Set(
      questions.flatMap(({ expr }) => selectorsOf(expr).map(({ name }) => name)),
    );
    const isShown = (metric: string): boolean =>
      [metric, `${metric}_bucket`].some((name) => asked.has(name));
    expect(Object.keys(METRICS).filter((metric) => !isShown(metric))).toEqual([]);
  });

  it('uses only variables that are there, which ask for what is there', () => {
    const variables = dashboard.templating.list;
    const used = JSON.stringify(dashboard).matchAll(/\$\{?(?!__)(\w+)/g);
    const names = new Set([...used].map(([, name]) => name));
    expect([...names].toSorted()).toEqual(variables.map(({ name }) => name).toSorted());
    for (const { definition } of variables) {
      if (definition === undefined) continue;
      const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? [];
      expect(known.get(metric)?.has(label)).toBe(true);
    }
  });

  itWithPromtool('is PromQL, as Prometheus reads it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'tributary-panels-'));
    try {
      const lines = questions.map(
        ({ expr }, at) =>
          `      - { record: 'panel:${at}', expr: ${JSON.stringify(sent(expr))} }\n`,
      );
      const file = join(dir, 'panels.rules.yml');
      writeFileSync(file, `groups:\n  - name: panels\n    rules:\n${lines.join('')}`);
      const check = run('promtool', ['check', 'rules', '--lint=none', file]);
      expect(check).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`${questions.length} rules found`),
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('the provisioning', () => {
  const compose = read('docker-compose.yml');
  const datasource = read('deploy/grafana/provisioning/datasources/prometheus.yml');
  const provider = read('deploy/grafana/provisioning/dashboards/tributary.yml');

  it('finds Prometheus under its name in docker-compose.yml', () => {
    expect(valueOf(datasource, 'url')).toBe('http://prometheus:9090');
    expect(compose).toMatch(/^ {2}prometheus:$/m);
  });

  it('knows how often Prometheus scrapes', () => {
    const scrape = valueOf(read('deploy/prometheus/prometheus.yml'), 'scrape_interval');
    expect(datasource).toContain(`timeInterval: ${scrape},`);
  });

  it('finds the dashboard where it is mounted, and opens with it', () => {
    const [, path] = /options: \{ path: (\S+) \}/.exec(provider) ?? [];
    expect(compose).toContain(`./deploy/grafana/dashboards:${path}:ro`);
    expect(valueOf(compose, 'GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH')).toBe(
      `${path}/${dashboard.uid}.json`,
    );
  });
});

function read(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}

function overlap(one: Place, other: Place): boolean {
  return (
    one.x < other.x + other.w &&
    other.x < one.x + one.w &&
    one.y < other.y + other.h &&
    other.y < one.y + one.h
  );
}
