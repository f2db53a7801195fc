import type { SourceUrl } from '../../config/url/source-url.ts';
import type { Clock } from '../../context/clock.ts';
import type { Random } from '../balancer.ts';
import type { Discovery } from './discovery.ts';
import { FixedList } from './fixed-list.ts';
import { ConsulLookup } from './lookup/consul.lookup.ts';
import { DnsLookup } from './lookup/dns.lookup.ts';
import { FileLookup } from './lookup/file.lookup.ts';
import type { Lookup } from './lookup/lookup.ts';
import { namesBy } from './lookup/names.ts';
import { SrvLookup } from './lookup/srv.lookup.ts';
import { Refreshing } from './refreshing.ts';

export interface DiscoveryParts {
  readonly clock: Clock;
  readonly random: Random;
  /** `ip[:port]`; none: the system's. */
  readonly dnsServers: readonly string[];
}

/** The discovery for what a `…_URL` says. */
export function discoveryOf(url: SourceUrl, parts: DiscoveryParts): Discovery {
  return url.scheme === 'list'
    ? new FixedList(url)
    : new Refreshing(lookupOf(url, parts), parts.clock, parts.random);
}

function lookupOf(
  url: Exclude<SourceUrl, { scheme: 'list' }>,
  { clock, dnsServers }: DiscoveryParts,
): Lookup {
  switch (url.scheme) {
    case 'dns':
      return new DnsLookup(url, namesBy(dnsServers));
    case 'srv':
      return new SrvLookup(url, namesBy(dnsServers));
    case 'consul':
      return new ConsulLookup(url, clock);
    case 'file':
      return new FileLookup(url);
    default:
      return url satisfies never;
  }
}
