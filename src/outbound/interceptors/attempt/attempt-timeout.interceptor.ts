import type { Observable } from 'rxjs';
import type { Clock, Timer } from '../../../context/clock.ts';
import type { LoopLag } from '../../../context/loop-lag.ts';
import { AttemptTimeoutError } from '../../../errors/errors.ts';
import { layer } from '../../flow.ts';
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
    return layer((flow) => {
      const startedAt = this.clock.now();
      const { deadline } = call.context;
      let timer: Timer | undefined;
      let isOver = false;
      const over = (): void => {
        isOver = true;
        leaveDeadline();
        if (timer !== undefined) this.clock.clearTimeout(timer);
      };
      const expire = (): void => flow.failAt(over, this.timeoutError(startedAt));
      // Also where the limit is nearer: the deadline of a shared call comes nearer when somebody leaves.
      const leaveDeadline = deadline.onExpire(expire);
      const watch = (): void => {
        if (isOver) return;
        const leftMs = this.leftMs(call, this.clock.now() - startedAt);
        // The deadline will end it.
        if (leftMs >= deadline.leftMs()) return;
        if (leftMs < TICK_MS) expire();
        else timer = this.clock.setTimeout(() => this.clock.afterPoll(watch), leftMs);
      };
      flow.onEnd(over);
      watch();
      return next.handle(call);
    });
  }

  /** Until its limit as things stand now. @param tookMs so far */
  private leftMs({ attempt, context }: OutboundCall<unknown>, tookMs: number): number {
    return this.limit.limitMs(attempt, tookMs + context.deadline.leftMs()) - tookMs;
  }

  private timeoutError(startedAt: number): AttemptTimeoutError {
    // What it was given is what it took: the deadline of a shared call may have moved on meanwhile.
    const tookMs = this.clock.now() - startedAt;
    const isEnough = tookMs >= Math.max(LEAST_FAIR_MS, this.latency.quantile(0.9));
    return new AttemptTimeoutError(tookMs, isEnough && !this.loopLag.wasLateSince(startedAt));
  }
}
