import { Observable } from 'rxjs';
import type { Clock } from '../../../context/clock.ts';
import type { LoopLag } from '../../../context/loop-lag.ts';
import { AttemptTimeoutError } from '../../../errors/errors.ts';
import type { AttemptLimit } from '../../latency/attempt-limit.ts';
import type { RecentLatency } from '../../latency/recent-latency.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** A source that got less than this had no chance, whatever its usual speed. */
const LEAST_FAIR_MS = 100;

/**
 * The innermost clock: ends an attempt at its limit, or at the deadline. One that ran out is evidence against the
 * source only if it was fair: time enough for nine of ten recent answers, and a loop of our own that was listening.
 */
export class AttemptTimeoutInterceptor implements OutboundInterceptor {
  private readonly limit: AttemptLimit;
  private readonly latency: RecentLatency;
  private readonly loopLag: LoopLag;
  private readonly clock: Clock;

  constructor(limit: AttemptLimit, latency: RecentLatency, loopLag: LoopLag, clock: Clock) {
    this.limit = limit;
    this.latency = latency;
    this.loopLag = loopLag;
    this.clock = clock;
  }

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return new Observable<Fetched<T>>((subscriber) => {
      const { deadline } = call.context;
      const startedAt = this.clock.now();
      const leftMs = deadline.leftMs();
      const limitMs = this.limit.limitMs(call.attempt, leftMs);
      const expire = (): void => subscriber.error(this.timeoutError(startedAt));
      subscriber.add(limitMs >= leftMs ? deadline.onExpire(expire) : this.after(limitMs, expire));
      next.handle(call).subscribe(subscriber);
    });
  }

  private timeoutError(startedAt: number): AttemptTimeoutError {
    // What it was given is what it took: the deadline of a shared call may have moved on meanwhile.
    const tookMs = this.clock.now() - startedAt;
    const isEnough = tookMs >= Math.max(LEAST_FAIR_MS, this.latency.quantile(0.9));
    return new AttemptTimeoutError(tookMs, isEnough && !this.loopLag.wasLateSince(startedAt));
  }

  private after(delayMs: number, run: () => void): () => void {
    const timer = this.clock.setTimeout(() => this.clock.afterPoll(run), delayMs);
    return () => this.clock.clearTimeout(timer);
  }
}
