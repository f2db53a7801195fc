import type { Allowance, Rate } from './token-buckets.ts';

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers, structured fields): how many requests are
 * granted in how many seconds, how many are left, and in how many seconds there are more.
 */
export class RateLimitHeaders {
  private readonly policy: string;

  constructor({ perSecond, burst }: Rate) {
    this.policy = `"caller";q=${burst};w=${Math.ceil(burst / perSecond)}`;
  }

  of({ remaining, waitMs }: Allowance): Record<string, string> {
    return {
      'ratelimit-policy': this.policy,
      ratelimit: `"caller";r=${remaining};t=${Math.max(1, Math.ceil(waitMs / 1000))}`,
    };
  }
}
