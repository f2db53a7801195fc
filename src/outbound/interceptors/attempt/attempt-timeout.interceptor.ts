import { Observable, type Subscriber } from 'rxjs';
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
/** A timer may run this much early. */
const TICK_MS = 1;

/**
 * The innermost clock: ends an attempt at its limit, or at the deadline. One that ran out is evidence against the
 * source only if it was fair: time enough for nine of ten recent answers, and a loop of our own that was listening.
 *
 * The limit counts as it stands when it is reached. Attempts that are under way together were all begun with what was
 * known then; the first of them to run out teaches what the source needs, and the others must not pay for it again.
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
      const startedAt = this.clock.now();
      const expire = (): void => subscriber.error(this.timeoutError(startedAt));
      // Also where the limit is nearer: the deadline of a shared call comes nearer when somebody leaves.
      subscriber.add(call.context.deadline.onExpire(expire));
      this.limitTo(call, startedAt, subscriber, expire);
      next.handle(call).subscribe(subscriber);
    });
  }

  private limitTo(
    call: OutboundCall<unknown>,
    startedAt: number,
    subscriber: Subscriber<unknown>,
    expire: () => void,
  ): void {
    const tookMs = this.clock.now() - startedAt;
    const wholeMs = tookMs + call.context.deadline.leftMs();
    const limitMs = this.limit.limitMs(call.attempt, wholeMs);
    // The deadline will end it.
    if (limitMs >= wholeMs) return;
    if (limitMs - tookMs < TICK_MS) return expire();
    const again = (): void => this.limitTo(call, startedAt, subscriber, expire);
    const timer = this.clock.setTimeout(() => this.clock.afterPoll(again), limitMs - tookMs);
    subscriber.add(() => this.clock.clearTimeout(timer));
  }

  private timeoutError(startedAt: number): AttemptTimeoutError {
    // What it was given is what it took: the deadline of a shared call may have moved on meanwhile.
    const tookMs = this.clock.now() - startedAt;
    const isEnough = tookMs >= Math.max(LEAST_FAIR_MS, this.latency.quantile(0.9));
    return new AttemptTimeoutError(tookMs, isEnough && !this.loopLag.wasLateSince(startedAt));
  }
}
