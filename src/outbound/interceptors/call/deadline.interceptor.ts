import { Observable } from 'rxjs';
import { DeadlineExceededError, ShedError, TooLateError } from '../../../errors/errors.ts';
import { LEAST_USEFUL_MS } from '../../call/least-useful.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** Bounds everything below by the request's deadline, and does not begin what cannot end in time or is shed. */
export class DeadlineInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return new Observable<Fetched<T>>((subscriber) => {
      const { deadline, isShed } = call.context;
      if (isShed) return subscriber.error(new ShedError());
      if (deadline.leftMs() < LEAST_USEFUL_MS) return subscriber.error(new TooLateError());
      // Registered before anything below is, so that it hears of the expiry last.
      subscriber.add(deadline.onExpire(() => subscriber.error(new DeadlineExceededError())));
      next.handle(call).subscribe(subscriber);
    });
  }
}
