import type { Bulkhead, Place } from '../../bulkhead/bulkhead.ts';
import { Frame } from '../../flow.ts';
import type { Wire } from '../../../transport/wire.ts';
import {
  enter,
  type CallFlow,
  type Fetched,
  type OutboundCall,
  type OutboundHandler,
  type OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** One permit an attempt, from before its first byte until its socket is done with it. */
export class BulkheadInterceptor implements OutboundInterceptor {
  private readonly bulkhead: Bulkhead;

  constructor(bulkhead: Bulkhead) {
    this.bulkhead = bulkhead;
  }

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    const permit = new Permit<T>(this.bulkhead, call.attempt.wire);
    const place = this.bulkhead.tryEnter();
    if (place === undefined) return this.standInLine(permit, call, flow, next);
    permit.place = place;
    flow.onEnd(permit);
    next.handle(call, flow);
  }

  private standInLine<T>(
    permit: Permit<T>,
    call: OutboundCall<T>,
    flow: CallFlow<T>,
    next: OutboundHandler,
  ): void {
    const { trail, deadline } = call.context;
    flow.onEnd(permit);
    permit.place = this.bulkhead.enter(deadline, {
      granted: (waitedMs) => {
        trail.queuedMs += waitedMs;
        // A bug below must not cost a permit.
        enter(next, call, flow);
      },
      refused: (error, waitedMs) => {
        trail.queuedMs += waitedMs;
        flow.failAt(permit, error);
      },
    });
  }
}

class Permit<T> extends Frame<Fetched<T>> {
  /** Undefined until it has one. */
  place: Place | undefined = undefined;
  private readonly bulkhead: Bulkhead;
  private readonly wire: Wire;

  constructor(bulkhead: Bulkhead, wire: Wire) {
    super();
    this.bulkhead = bulkhead;
    this.wire = wire;
  }

  ended(): void {
    const { bulkhead, place } = this;
    if (place !== undefined) this.wire.whenFree(() => bulkhead.leave(place));
  }
}
