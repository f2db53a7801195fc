import { EmptyError, type Observable } from 'rxjs';
import type { CallDeadline } from '../../call/call-context.ts';
import { Flight, type Passenger } from '../../coalesce/flight.ts';
import { Flights, type Question } from '../../coalesce/flights.ts';
import { Flow, layer } from '../../flow.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/**
 * Identical calls in flight at once become one: the same question, on behalf of callers who may see the same. The
 * first one's ids and headers are the ones that are sent.
 */
export class CoalesceInterceptor implements OutboundInterceptor {
  private readonly flights = new Flights<Fetched<unknown>>();

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return layer((flow) => {
      const { path, context } = call;
      const question: Question = { path, audience: context.audience };
      const passenger = new FlowPassenger(context.deadline, flow);
      // The same path of the same source has the same schema, so the same type.
      const flights = this.flights as Flights<Fetched<T>>;
      const underWay = flights.find(question);
      if (underWay?.takes(passenger) === true) {
        context.isCoalesced = true;
        context.trail = underWay.trail;
        underWay.board(passenger);
        return flow.onEnd(() => underWay.leave(passenger));
      }
      const flight = new Flight(question, passenger, context.trail, flights);
      flow.onEnd(() => flight.leave(passenger));
      takeOff(flight, call, next);
    });
  }
}

class FlowPassenger<T> implements Passenger<T> {
  readonly deadline: CallDeadline;
  private readonly flow: Flow<T>;

  constructor(deadline: CallDeadline, flow: Flow<T>) {
    this.deadline = deadline;
    this.flow = flow;
  }

  landed(value: T): void {
    this.flow.next(value);
  }

  failed(error: unknown): void {
    this.flow.error(error);
  }
}

function takeOff<T>(
  flight: Flight<Fetched<T>>,
  call: OutboundCall<T>,
  next: OutboundHandler,
): void {
  const context = { ...call.context, deadline: flight.deadline };
  const below = new FlightFlow(flight);
  flight.abort = () => below.unsubscribe();
  below.follow(layer(() => next.handle({ ...call, context })));
}

/** The flow below a flight: it ends for all who are on board. */
class FlightFlow<T> extends Flow<T> {
  private flight: Flight<T> | undefined;

  constructor(flight: Flight<T>) {
    super();
    this.flight = flight;
  }

  /** Lets go of the flight, as any subscriber does of its destination. */
  override unsubscribe(): void {
    super.unsubscribe();
    this.flight = undefined;
  }

  protected override deliver(value: T): void {
    this.flight?.landed(value);
    this.unsubscribe();
  }

  protected override fail(error: unknown): void {
    this.flight?.failed(error);
    this.unsubscribe();
  }

  protected override deliverNothing(): void {
    this.flight?.failed(new EmptyError());
    this.unsubscribe();
  }
}
