import type { CallDeadline } from '../../call/call-context.ts';
import { Flight, type Passenger } from '../../coalesce/flight.ts';
import { Flights, Question } from '../../coalesce/flights.ts';
import { Flow, Frame } from '../../flow.ts';
import {
  enter,
  type CallFlow,
  type Fetched,
  type OutboundCall,
  type OutboundHandler,
  type OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/**
 * Identical calls in flight at once become one: the same question, on behalf of callers who may see the same. The
 * first one's ids and headers are the ones that are sent.
 */
export class CoalesceInterceptor implements OutboundInterceptor {
  private readonly flights = new Flights<Fetched<unknown>>();

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    const { path, context } = call;
    const question = new Question(path, context.audience);
    // The same path of the same source has the same schema, so the same type.
    const flights = this.flights as Flights<Fetched<T>>;
    const seat = new Seat(context.deadline, flow);
    const underWay = flights.find(question);
    if (underWay?.takes(seat) === true) {
      context.isCoalesced = true;
      context.trail = underWay.trail;
      seat.flight = underWay;
      underWay.board(seat);
      flow.onEnd(seat);
    } else {
      const flight = new Flight(question, seat, context.trail, flights);
      seat.flight = flight;
      flow.onEnd(seat);
      takeOff(flight, call, next);
    }
  }
}

/** Below a flight runs a call of its own, which ends for all who are on board. */
function takeOff<T>(
  flight: Flight<Fetched<T>>,
  call: OutboundCall<T>,
  next: OutboundHandler,
): void {
  const context = { ...call.context, deadline: flight.deadline };
  const below: CallFlow<T> = new Flow(flight);
  flight.call = below;
  enter(next, { ...call, context }, below);
}

class Seat<T> extends Frame<T> implements Passenger<T> {
  readonly deadline: CallDeadline;
  flight: Flight<T> | undefined = undefined;
  private readonly flow: Flow<T>;

  constructor(deadline: CallDeadline, flow: Flow<T>) {
    super();
    this.deadline = deadline;
    this.flow = flow;
  }

  landed(value: T): void {
    this.flow.next(value);
  }

  failed(error: unknown): void {
    this.flow.error(error);
  }

  ended(): void {
    this.flight?.leave(this);
  }
}
