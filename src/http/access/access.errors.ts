/** Why a request is refused before anybody is asked; what each one becomes stands in `problem-table.ts`. */
export abstract class AccessError extends Error {
  /** Of the answer. */
  abstract readonly headers: Readonly<Record<string, string>>;
}

/** No token, or not a good one. The message is for the caller and says nothing of what the token holds. */
export class UnauthenticatedError extends AccessError {
  readonly headers: Readonly<Record<string, string>>;

  /** @param code of RFC 6750; undefined when no token was sent at all, which is no error of its own there */
  constructor(message: string, code?: 'invalid_token' | 'invalid_request') {
    super(message);
    const detail = code === undefined ? '' : `, error="${code}", error_description="${message}"`;
    this.headers = { 'www-authenticate': `Bearer realm="dashboard"${detail}` };
  }
}

/** A good token of somebody else. */
export class ForbiddenError extends AccessError {
  readonly headers = {
    'www-authenticate': 'Bearer realm="dashboard", error="insufficient_scope"',
  };
}

/** The keys of the issuer have never been read, so no token can be checked. */
export class KeysUnavailableError extends AccessError {
  readonly headers: Readonly<Record<string, string>>;

  /** @param retryMs when they are tried again, from now */
  constructor(retryMs: number) {
    super('the keys of the issuer are not known');
    this.headers = { 'retry-after': seconds(retryMs) };
  }
}

/** More than the caller's share. */
export class RateLimitedError extends AccessError {
  readonly headers: Readonly<Record<string, string>>;

  /** @param waitMs until the next one may come */
  constructor(waitMs: number) {
    super('more requests than one caller may send');
    this.headers = { 'retry-after': seconds(waitMs) };
  }
}

const seconds = (ms: number): string => Math.max(1, Math.ceil(ms / 1000)).toString();
