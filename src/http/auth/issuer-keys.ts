import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../context/clock.ts';

/** Between two readings that bad tokens ask for: a new key is known well within 30 s, and no flood reaches the issuer. */
const COOLDOWN_MS = 10_000;

/** While nothing is known nobody gets in: tried again sooner. */
const FIRST_COOLDOWN_MS = 1_000;

/** From this age on the keys are read anew in the background, so that a withdrawn one goes. */
const MAX_AGE_MS = 300_000;

export interface IssuerKeysListener {
  /** Once for every change: whether the keys could be read, and else why not. */
  keysRead(failure: unknown): void;
}

/**
 * The keys of the tokens' issuer. The last good ones are kept through whatever happens to the issuer: they are only
 * ever replaced by others. Nothing runs by itself; who needs a key asks.
 */
export class IssuerKeys {
  private readonly read: () => Promise<unknown>;
  private readonly clock: Clock;
  private readonly listener: IssuerKeysListener;
  private reading: Promise<boolean> | undefined;
  private lastReadAt = -Infinity;
  private isFailing: boolean | undefined;
  private keys: JWTVerifyGetKey | undefined;
  private readings = 0;

  /** @param read resolves to a JSON Web Key Set, rejects when there is none to be had, and always ends */
  constructor(read: () => Promise<unknown>, clock: Clock, listener: IssuerKeysListener) {
    this.read = read;
    this.clock = clock;
    this.listener = listener;
  }

  /** How to find the key of a token; undefined until the keys have been read once. */
  get known(): JWTVerifyGetKey | undefined {
    if (this.clock.now() - this.lastReadAt > MAX_AGE_MS) void this.refresh();
    return this.keys;
  }

  /** Another number when the keys have been read anew. */
  get version(): number {
    return this.readings;
  }

  /** Until `refresh` would ask the issuer again. */
  get retryMs(): number {
    const cooldownMs = this.keys === undefined ? FIRST_COOLDOWN_MS : COOLDOWN_MS;
    return Math.max(0, this.lastReadAt + cooldownMs - this.clock.now());
  }

  /** Reads the keys unless that was done a moment ago; one reading serves all. Resolves to whether it went well; never rejects. */
  async refresh(): Promise<boolean> {
    if (this.reading !== undefined) return this.reading;
    if (this.retryMs > 0) return false;
    this.lastReadAt = this.clock.now();
    this.reading = this.readOnce();
    return this.reading;
  }

  private async readOnce(): Promise<boolean> {
    try {
      this.keys = createLocalJWKSet(usable(await this.read()));
      this.readings += 1;
      if (this.isFailing === true) this.listener.keysRead(undefined);
      this.isFailing = false;
    } catch (error) {
      if (this.isFailing !== true) this.listener.keysRead(error);
      this.isFailing = true;
    }
    this.reading = undefined;
    return !this.isFailing;
  }
}

/** An empty set is a mistake more often than the wish to let nobody in. @throws Error */
function usable(answer: unknown): JSONWebKeySet {
  const keys = (answer as Partial<JSONWebKeySet> | null)?.keys;
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('it holds no keys');
  return { keys };
}
