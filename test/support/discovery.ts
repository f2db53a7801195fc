import type { Address } from '../../src/instances/instance.ts';
import type { DiscoveryListener } from '../../src/instances/discovery/discovery.ts';
import type { Lookup } from '../../src/instances/discovery/lookup/lookup.ts';
import type { NameResolver } from '../../src/instances/discovery/lookup/names.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Registries that tests play by hand, for discovery in virtual time. */

/** Lets what was answered be heard: promises take turns of their own. */
export const heard = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Time passes, and whoever is asked meanwhile is heard before it goes on. */
export async function pass(clock: VirtualClock, ms: number): Promise<void> {
  const end = clock.now() + ms;
  await heard();
  while (clock.now() < end) {
    clock.advance(Math.min(50, end - clock.now()));
    await heard();
  }
}

export const addresses = (...origins: string[]): readonly Address[] =>
  origins.map((origin) => ({ origin, weight: 1 }));

/** Answers every question with what the test has put there, at once; or holds it. */
export class ScriptedLookup implements Lookup {
  refreshMs = 5_000;
  answer: readonly Address[] | Error = [];
  /** When it was asked, in `clock.now()` ms. */
  readonly askedAt: number[] = [];
  isHolding = false;
  cancelled = false;
  private readonly clock: VirtualClock;
  private release: (() => void) | undefined;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  async find(): Promise<readonly Address[]> {
    this.askedAt.push(this.clock.now());
    if (this.isHolding) await new Promise<void>((resolve) => (this.release = resolve));
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }

  cancel(): void {
    this.cancelled = true;
    this.release?.();
  }

  /** From each question to the next one. */
  get pauses(): readonly number[] {
    return this.askedAt.slice(1).map((at, index) => at - (this.askedAt[index] ?? NaN));
  }
}

/** Writes down what discovery says, in order. */
export class HeardDiscovery implements DiscoveryListener {
  readonly events: string[] = [];
  last: readonly Address[] | undefined;

  found(found: readonly Address[]): void {
    this.last = found;
    this.events.push(`found ${found.map(({ origin }) => origin).join(' ')}`);
  }

  failing(problem: string): void {
    this.events.push(`failing: ${problem}`);
  }

  recovered(): void {
    this.events.push('recovered');
  }
}

/** An error as Node's resolver makes it. */
export const dnsError = (code: string): Error =>
  Object.assign(new Error(`query ${code}`), { code });

interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** A DNS server of a few records. What it has no record of is unknown; an error stands for a record that fails. */
export class FakeResolver {
  a: Record<string, readonly string[] | Error> = {};
  aaaa: Record<string, readonly string[] | Error> = {};
  srv: Record<string, readonly ServiceRecord[] | Error> = {};
  asked = 0;
  cancelled = false;

  /** As the service uses it. */
  get resolver(): NameResolver {
    const fake = {
      resolve4: (name: string) => this.records(this.a[name]),
      resolve6: (name: string) => this.records(this.aaaa[name]),
      resolveSrv: (name: string) => this.records(this.srv[name]),
      cancel: () => (this.cancelled = true),
    };
    // Node's overloads also give records with their TTL, which nobody asks for.
    return fake as unknown as NameResolver;
  }

  private async records<T>(records: readonly T[] | Error | undefined): Promise<T[]> {
    this.asked += 1;
    if (records instanceof Error) throw records;
    if (records === undefined) throw dnsError('ENOTFOUND');
    if (records.length === 0) throw dnsError('ENODATA');
    return [...records];
  }
}
