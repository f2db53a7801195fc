import type { SourceUrls } from '../bodies.ts';

/** Who is measured: a program that serves `/dashboard/<id>` on HOST and PORT from the sources it is told of. */
export interface Contender {
  /** As `--only` takes it. */
  readonly key: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Makes it ready to start: builds what must be built, looks for its tools. */
  readonly prepare: () => Program | Missing;
  /** The contract's goal: requests a second of the service as a multiple of this one's, at least. */
  readonly goal?: number;
}

export interface Program {
  /** What to run, and its arguments. Its process id must stay the one that is measured. */
  readonly command: Command;
  /** What it runs on, where that is not Node: kept with the results. */
  readonly version?: string;
}

export type Command = readonly [program: string, ...args: string[]];

/** What is to be installed before it can run. */
export interface Missing {
  readonly missing: string;
}

export interface Ports {
  readonly port: number;
  /** Several contenders are up at once, and the service has a second listener. */
  readonly managementPort: number;
}

/** The whole environment of a contender. */
export function environmentOf(
  { env }: Pick<Contender, 'env'>,
  { port, managementPort }: Ports,
  urls: SourceUrls,
): Readonly<Record<string, string>> {
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    MANAGEMENT_PORT: String(managementPort),
    USER_SERVICE_URL: urls.user,
    ORDER_SERVICE_URL: urls.orders,
    RECOMMENDATION_SERVICE_URL: urls.recommendations,
    ...env,
  };
}
