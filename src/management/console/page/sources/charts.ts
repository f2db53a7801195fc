import { ms, rate } from '../../view/format.ts';
import { perSecond, type History } from '../../view/history.ts';
import { Chart } from '../charts/chart.ts';

/** What came of the calls to one source, and how long its answers took. */
export class SourceCharts {
  readonly calls = new Chart({
    title: 'calls/s',
    lines: [
      { label: 'fresh', colour: 'good' },
      { label: 'stale', colour: 'stale' },
      { label: 'missing', colour: 'bad' },
    ],
    isStacked: true,
    format: rate,
    atLeast: 2,
  });
  readonly latency = new Chart({
    title: 'latency',
    lines: [
      { label: 'p50', colour: 'accent' },
      { label: 'p95', colour: 'accent-2', dash: [6, 3] },
      { label: 'p99', colour: 'accent-3', dash: [2, 2] },
    ],
    format: ms,
    atLeast: 20,
  });

  show(source: string, history: History): void {
    const times = history.frames.map(({ at }) => at);
    this.calls.show(times, [
      history.ofSource(source, ({ fresh }, frame) => perSecond(fresh, frame)),
      history.ofSource(source, ({ stale }, frame) => perSecond(stale, frame)),
      history.ofSource(source, ({ missing }, frame) => perSecond(missing, frame)),
    ]);
    this.latency.show(times, [
      history.ofSource(source, ({ latencyMs }) => latencyMs?.p50 ?? null),
      history.ofSource(source, ({ latencyMs }) => latencyMs?.p95 ?? null),
      history.ofSource(source, ({ latencyMs }) => latencyMs?.p99 ?? null),
    ]);
  }
}
