import type { Frame } from '../console.contract.ts';

/** How much of the deadline was left when the answers of a second went out. */
export class DeadlineSlack {
  private count = 0;
  private sumMs = 0;
  private leastMs = Infinity;

  add(slackMs: number): void {
    this.count += 1;
    this.sumMs += slackMs;
    if (slackMs < this.leastMs) this.leastMs = slackMs;
  }

  /** What was added since the last time. */
  take(): Frame['slackMs'] {
    const { count, sumMs, leastMs } = this;
    this.count = 0;
    this.sumMs = 0;
    this.leastMs = Infinity;
    return count === 0 ? null : { mean: rounded(sumMs / count), least: rounded(leastMs) };
  }
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
