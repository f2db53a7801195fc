import { z } from 'zod';
import { FaultsSchema, NO_FAULTS } from '../faults.ts';
import type { RunningService } from '../sources.ts';

/** What the page can do to the sources, and how they stand. */

export interface ServiceState {
  readonly name: string;
  /** Over its usual pace; empty when it is well. */
  readonly faults: Readonly<Record<string, unknown>>;
  readonly instances: readonly { readonly address: string; readonly isUp: boolean }[];
}

const ChangesSchema = z.strictObject(FaultsSchema.partial().shape);
type Changes = Partial<typeof NO_FAULTS>;

export class Controls {
  private readonly services: readonly RunningService[];
  private readonly faults = new Map<string, Changes>();
  private readonly down = new Set<string>();

  constructor(services: readonly RunningService[]) {
    this.services = services;
  }

  get state(): readonly ServiceState[] {
    return this.services.map(({ name, urls }) => ({
      name,
      faults: this.faults.get(name) ?? {},
      instances: urls.map((url) => ({ address: new URL(url).host, isUp: !this.down.has(url) })),
    }));
  }

  /** All instances of a service go wrong like that; with nothing they are put right. False for what is no fault. */
  breakService(name: string, body: unknown): boolean {
    const service = this.services.find((one) => one.name === name);
    const parsed = ChangesSchema.safeParse(body);
    if (service === undefined || !parsed.success) return false;
    const changes = namedIn(body, parsed.data);
    this.faults.set(name, changes);
    for (const source of service.sources) source.breakWith(changes);
    return true;
  }

  /** Stops an instance as if its machine were gone, or starts it again where it was. False for one that is not there. */
  async turn(name: string, at: number, isUp: boolean): Promise<boolean> {
    const service = this.services.find((one) => one.name === name);
    const [source, url] = [service?.sources[at], service?.urls[at]];
    if (source === undefined || url === undefined) return false;
    if (isUp === !this.down.has(url)) return true;
    if (isUp) {
      this.down.delete(url);
      await source.listen(Number(new URL(url).port));
    } else {
      this.down.add(url);
      await source.close();
    }
    return true;
  }
}

/** Without what the schema fills in by itself: the usual pace stays where nothing is said of it. */
const namedIn = (body: unknown, changes: object): Changes =>
  Object.fromEntries(Object.entries(changes).filter(([name]) => name in Object(body)));
