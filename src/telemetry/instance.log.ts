import { Logger } from '@nestjs/common';
import type { InstancesChange, OutboundListener } from '../outbound/outbound-events.ts';

/** How many addresses one line names at most. */
const NAMED = 10;

/** Says in the log which instances come, go and are left out for a while, and when nobody knows any more. */
export class InstanceLog implements OutboundListener {
  private readonly logger = new Logger('Instances');

  instancesChanged(source: string, { added, removed, count }: InstancesChange): void {
    if (added.length + removed.length === 0) return;
    const text = `${source}: ${count} instance(s)${named(' +', added)}${named(' -', removed)}`;
    // The first list of all is no news.
    if (added.length === count && removed.length === 0) this.logger.log(text);
    else this.logger.warn(text);
  }

  instanceEjected(source: string, address: string, forMs: number): void {
    this.logger.warn(`${source}: ${address} fails, left out for ${forMs / 1000} s`);
  }

  discoveryChanged(source: string, problem: string | undefined): void {
    this.logger.warn(
      problem === undefined
        ? `${source}: discovery works again`
        : `${source}: discovery fails, what is known stays: ${problem}`,
    );
  }
}

function named(sign: string, addresses: readonly string[]): string {
  const names = addresses.slice(0, NAMED).map((address) => sign + address);
  return (
    names.join('') + (addresses.length > NAMED ? `${sign}${addresses.length - NAMED} more` : '')
  );
}
