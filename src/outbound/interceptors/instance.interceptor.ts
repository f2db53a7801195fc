import { Observable } from 'rxjs';
import { NoInstanceError } from '../../errors/errors.ts';
import type { Balancer } from '../../instances/balancer.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../outbound.interceptor.ts';

/** Picks the instance that gets the attempt, and counts it there until its socket is done. */
export class InstanceInterceptor implements OutboundInterceptor {
  private readonly balancer: Balancer;

  constructor(balancer: Balancer) {
    this.balancer = balancer;
  }

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return new Observable<Fetched<T>>((subscriber) => {
      const instance = this.balancer.pick();
      if (instance === undefined) return subscriber.error(new NoInstanceError());
      call.attempt.instance = instance;
      instance.inFlight += 1;
      subscriber.add(() => call.attempt.wire.whenFree(() => (instance.inFlight -= 1)));
      next.handle(call).subscribe(subscriber);
    });
  }
}
