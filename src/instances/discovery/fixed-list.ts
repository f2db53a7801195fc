import type { ListUrl } from '../../config/url/source-url.ts';
import type { Discovery, DiscoveryListener } from './discovery.ts';

/** The instances that the configuration lists: known from the start, for good. */
export class FixedList implements Discovery {
  private readonly origins: readonly string[];

  constructor({ origins }: ListUrl) {
    this.origins = origins;
  }

  start(listener: DiscoveryListener): void {
    listener.found(this.origins.map((origin) => ({ origin, weight: 1 })));
  }

  stop(): void {}
}
