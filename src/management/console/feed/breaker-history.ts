import type { BreakerChange, BreakerFrame, BreakerState } from '../console.contract.ts';

/** Under a storm of changes the page needs no more of one second. */
const MOST_A_SECOND = 20;

/** What a source's breaker did within a second, and since when it is not closed. */
export class BreakerHistory {
  private changes: BreakerChange[] = [];
  private troubledSince: number | undefined;

  /** @param at in ms since 1970 */
  changed(to: BreakerState, from: BreakerState, at: number): void {
    if (to === 'closed') this.troubledSince = undefined;
    else if (from === 'closed') this.troubledSince = at;
    if (this.changes.length < MOST_A_SECOND) this.changes.push({ at, to });
  }

  /** What came since the last time. @param now in ms since 1970 */
  take(now: number): Pick<BreakerFrame, 'troubledForMs' | 'changes'> {
    const { changes, troubledSince } = this;
    if (changes.length > 0) this.changes = [];
    return { changes, troubledForMs: troubledSince === undefined ? null : now - troubledSince };
  }
}
