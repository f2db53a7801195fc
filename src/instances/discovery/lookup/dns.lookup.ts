import type { DnsUrl } from '../../../config/url/source-url.ts';
import type { Address } from '../../instance.ts';
import { addressesAt, hostOf } from './address.ts';
import { REFRESH_MS, type Lookup } from './lookup.ts';
import type { Names } from './names.ts';

/** `dns://name:port`: every A and AAAA record is an instance, all of the same weight. */
export class DnsLookup implements Lookup {
  readonly refreshMs = REFRESH_MS;
  private readonly url: DnsUrl;
  private readonly names: Names;

  constructor(url: DnsUrl, names: Names) {
    this.url = url;
    this.names = names;
  }

  async find(): Promise<readonly Address[]> {
    const { name, port, tls } = this.url;
    const addresses = await this.names.addressesOf([name]);
    return (addresses.get(name) ?? []).flatMap((host) =>
      addressesAt({ host, port, tls, weight: 1, hostname: hostOf(name) }),
    );
  }

  cancel(): void {
    this.names.cancel();
  }
}
