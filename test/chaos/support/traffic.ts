import type { TestService } from '../../support/service.ts';
import type { Exchange } from './judge/exchange.ts';
import type { Lateness } from './lateness.ts';
import type { PlannedRequest } from './schedule.ts';

/** Carries plans out: everything at its time, and every request with an id of its own. */

/** Runs each at its time; one timer at a time. Resolves when the last one has been run. */
export async function inTime<T extends { readonly atMs: number }>(
  plans: readonly T[],
  run: (plan: T) => void,
): Promise<void> {
  const startedAt = performance.now();
  for (const plan of plans) {
    const waitMs = startedAt + plan.atMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    run(plan);
  }
}

/** What a caller met: an answer, or that it was gone before there was one, or that there was none for somebody who waited. */
export type Met = Exchange | 'hung up' | Error;

export async function ask(
  service: TestService,
  planned: PlannedRequest,
  requestId: string,
  lateness: Lateness,
): Promise<Met> {
  const { timeoutMs, hangsUpAfterMs } = planned;
  const caller = new AbortController();
  const hangUp =
    hangsUpAfterMs === undefined ? undefined : setTimeout(() => caller.abort(), hangsUpAfterMs);
  const sentAt = Date.now();
  const lateBeforeMs = lateness.soFarMs();
  try {
    const response = await service.request(pathOf(planned), {
      headers: {
        'x-request-id': requestId,
        ...(timeoutMs !== undefined && { 'x-request-timeout-ms': timeoutMs }),
      },
      ...(hangUp !== undefined && { signal: caller.signal }),
    });
    const lateMs = lateness.soFarMs() - lateBeforeMs;
    return { planned, requestId, sentAt, receivedAt: Date.now(), lateMs, response };
  } catch (error) {
    return caller.signal.aborted ? 'hung up' : new Error(`${requestId}: ${String(error)}`);
  } finally {
    clearTimeout(hangUp);
  }
}

export function pathOf({ userId, include, require }: PlannedRequest): string {
  const query = new URLSearchParams();
  if (include !== undefined) query.set('include', include.join(','));
  if (require.length > 0) query.set('require', require.join(','));
  return `/dashboard/${encodeURIComponent(userId)}${query.size > 0 ? `?${query}` : ''}`;
}
