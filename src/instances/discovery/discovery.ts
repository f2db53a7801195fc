import type { SourceUrl } from '../../config/url/source-url.ts';
import type { Address } from '../instance.ts';

/** What discovery tells whoever uses the instances. Must not throw. */
export interface DiscoveryListener {
  /** The instances are now these: never none, each origin once. Said only when it differs from before. */
  found(addresses: readonly Address[]): void;
  /** It does not learn anything new any more: the last list stays, or there is none yet. Said once. */
  failing(problem: string): void;
  /** It learns again. Said once, before what it found if that differs. */
  recovered(): void;
}

/** Knows the instances of one source: one implementation a scheme of `…_URL`. Never keeps the process alive. */
export interface Discovery {
  start(listener: DiscoveryListener): void;
  /** For good: nothing is said any more, nothing is left under way. */
  stop(): void;
}

export type DiscoveryFactory = (url: SourceUrl) => Discovery;
