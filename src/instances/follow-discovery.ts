import type { Transport } from '../transport/transport.ts';
import type { Balancer } from './balancer.ts';
import type { Discovery } from './discovery/discovery.ts';
import type { Instance } from './instance.ts';

/** How a list of instances has changed; addresses as people write them. */
export interface InstancesChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** How many there are now. */
  readonly count: number;
}

export interface InstancesListener {
  instancesChanged(change: InstancesChange): void;
  /** Discovery began to fail, while the last list stays; or, without a problem, it works again. */
  discoveryChanged(problem: string | undefined): void;
}

/**
 * Starts a source's discovery and keeps its balancer and transport to what is found. An instance that is gone gets no
 * more attempts and loses its idle connections; the attempts that it has are not touched.
 */
export function followDiscovery(
  discovery: Discovery,
  balancer: Pick<Balancer, 'list' | 'update'>,
  transport: Pick<Transport, 'retire'>,
  listener: InstancesListener,
): void {
  discovery.start({
    found: (addresses) => {
      const before = balancer.list;
      balancer.update(addresses);
      const after = balancer.list;
      const removed = notIn(after, before);
      for (const { origin } of removed) transport.retire(origin);
      listener.instancesChanged({
        added: notIn(before, after).map(({ address }) => address),
        removed: removed.map(({ address }) => address),
        count: after.length,
      });
    },
    failing: (problem) => listener.discoveryChanged(problem),
    recovered: () => listener.discoveryChanged(undefined),
  });
}

/** Those of the second list whose origin the first one lacks. */
function notIn(list: readonly Instance[], other: readonly Instance[]): readonly Instance[] {
  const origins = new Set(list.map(({ origin }) => origin));
  return other.filter(({ origin }) => !origins.has(origin));
}
