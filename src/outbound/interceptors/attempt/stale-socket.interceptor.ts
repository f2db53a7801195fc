import type { Observable } from 'rxjs';
import { StaleSocketError } from '../../../errors/errors.ts';
import { Attempt } from '../../call/attempt.ts';
import { layer } from '../../flow.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/**
 * A source may close an idle connection in the moment we send on it. That says nothing about the source, and it has
 * seen no request: once, it goes out again over a new connection, under the same permit and the same pass of the
 * breaker, and to another instance where there is one, as the one that closes its connections may be about to leave.
 */
export class StaleSocketInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return layer((flow) => {
      flow.onEnd((end) =>
        end.kind === 'error' && end.error instanceof StaleSocketError
          ? next.handle(onceMore(call))
          : undefined,
      );
      return next.handle(call);
    });
  }
}

function onceMore<T>(call: OutboundCall<T>): OutboundCall<T> {
  const { wire, isLast } = call.attempt;
  const attempt = new Attempt('retry', wire);
  attempt.isLast = isLast;
  attempt.onNewConnection = true;
  return { ...call, attempt };
}
