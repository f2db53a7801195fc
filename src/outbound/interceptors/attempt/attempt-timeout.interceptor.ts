import { Observable } from 'rxjs';
import type { Clock } from '../../../context/clock.ts';
import type { LoopLag } from '../../../context/loop-lag.ts';
import { AttemptTimeoutError } from '../../../errors/errors.ts';
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
 * The innermost clock. An attempt may take the configured time, or all that is left of the deadline. One that ran out
 * is evidence against the source only if it was fair: time enough for nine of ten recent answers, and a loop of our
 * own that was listening.
 */
export class AttemptTimeoutInterceptor implements OutboundInterceptor {
  /** 0: all that is left. */
  private readonly timeoutMs: number;
  private readonly latency: RecentLatency;
  private readonly loopLag: LoopLag;
  private readonly clock: Clock;

  constructor(timeoutMs: number, latency: RecentLatency, loopLag: LoopLag, clock: Clock) {
    this.timeoutMs = timeoutMs;
    this.latency = latency;
    this.loopLag = loopLag;
    this.clock = clock;
  }

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return new Observable<Fetched<T>>((subscriber) => {
      const startedAt = this.clock.now();
      const leftMs = call.context.deadline.leftMs();
      const runsToDeadline = this.timeoutMs === 0 || this.timeoutMs >= leftMs;
      const budgetMs = runsToDeadline ? leftMs : this.timeoutMs;
      const expire = (): void => subscriber.error(this.timeoutError(startedAt, budgetMs));
      subscriber.add(
        runsToDeadline ? call.context.deadline.onExpire(expire) : this.after(budgetMs, expire),
      );
      next.handle(call).subscribe(subscriber);
    });
  }

  private timeoutError(startedAt: number, budgetMs: number): AttemptTimeoutError {
    const enough = budgetMs >= Math.max(LEAST_FAIR_MS, this.latency.quantile(0.9));
    return new AttemptTimeoutError(budgetMs, enough && !this.loopLag.wasLateSince(startedAt));
  }

  private after(delayMs: number, run: () => void): () => void {
    const timer = this.clock.setTimeout(() => this.clock.afterPoll(run), delayMs);
    return () => this.clock.clearTimeout(timer);
  }
}
