import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SOURCES } from '../../src/clients/sources.ts';
import { has } from '../support/programs.ts';
import { questions, sent } from './support/monitoring/dashboard.ts';
import { Exporter } from './support/monitoring/exporter.ts';
import { Prometheus } from './support/monitoring/prometheus.ts';
import { recordedSeries, rules } from './support/monitoring/rules.ts';

/** The real Prometheus reads two replicas that say all there is to say, and makes of it what rules and panels promise. */

const recorded = [...recordedSeries().keys()];
const isInstalled = has('prometheus', '--version');
if (!isInstalled) process.stderr.write('skipped: Prometheus is not installed\n');
const describeWithPrometheus = isInstalled ? describe : describe.skip;

describeWithPrometheus('Prometheus', () => {
  let exporters: readonly Exporter[] = [];
  let prometheus: Prometheus;

  beforeAll(async () => {
    exporters = [await Exporter.start(), await Exporter.start()];
    prometheus = await Prometheus.start(exporters.map(({ address }) => address));
    // A rate wants two scrapes, and the rules a round of evaluation after them.
    await prometheus.until('every rule has recorded something', async () => {
      const samples = await Promise.all(recorded.map((name) => prometheus.query(name)));
      const read = await prometheus.query('sum_over_time(up{job="tributary"}[1m]) >= 2');
      return samples.every(({ length }) => length > 0) && read.length === exporters.length;
    });
  }, 30_000);

  afterAll(async () => {
    for (const exporter of exporters) await exporter.stop();
    await prometheus.stop();
  });

  it('evaluates every rule, and none of them fails', async () => {
    const evaluated = await prometheus.rules();
    expect(evaluated.map(({ name }) => name).toSorted()).toEqual(
      rules.map(({ name }) => name).toSorted(),
    );
    expect(evaluated.filter(({ health }) => health !== 'ok')).toEqual([]);
  });

  it('records one number for each job, or each source of it', async () => {
    for (const name of recorded) {
      const samples = await prometheus.query(name);
      const perSource = name.startsWith('job_source:');
      expect({ name, count: samples.length }).toEqual({
        name,
        count: perSource ? SOURCES.length : 1,
      });
      for (const { metric, value } of samples) {
        expect(Object.keys(metric).toSorted()).toEqual([
          '__name__',
          'job',
          ...(perSource ? ['source'] : []),
        ]);
        expect(Number(value[1])).not.toBeNaN();
      }
    }
  });

  it('counts what the objectives are about: two of three statuses are incomplete, and nothing is late', async () => {
    const [incomplete] = await prometheus.query('job:aggregator_incomplete:ratio_rate5m');
    const [late] = await prometheus.query('job:aggregator_late:ratio_rate5m');
    expect(Number(incomplete?.value[1])).toBeCloseTo(2 / 3, 2);
    expect(Number(late?.value[1])).toBeCloseTo(0, 2);
  });

  it('has something to show in every panel', async () => {
    const empty: string[] = [];
    for (const { panel, expr } of questions)
      if ((await prometheus.query(sent(expr))).length === 0) empty.push(`${panel}: ${expr}`);
    expect(empty).toEqual([]);
  });
});
