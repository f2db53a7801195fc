import type { SrvRecord } from 'node:dns';
import type { SrvUrl } from '../../../config/url/source-url.ts';
import type { Address } from '../../instance.ts';
import { addressesAt, hostOf } from './address.ts';
import { REFRESH_MS, type Lookup } from './lookup.ts';
import type { Names } from './names.ts';

/**
 * `srv://_http._tcp.name`: every SRV record of the first priority is a target with a port and a weight, which its
 * addresses share. Records of later priorities are not used.
 */
export class SrvLookup implements Lookup {
  readonly refreshMs = REFRESH_MS;
  private readonly url: SrvUrl;
  private readonly names: Names;

  constructor(url: SrvUrl, names: Names) {
    this.url = url;
    this.names = names;
  }

  async find(): Promise<readonly Address[]> {
    const { name: service, tls } = this.url;
    const records = firstPriority(await this.names.servicesOf(service));
    const targets = new Set(records.map(({ name }) => name));
    const addresses = await this.names.addressesOf([...targets]);
    return records.flatMap(({ name, port, weight }) => {
      const hosts = addresses.get(name) ?? [];
      const hostname = hostOf(name);
      const share = weight / hosts.length;
      return hosts.flatMap((host) => addressesAt({ host, port, tls, weight: share, hostname }));
    });
  }

  cancel(): void {
    this.names.cancel();
  }
}

function firstPriority(records: readonly SrvRecord[]): readonly SrvRecord[] {
  // A target without a name says that there is no such service.
  const offered = records.filter(({ name }) => hostOf(name) !== '');
  const first = Math.min(...offered.map(({ priority }) => priority));
  return offered.filter(({ priority }) => priority === first);
}
