import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../../context/clock.ts';
import { TokenBuckets, type Allowance, type Rate } from './token-buckets.ts';

/** The connection of `redis/`: what is read of it here; the limiter uses it whole. */
export interface RedisConnection {
  /** `ready` when a command can be sent. */
  readonly status: string;
}

/** What Redis may add to a request. */
const PATIENCE_MS = 5;

/** After a failure Redis is left alone for so long, so that a slow one costs the patience once, not every request. */
const PAUSE_MS = 1_000;

/** One of the limiter's own scripts would count in fixed windows: twice the rate where two of them meet. */
const script = ({ perSecond, burst }: Rate): string => `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local gap = ${1000 / perSecond}
  local full_at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0)) + gap
  local spare = now + ${burst} * gap - full_at
  if spare < -0.001 then return {${burst + 1}, math.ceil(-spare)} end
  redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX', math.ceil(full_at - now))
  return {${burst} - math.floor((spare + 0.001) / gap), math.ceil(full_at - now)}`;

/**
 * The buckets of all replicas, in Redis and by its clock. While Redis is away or slow each replica has its own: the
 * limit is then less exact, and nobody waits or is refused for it.
 */
export class SharedBuckets {
  private readonly redis: RedisConnection;
  private readonly clock: Clock;
  private readonly own: TokenBuckets;
  private readonly limiter: RateLimiterRedis;
  private pausedUntil = -Infinity;

  constructor(rate: Rate, redis: RedisConnection, clock: Clock) {
    this.redis = redis;
    this.clock = clock;
    this.own = new TokenBuckets(rate, clock);
    this.limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: 'tributary:rate',
      points: rate.burst,
      duration: Math.ceil(rate.burst / rate.perSecond),
      customIncrTtlLuaScript: script(rate),
    });
  }

  /** @param key of the caller; hashed */
  take(key: string): Allowance | Promise<Allowance> {
    if (this.redis.status !== 'ready' || this.clock.now() < this.pausedUntil)
      return this.own.take(key);
    return this.shared(key);
  }

  private shared(key: string): Promise<Allowance> {
    return new Promise((resolve) => {
      let isAnswered = false;
      const giveUp = (): void => {
        if (isAnswered) return;
        isAnswered = true;
        this.pausedUntil = this.clock.now() + PAUSE_MS;
        resolve(this.own.take(key));
      };
      // An answer that came while our own loop was late is used.
      const timer = this.clock.setTimeout(() => this.clock.afterPoll(giveUp), PATIENCE_MS);
      // The limiter rejects with what is refused as well as with what went wrong.
      const settle = (answer: unknown): void => {
        this.clock.clearTimeout(timer);
        if (!(answer instanceof RateLimiterRes)) return giveUp();
        isAnswered = true;
        resolve(this.allowanceOf(answer));
      };
      this.limiter.consume(key).then(settle, settle);
    });
  }

  private allowanceOf({ consumedPoints, msBeforeNext }: RateLimiterRes): Allowance {
    const remaining = this.limiter.points - consumedPoints;
    return { isGranted: remaining >= 0, remaining: Math.max(0, remaining), waitMs: msBeforeNext };
  }
}
