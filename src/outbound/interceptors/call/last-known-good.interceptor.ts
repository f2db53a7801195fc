import { Observable, Subscriber } from 'rxjs';
import type { Clock } from '../../../context/clock.ts';
import { consequenceOf } from '../../failure-policy.ts';
import type { LastKnownGood, Remembered } from '../../last-known-good/last-known-good.ts';
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
    return new Observable<Fetched<T>>((subscriber) => {
      const fresh = this.memory.fresh(call);
      if (fresh !== undefined) {
        call.context.cache = 'hit';
        subscriber.next({ value: fresh.value, remembered: { ageMs: fresh.ageMs } });
        return subscriber.complete();
      }
      if (this.memory.isShared && !this.memory.has(call)) this.readAhead(call, subscriber);
      next.handle(call).subscribe(new RecallSubscriber(subscriber, call, this.memory));
    });
  }

  /** At the deadline there is no time left to ask the other replicas: they are asked a little before it. */
  private readAhead(call: OutboundCall<unknown>, subscriber: Subscriber<unknown>): void {
    const timer = this.clock.setTimeout(
      () => void this.memory.recallShared(call),
      Math.max(0, call.context.deadline.leftMs() - AHEAD_MS),
    );
    subscriber.add(() => this.clock.clearTimeout(timer));
  }
}

/** A subscriber of its own instead of operators: rxjs would make several objects more for every call. */
class RecallSubscriber<T> extends Subscriber<Fetched<T>> {
  private readonly downstream: Subscriber<Fetched<T>>;
  private readonly call: OutboundCall<T>;
  private readonly memory: LastKnownGood;

  constructor(downstream: Subscriber<Fetched<T>>, call: OutboundCall<T>, memory: LastKnownGood) {
    super(downstream);
    this.downstream = downstream;
    this.call = call;
    this.memory = memory;
  }

  protected override _next(fetched: Fetched<T>): void {
    // First things first: remembering is on nobody's way.
    super._next(fetched);
    if (fetched.body !== undefined) this.memory.remember(this.call, fetched.body);
  }

  protected override _error(error: unknown): void {
    const { recall } = consequenceOf(error);
    if (recall === 'erase') this.memory.forget(this.call);
    if (recall !== 'serve') return super._error(error);
    const remembered = this.memory.stale(this.call);
    if (remembered !== undefined) return this.serve(remembered, error);
    if (this.memory.isShared && this.call.context.deadline.leftMs() > 0)
      void this.askReplicas(error);
    else super._error(error);
  }

  /** Whichever comes first: what they know, or the deadline. */
  private async askReplicas(error: unknown): Promise<void> {
    this.add(this.call.context.deadline.onExpire(() => this.settle(error)));
    await this.memory.recallShared(this.call);
    this.settle(error);
  }

  private settle(error: unknown): void {
    if (this.closed) return;
    const remembered = this.memory.stale(this.call);
    if (remembered === undefined) super._error(error);
    else this.serve(remembered, error);
  }

  private serve({ value, ageMs }: Remembered<T>, error: unknown): void {
    const { reason } = consequenceOf(error);
    this.call.context.cache = 'stale';
    this.downstream.next({ value, remembered: { ageMs, reason } });
    this.downstream.complete();
    this.unsubscribe();
  }
}
