import type { Address } from '../../instance.ts';

/** How long what a registry said is good for, where it does not tell of changes itself. */
export const REFRESH_MS = 5_000;

/** Asks one registry, one question at a time. */
export interface Lookup {
  /** From an answer to the next question, and at most from a failure to the next one; ±20 %. */
  readonly refreshMs: number;
  /** The instances as the registry has them now, maybe none, maybe some twice. Rejects when it cannot say. */
  find(): Promise<readonly Address[]>;
  /** Gives up what is under way. */
  cancel(): void;
}
