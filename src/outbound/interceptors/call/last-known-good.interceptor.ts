import { of, type Observable } from 'rxjs';
import type { Clock } from '../../../context/clock.ts';
import { consequenceOf } from '../../failure-policy.ts';
import { layer, type Flow } from '../../flow.ts';
import type { LastKnownGood } from '../../last-known-good/last-known-good.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** How long before the deadline the other replicas are asked: for Redis, and for a loop that is late. */
export const AHEAD_MS = 50;

/**
 * Remembers good answers, and gives one for an answer that does not come, or without asking while it is fresh enough.
 * It never waits before it asks, and after a failure for a few ms at most.
 */
export class LastKnownGoodInterceptor implements OutboundInterceptor {
  private readonly memory: LastKnownGood;
  private readonly clock: Clock;

  constructor(memory: LastKnownGood, clock: Clock) {
    this.memory = memory;
    this.clock = clock;
  }

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return layer((flow) => {
      const fresh = this.memory.fresh(call);
      if (fresh !== undefined) {
        call.context.cache = 'hit';
        return of({ value: fresh.value, remembered: { ageMs: fresh.ageMs } });
      }
      if (this.memory.isShared && !this.memory.has(call)) this.readAhead(call, flow);
      flow.onEnd((end) => {
        if (end.kind === 'error') return this.instead(call, end.error);
        if (end.kind === 'value' && end.value.body !== undefined)
          this.memory.remember(call, end.value.body);
        return undefined;
      });
      return next.handle(call);
    });
  }

  /** At the deadline there is no time left to ask the other replicas: they are asked a little before it. */
  private readAhead<T>(call: OutboundCall<T>, flow: Flow<Fetched<T>>): void {
    const timer = this.clock.setTimeout(
      () => void this.memory.recallShared(call),
      Math.max(0, call.context.deadline.leftMs() - AHEAD_MS),
    );
    flow.onEnd(() => this.clock.clearTimeout(timer));
  }

  /** What the call goes on with after an error; undefined: with the error. */
  private instead<T>(call: OutboundCall<T>, error: unknown): Observable<Fetched<T>> | undefined {
    const { recall } = consequenceOf(error);
    if (recall === 'erase') this.memory.forget(call);
    if (recall !== 'serve') return undefined;
    const remembered = this.remembered(call, error);
    if (remembered !== undefined) return of(remembered);
    if (!this.memory.isShared || call.context.deadline.leftMs() <= 0) return undefined;
    return this.fromReplicas(call, error);
  }

  /** Whichever comes first: what they know, or the deadline. */
  private fromReplicas<T>(call: OutboundCall<T>, error: unknown): Observable<Fetched<T>> {
    return layer((flow) => {
      let isOver = false;
      const settle = (): void => {
        if (isOver) return;
        const remembered = this.remembered(call, error);
        if (remembered === undefined) flow.failAt(over, error);
        else flow.next(remembered);
      };
      const leaveDeadline = call.context.deadline.onExpire(settle);
      const over = (): void => {
        isOver = true;
        leaveDeadline();
      };
      flow.onEnd(over);
      void this.memory.recallShared(call).then(settle);
    });
  }

  private remembered<T>(call: OutboundCall<T>, error: unknown): Fetched<T> | undefined {
    const remembered = this.memory.stale(call);
    if (remembered === undefined) return undefined;
    call.context.cache = 'stale';
    const { value, ageMs } = remembered;
    return { value, remembered: { ageMs, reason: consequenceOf(error).reason } };
  }
}
