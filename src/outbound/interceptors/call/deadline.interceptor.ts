import type { Observable } from 'rxjs';
import { DeadlineExceededError, ShedError, TooLateError } from '../../../errors/errors.ts';
import { LEAST_USEFUL_MS } from '../../call/least-useful.ts';
import { layer } from '../../flow.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** Bounds everything below by the request's deadline, and does not begin what cannot end in time or is shed. */
export class DeadlineInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return layer((flow) => {
      const { deadline, isShed } = call.context;
      if (isShed) throw new ShedError();
      if (deadline.leftMs() < LEAST_USEFUL_MS) throw new TooLateError();
      // Registered before anything below is, so that it hears of the expiry last.
      const leave = deadline.onExpire(() => flow.failAt(leave, new DeadlineExceededError()));
      flow.onEnd(leave);
      return next.handle(call);
    });
  }
}
