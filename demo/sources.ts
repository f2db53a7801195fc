import { DATA } from './data.ts';
import { DemoSource } from './demo-source.ts';

type SourceName = keyof typeof DATA;

/** The three demo services, two instances each: the ports they prefer, and a realistic pace. */
export const SERVICES = {
  user: { envPrefix: 'USER_SERVICE', ports: [4101, 4102], latencyMs: 8, jitterMs: 12 },
  orders: { envPrefix: 'ORDER_SERVICE', ports: [4201, 4202], latencyMs: 20, jitterMs: 30 },
  recommendations: {
    envPrefix: 'RECOMMENDATION_SERVICE',
    ports: [4301, 4302],
    latencyMs: 35,
    jitterMs: 60,
  },
} as const satisfies Record<SourceName, unknown>;

export interface StartedService {
  readonly name: SourceName;
  readonly envPrefix: string;
  readonly urls: readonly string[];
}

/** A service with its instances at hand. */
export interface RunningService extends StartedService {
  /** In the order of the URLs. */
  readonly sources: readonly DemoSource[];
}

/** Starts every instance, on its preferred port where that is free. */
export async function startDemoSources(): Promise<readonly RunningService[]> {
  return Promise.all(
    (Object.keys(SERVICES) as SourceName[]).map(async (name) => {
      const { envPrefix, ports, ...pace } = SERVICES[name];
      const started = ports.map(async (port, at) => {
        const source = new DemoSource(`${name}-${at + 1}`, DATA[name], pace);
        await source.listen(port).catch(() => source.listen(0));
        return source;
      });
      const sources = await Promise.all(started);
      return { name, envPrefix, urls: sources.map(({ url }) => url), sources };
    }),
  );
}
