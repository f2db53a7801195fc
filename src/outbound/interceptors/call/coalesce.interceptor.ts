import { EmptyError, Observable, Subscriber } from 'rxjs';
import { Flight, type Passenger } from '../../coalesce/flight.ts';
import { attempted } from '../../observe-end.ts';
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
  /**
   * By key. An object, not a Map: at some thousand comings and goings a second a Map outgrows its table again and again,
   * and V8 chains the outgrown tables together, so that all that was in them lives on until a full collection.
   */
  private readonly flights: Record<string, Flight<Fetched<unknown>> | undefined> =
    Object.create(null);

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return new Observable<Fetched<T>>((subscriber) => {
      const { path, context } = call;
      const key = `${path}\n${context.audience}`;
      const passenger = passengerOf(call, subscriber);
      // The same path of the same source has the same schema, so the same type.
      const underWay = this.flights[key] as Flight<Fetched<T>> | undefined;
      if (underWay?.takes(passenger) === true) {
        context.isCoalesced = true;
        context.trail = underWay.trail;
        underWay.board(passenger);
        return () => underWay.leave(passenger);
      }
      const flight: Flight<Fetched<T>> = new Flight(passenger, context.trail, () => {
        // A later one may have taken its place.
        if (this.flights[key] === flight) delete this.flights[key];
      });
      this.flights[key] = flight as Flight<Fetched<unknown>>;
      subscriber.add(() => flight.leave(passenger));
      takeOff(flight, call, next);
      return undefined;
    });
  }
}

const passengerOf = <T>(
  { context: { deadline } }: OutboundCall<T>,
  subscriber: Subscriber<Fetched<T>>,
): Passenger<Fetched<T>> => ({
  deadline,
  landed: (fetched) => {
    subscriber.next(fetched);
    subscriber.complete();
  },
  failed: (error) => subscriber.error(error),
});

function takeOff<T>(
  flight: Flight<Fetched<T>>,
  call: OutboundCall<T>,
  next: OutboundHandler,
): void {
  const context = { ...call.context, deadline: flight.deadline };
  const below = new FlightSubscriber(flight);
  flight.abort = () => below.unsubscribe();
  attempted(() => next.handle({ ...call, context })).subscribe(below);
}

class FlightSubscriber<T> extends Subscriber<Fetched<T>> {
  private flight: Flight<Fetched<T>> | undefined;

  constructor(flight: Flight<Fetched<T>>) {
    super();
    this.flight = flight;
  }

  /** Lets go of the flight, as any subscriber does of its destination: the connection holds on to its last request. */
  override unsubscribe(): void {
    this.flight = undefined;
    super.unsubscribe();
  }

  protected override _next(fetched: Fetched<T>): void {
    this.flight?.landed(fetched);
  }

  protected override _error(error: unknown): void {
    this.flight?.failed(error);
    this.unsubscribe();
  }

  protected override _complete(): void {
    // After a value, as almost always, everybody has been told; an error is not made for nothing.
    if (this.flight?.isOver === false) this.flight.failed(new EmptyError());
    this.unsubscribe();
  }
}
