import { hash } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { BoundedMap } from '../../context/bounded-map.ts';
import type { Clock } from '../../context/clock.ts';
import type { Caller } from '../../context/request/request-context.ts';
import { KeysUnavailableError, UnauthenticatedError } from '../access/access.errors.ts';
import type { IssuerKeys } from './issuer-keys.ts';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const TOLERANCE_SECONDS = 5;

/** A token checked a moment ago is not checked again. */
const REMEMBERED_TOKENS = 10_000;
const REMEMBERED_MS = 30_000;

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  /** Who has it may read every dashboard. */
  readonly adminScope: string;
}

export type Verdict = Caller | UnauthenticatedError | KeysUnavailableError;

interface Remembered {
  readonly caller: Caller;
  /** Wall clock, in ms. */
  readonly until: number;
  readonly version: number;
}

/** Says whose a token is. Good ones are remembered for a moment, by their hash, until the keys change or they expire. */
export class TokenVerifier {
  private readonly keys: IssuerKeys;
  private readonly rules: TokenRules;
  private readonly clock: Clock;
  private readonly remembered = new BoundedMap<string, Remembered>(REMEMBERED_TOKENS);

  constructor(keys: IssuerKeys, rules: TokenRules, clock: Clock) {
    this.keys = keys;
    this.rules = rules;
    this.clock = clock;
  }

  /**
   * At once when the token was checked a moment ago.
   *
   * @param leftMs how long the request can wait for keys, asked only when it has to
   */
  verify(token: string, leftMs: () => number): Verdict | Promise<Verdict> {
    const id = hash('sha256', token, 'base64');
    const known = this.remembered.get(id);
    if (known !== undefined && known.version === this.keys.version && Date.now() < known.until)
      return known.caller;
    return this.check(token, id, leftMs);
  }

  private async check(token: string, id: string, leftMs: () => number): Promise<Verdict> {
    if (this.keys.known === undefined) await this.refresh(leftMs());
    const { known } = this.keys;
    if (known === undefined) return new KeysUnavailableError(this.keys.retryMs);
    const { version } = this.keys;
    try {
      return await this.good(token, id, known);
    } catch (error) {
      if (!isOfUnknownKey(error)) return refusalFor(error);
      // The issuer may have a new key, also under an old name or none.
      const hasOthers = this.keys.version !== version || (await this.refresh(leftMs()));
      if (!hasOthers) return refusalFor(error);
    }
    return this.good(token, id, this.keys.known ?? known).catch(refusalFor);
  }

  private async good(token: string, id: string, keys: JWTVerifyGetKey): Promise<Caller> {
    const { version } = this.keys;
    const payload = await this.payloadOf(token, keys);
    const caller = callerOf(payload, this.rules.adminScope);
    const expiresAt = ((payload.exp ?? 0) + TOLERANCE_SECONDS) * 1000;
    const until = Math.min(expiresAt, Date.now() + REMEMBERED_MS);
    this.remembered.set(id, { caller, until, version });
    return caller;
  }

  private async payloadOf(token: string, keys: JWTVerifyGetKey): Promise<JWTPayload> {
    const options = {
      algorithms: ALGORITHMS,
      issuer: this.rules.issuer,
      audience: this.rules.audience,
      clockTolerance: TOLERANCE_SECONDS,
      requiredClaims: ['exp', 'sub'],
    };
    try {
      return (await jwtVerify(token, keys, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      // Without a key id any of them may be the one.
      for await (const key of error) {
        const result = await jwtVerify(token, key, options).catch(rethrowUnlessUnsigned);
        if (result !== undefined) return result.payload;
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }

  /** Whether the keys have been read anew before the time was up; a reading that takes longer goes on for the others. */
  private async refresh(leftMs: number): Promise<boolean> {
    const timeUp = Promise.withResolvers<boolean>();
    const timer = this.clock.setTimeout(() => timeUp.resolve(false), Math.max(0, leftMs));
    const isRead = await Promise.race([this.keys.refresh(), timeUp.promise]);
    this.clock.clearTimeout(timer);
    return isRead;
  }
}

function callerOf({ sub, scope }: JWTPayload, adminScope: string): Caller {
  if (typeof sub !== 'string' || sub === '')
    throw new errors.JWTClaimValidationFailed('no subject', {}, 'sub');
  const scopes = typeof scope === 'string' ? scope.split(' ') : [];
  return {
    subject: sub,
    key: hash('sha256', `subject:${sub}`, 'base64url'),
    mayReadAny: scopes.includes(adminScope),
  };
}

const isOfUnknownKey = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWSSignatureVerificationFailed;

function rethrowUnlessUnsigned(error: unknown): undefined {
  if (error instanceof errors.JWSSignatureVerificationFailed) return undefined;
  throw error;
}

/** Words of our own: those of the library name claims and values. */
function refusalFor(error: unknown): UnauthenticatedError {
  if (error instanceof errors.JWTExpired)
    return new UnauthenticatedError('the token has expired', 'invalid_token');
  return new UnauthenticatedError('the token is not valid', 'invalid_token');
}
