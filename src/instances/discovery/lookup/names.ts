import { NODATA, NOTFOUND, type SrvRecord } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';

/** The part of Node's resolver that is used. */
export type NameResolver = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveSrv' | 'cancel'>;

/** What one way of asking says of a name; throws what Node's resolver throws. */
type Query = (name: string) => Promise<readonly string[]>;

/**
 * Answers of the DNS. Where one part of an answer cannot be had, as when a server chokes on AAAA or one of many names
 * times out, what that part said the time before stands in for it.
 */
export class Names {
  private readonly resolver: NameResolver;
  private readonly queries: readonly Query[];
  /** What the last `addressesOf` heard, by query and name. */
  private remembered = new Map<string, readonly string[]>();

  /** @param system asks for all addresses of a name at once, instead of the resolver */
  constructor(resolver: NameResolver, system?: Query) {
    this.resolver = resolver;
    this.queries =
      system === undefined
        ? [(name) => resolver.resolve4(name), (name) => resolver.resolve6(name)]
        : [system];
  }

  /** The IPv4 and IPv6 addresses of each name, maybe none. @throws what all queries failed with */
  async addressesOf(names: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const heard = new Map<string, readonly string[]>();
    const failures: unknown[] = [];
    const ask = async (name: string, query: Query, index: number): Promise<readonly string[]> => {
      const key = `${index} ${name}`;
      const addresses = await noneIfUnknown(query(name)).catch((error: unknown) => {
        failures.push(error);
        return this.remembered.get(key) ?? [];
      });
      heard.set(key, addresses);
      return addresses;
    };
    const found = await Promise.all(
      names.map(async (name) => {
        const parts = await Promise.all(
          this.queries.map((query, index) => ask(name, query, index)),
        );
        return [name, parts.flat()] as const;
      }),
    );
    if (failures.length > 0 && failures.length === heard.size) throw failures[0];
    this.remembered = heard;
    return new Map(found);
  }

  /** The SRV records of a name, maybe none. @throws what Node's resolver throws */
  servicesOf(name: string): Promise<readonly SrvRecord[]> {
    return noneIfUnknown(this.resolver.resolveSrv(name));
  }

  /** Gives up what is under way, except for what the system was asked: that ends by itself. */
  cancel(): void {
    this.resolver.cancel();
  }
}

/** How long a server may take, and how often it is asked: one that is dead costs about 4 s. */
const OPTIONS = { timeout: 1_000, tries: 2 };

/**
 * @param servers of `DNS_SERVERS`; with none, addresses are looked up as every program on the machine does it
 *   (/etc/hosts, search domains), and only SRV records by DNS itself
 */
export function namesBy(servers: readonly string[]): Names {
  const resolver = new Resolver(OPTIONS);
  if (servers.length === 0) return new Names(resolver, systemAddresses);
  resolver.setServers(servers);
  return new Names(resolver);
}

async function systemAddresses(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  // Addresses that hold on one link only are of no use in a URL.
  return found.map(({ address }) => address).filter((address) => !address.includes('%'));
}

/** That a name has no such record is an answer. */
async function noneIfUnknown<T>(records: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await records;
  } catch (error) {
    const { code } = Object(error) as { code?: unknown };
    if (code === NODATA || code === NOTFOUND) return [];
    throw error;
  }
}
