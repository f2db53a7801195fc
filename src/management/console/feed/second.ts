import type { SectionEnd } from '../../../context/request/request-end.ts';
import type { AttemptKind } from '../../../outbound/call/attempt.ts';

/** What is counted of one source while a second lasts: increments only, read and put back to zero at its end. */
export class SourceSecond {
  fresh = 0;
  stale = 0;
  missing = 0;
  attempts = 0;
  retries = 0;
  hedges = 0;
  /** Attempts by address, older ones counting less and less. */
  readonly byInstance = new Map<string, number>();

  section({ status }: SectionEnd): void {
    this[status] += 1;
  }

  attempt(kind: AttemptKind, address: string | undefined): void {
    this.attempts += 1;
    if (kind === 'retry') this.retries += 1;
    if (kind === 'hedge') this.hedges += 1;
    if (address !== undefined)
      this.byInstance.set(address, (this.byInstance.get(address) ?? 0) + 1);
  }

  /** What was counted since the last time. */
  take(): Pick<SourceSecond, 'fresh' | 'stale' | 'missing' | 'attempts' | 'retries' | 'hedges'> {
    const { fresh, stale, missing, attempts, retries, hedges } = this;
    this.fresh = this.stale = this.missing = 0;
    this.attempts = this.retries = this.hedges = 0;
    this.fade();
    return { fresh, stale, missing, attempts, retries, hedges };
  }

  /** Its part of the source's attempts of the last ten seconds or so, 0–1. */
  shareOf(address: string): number {
    let total = 0;
    for (const count of this.byInstance.values()) total += count;
    return total === 0 ? 0 : (this.byInstance.get(address) ?? 0) / total;
  }

  /** Instances that left are forgotten with their last attempts. */
  private fade(): void {
    for (const [address, count] of this.byInstance) {
      if (count < FORGOTTEN) this.byInstance.delete(address);
      else this.byInstance.set(address, count * KEPT);
    }
  }
}

/** Of a count, from one second to the next. */
const KEPT = 0.9;
const FORGOTTEN = 0.05;
