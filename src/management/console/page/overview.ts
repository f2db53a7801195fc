import type { Facts, Requests } from '../console.contract.ts';
import { grouped, ms, rate } from '../view/format.ts';
import { perSecond, type History } from '../view/history.ts';
import { Chart } from './charts/chart.ts';

/** The service as a whole: its answers, the time it had left, whom it turned away, and its own health. */
export class Overview {
  readonly charts: readonly Chart[];
  private readonly answers = new Chart({
    title: 'answers/s',
    lines: [
      { label: 'complete', colour: 'good' },
      { label: 'partial', colour: 'stale' },
      { label: 'failed', colour: 'bad' },
    ],
    isStacked: true,
    format: rate,
    atLeast: 2,
  });
  private readonly slack: Chart;
  private readonly door = new Chart({
    title: 'at the door',
    lines: [
      { label: 'in flight', colour: 'accent' },
      { label: 'shed/s', colour: 'bad', dash: [4, 2] },
    ],
    format: grouped,
    atLeast: 10,
  });
  private readonly loop = new Chart({
    title: 'event loop',
    lines: [{ label: 'delay', colour: 'accent' }],
    format: ms,
    atLeast: 20,
  });

  constructor({ deadlineMs }: Facts) {
    this.slack = new Chart({
      title: 'deadline slack',
      lines: [
        { label: 'mean', colour: 'accent' },
        { label: 'least', colour: 'accent-2', dash: [6, 3] },
      ],
      format: ms,
      atLeast: deadlineMs,
    });
    this.charts = [this.answers, this.slack, this.door, this.loop];
  }

  show(history: History): void {
    const times = history.frames.map(({ at }) => at);
    const requests = (name: keyof Requests) =>
      history.column((frame) => perSecond(frame.requests[name], frame));
    this.answers.show(times, [
      requests('success'),
      requests('partial_success'),
      requests('failure'),
    ]);
    this.slack.show(times, [
      history.column(({ slackMs }) => slackMs?.mean ?? null),
      history.column(({ slackMs }) => slackMs?.least ?? null),
    ]);
    this.door.show(times, [history.column(({ inFlight }) => inFlight), requests('shed')]);
    this.loop.show(times, [history.column(({ loopDelayMs }) => loopDelayMs)]);
  }
}
