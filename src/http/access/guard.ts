import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../context/request/request-context.ts';
import { ForbiddenError, KeysUnavailableError, RateLimitedError } from './access.errors.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { TokenVerifier, Verdict } from '../auth/token-verifier.ts';
import { addressKey } from '../limit/address-key.ts';
import type { RateLimitHeaders } from '../limit/rate-limit.headers.ts';
import type { Allowance } from '../limit/token-buckets.ts';

export interface RateLimit {
  readonly buckets: { take(key: string): Allowance | Promise<Allowance> };
  readonly headers: RateLimitHeaders;
}

export interface GuardParts {
  /** Undefined where no token is asked for. */
  readonly verifier: TokenVerifier | undefined;
  /** Undefined where nobody is limited. */
  readonly limit: RateLimit | undefined;
  /** How long a request may still wait for anything, in ms. */
  readonly leftMs: (request: FastifyRequest) => number;
  readonly refuse: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;
}

type Passed = () => void;

/**
 * Who may ask, and how often: who it is → the caller's bucket → what this caller may see. All of it comes before the
 * request itself is looked at, and a bad token is paid for by the address that sent it. What is known already is
 * decided at once, without a promise.
 */
export class Guard {
  private readonly parts: GuardParts;

  constructor(parts: GuardParts) {
    this.parts = parts;
  }

  /** A Fastify hook: calls `passed`, or answers. */
  check(request: FastifyRequest, reply: FastifyReply, passed: Passed): void {
    const verdict = this.verdictOn(request);
    if (verdict instanceof Promise)
      void this.resume(verdict, request, reply, (known) =>
        this.limit(known, request, reply, passed),
      );
    else this.limit(verdict, request, reply, passed);
  }

  private verdictOn(request: FastifyRequest): Verdict | Promise<Verdict> | undefined {
    const { verifier, leftMs } = this.parts;
    if (verifier === undefined) return undefined;
    const token = bearerOf(request.raw);
    return typeof token === 'string' ? verifier.verify(token, () => leftMs(request)) : token;
  }

  private limit(
    verdict: Verdict | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
    passed: Passed,
  ): void {
    const { limit, refuse } = this.parts;
    if (limit === undefined || verdict instanceof KeysUnavailableError)
      return this.decide(verdict, request, reply, passed);
    const decide = (allowance: Allowance): void => {
      reply.headers(limit.headers.of(allowance));
      if (allowance.isGranted) this.decide(verdict, request, reply, passed);
      else refuse(new RateLimitedError(allowance.waitMs), request, reply);
    };
    const key = isCaller(verdict) ? verdict.key : addressKey(request.ip);
    const allowance = limit.buckets.take(key);
    if (allowance instanceof Promise) void this.resume(allowance, request, reply, decide);
    else decide(allowance);
  }

  private decide(
    verdict: Verdict | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
    passed: Passed,
  ): void {
    if (verdict === undefined) return passed();
    if (!isCaller(verdict)) return this.parts.refuse(verdict, request, reply);
    const { user_id: userId } = request.params as { user_id?: string };
    if (userId !== verdict.subject && !verdict.mayReadAny)
      return this.parts.refuse(new ForbiddenError('a token of somebody else'), request, reply);
    request.caller = verdict;
    passed();
  }

  /** Goes on when it is known, unless the caller has left meanwhile: nobody is asked for nobody. Never rejects. */
  private async resume<T>(
    awaited: Promise<T>,
    request: FastifyRequest,
    reply: FastifyReply,
    next: (value: T) => void,
  ): Promise<void> {
    try {
      const value = await awaited;
      if (!reply.raw.destroyed) next(value);
    } catch (error) {
      this.parts.refuse(error, request, reply);
    }
  }
}

const isCaller = (verdict: Verdict | undefined): verdict is Caller =>
  verdict !== undefined && 'subject' in verdict;
