import { catchError, throwError, type Observable } from 'rxjs';
import { StaleSocketError } from '../../errors/errors.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../outbound.interceptor.ts';

/**
 * A source may close an idle connection in the moment we send on it. That says nothing about the source, and it has
 * seen no request: once, the attempt goes out again over a new connection, to the same instance, under the same permit
 * and the same clock.
 */
export class StaleSocketInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return next.handle(call).pipe(
      catchError((error: unknown) => {
        if (!(error instanceof StaleSocketError) || call.attempt.onNewConnection)
          return throwError(() => error);
        call.attempt.onNewConnection = true;
        return next.handle(call);
      }),
    );
  }
}
