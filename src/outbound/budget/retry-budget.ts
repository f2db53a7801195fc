/**
 * What a source may be asked beyond the first attempts of its calls. Every first attempt pays in a share, every extra
 * one costs a whole token: in the long run retries and hedges together are a tenth of the first attempts, and hedges
 * alone a twentieth. A source that fails everything therefore gets 1.1 × its usual load, not twice.
 */

/** Counted in twentieths of a token, so that the sums stay exact. */
const TOKEN = 20;
const RETRY_SHARE = TOKEN / 10;
const HEDGE_SHARE = TOKEN / 20;
const START = 10 * TOKEN;
const MOST = 100 * TOKEN;
/** Hedges have no reserve to start with, and save up for a short burst only. */
const MOST_HEDGES = 10 * TOKEN;

export class RetryBudget {
  private tokens = START;
  private hedges = 0;

  /** Tokens for extra attempts of any kind, 0–100. */
  get balance(): number {
    return this.tokens / TOKEN;
  }

  /** A first attempt was sent. */
  deposit(): void {
    this.tokens = Math.min(MOST, this.tokens + RETRY_SHARE);
    this.hedges = Math.min(MOST_HEDGES, this.hedges + HEDGE_SHARE);
  }

  /** Whether `withdraw` would succeed. */
  affords(kind: 'retry' | 'hedge'): boolean {
    return this.tokens >= TOKEN && (kind === 'retry' || this.hedges >= TOKEN);
  }

  /** Takes the token of one extra attempt; false, and nothing taken, when there is none. */
  withdraw(kind: 'retry' | 'hedge'): boolean {
    if (!this.affords(kind)) return false;
    this.tokens -= TOKEN;
    if (kind === 'hedge') this.hedges -= TOKEN;
    return true;
  }
}
