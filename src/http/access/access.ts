import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Logger } from 'pino';
import type { ServiceOptions } from '../../config/env.schema.ts';
import type { Clock } from '../../context/clock.ts';
import { Deadline } from '../../context/deadline.ts';
import { TimeoutHeaderSchema } from '../../dashboard/contract/dashboard.request.ts';
import { IssuerKeys } from '../auth/issuer-keys.ts';
import { requestJwks } from '../auth/jwks.request.ts';
import { TokenVerifier } from '../auth/token-verifier.ts';
import { Guard, type GuardParts, type RateLimit } from './guard.ts';
import { RateLimitHeaders } from '../limit/rate-limit.headers.ts';
import { SharedBuckets, type RedisConnection } from '../limit/shared-buckets.ts';
import { TokenBuckets } from '../limit/token-buckets.ts';

export interface AccessParts {
  readonly options: ServiceOptions;
  /** Undefined: every replica limits for itself. */
  readonly redis: RedisConnection | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly refuse: GuardParts['refuse'];
}

/** Puts the guard before the dashboards that are routed from now on. Where nothing is to be guarded there is no hook at all. */
export function guardDashboards(fastify: FastifyInstance, parts: AccessParts): void {
  const { options, logger } = parts;
  if (options.AUTH_MODE === 'none')
    logger.warn('AUTH_MODE=none: whoever reaches this service may read any dashboard');
  if (options.AUTH_MODE === 'none' && options.RATE_LIMIT_RPS === 0) return;
  const guard = new Guard({
    verifier: options.AUTH_MODE === 'jwt' ? verifierOf(fastify, parts) : undefined,
    limit: options.RATE_LIMIT_RPS > 0 ? rateLimitOf(parts) : undefined,
    leftMs: (request) => leftMs(request, parts),
    refuse: parts.refuse,
  });
  const check: Guard['check'] = (...hook) => guard.check(...hook);
  fastify.addHook('onRoute', (route: RouteOptions) => {
    if (!route.url.startsWith('/dashboard/') || !isReading(route.method)) return;
    const before = [route.onRequest ?? []].flat();
    // The HEAD route is made from the GET route, with its hooks.
    if (!before.includes(check)) route.onRequest = [...before, check];
  });
}

/** The other methods are answered without anybody's data. */
const isReading = (method: RouteOptions['method']): boolean =>
  method === 'GET' || method === 'HEAD';

function verifierOf(
  fastify: FastifyInstance,
  { options, clock, logger }: AccessParts,
): TokenVerifier {
  const closing = new AbortController();
  const keys = new IssuerKeys(
    () => requestJwks(options.JWT_JWKS_URL ?? '', closing.signal),
    clock,
    {
      keysRead: (failure) => {
        if (closing.signal.aborted) return;
        if (failure === undefined) logger.info("the keys of the tokens' issuer can be read again");
        else
          logger.warn({ cause: causeOf(failure) }, "the keys of the tokens' issuer cannot be read");
      },
    },
  );
  // So that the first request need not wait.
  void keys.refresh();
  fastify.addHook('onClose', (_fastify, done) => {
    closing.abort();
    done();
  });
  const rules = {
    issuer: options.JWT_ISSUER ?? '',
    audience: options.JWT_AUDIENCE ?? '',
    adminScope: options.JWT_ADMIN_SCOPE,
  };
  return new TokenVerifier(keys, rules, clock);
}

function rateLimitOf({ options, redis, clock }: AccessParts): RateLimit {
  const perSecond = options.RATE_LIMIT_RPS;
  const burst = options.RATE_LIMIT_BURST > 0 ? options.RATE_LIMIT_BURST : 2 * perSecond;
  const rate = { perSecond, burst };
  return {
    headers: new RateLimitHeaders(rate),
    buckets:
      redis === undefined ? new TokenBuckets(rate, clock) : new SharedBuckets(rate, redis, clock),
  };
}

/** By the same deadline as the dashboard will have; a bad one of the caller's is refused later. */
function leftMs({ arrivedAt, headers }: FastifyRequest, { options, clock }: AccessParts): number {
  const own = TimeoutHeaderSchema.safeParse(headers['x-request-timeout-ms']);
  const totalMs = Math.min(own.data ?? Infinity, options.DEADLINE_MS);
  return new Deadline(clock, arrivedAt, totalMs, options.DEADLINE_RESERVE_MS).leftMs();
}

/** A code of the system or words of our own; never an address. */
function causeOf(failure: unknown): string {
  const { name, code, message } = failure as { name?: string; code?: unknown; message?: string };
  if (name === 'AbortError' || name === 'TimeoutError') return 'timeout';
  return typeof code === 'string' ? code : (message ?? 'unknown');
}
