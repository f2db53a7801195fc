/** What a load generator is told and what it says; each is one file here. */

export const GENERATORS = ['autocannon', 'wrk'] as const;

export type GeneratorName = (typeof GENERATORS)[number];

export interface Load {
  /** `http://host:port` of the contender. */
  readonly origin: string;
  /** Connections, each with one request under way at any time: a closed loop without pipelining. */
  readonly connections: number;
  /** Load before the measured window, in seconds. */
  readonly warmupSeconds: number;
  /** Length of the measured window, in seconds. */
  readonly seconds: number;
}

/** Tells the caller when the measured window begins and ends, so that it reads CPU times at those moments. */
export interface Window {
  begin(): void;
  end(): void;
}

export interface Measured {
  /** Answers within the measured window. */
  readonly answers: number;
  /** Answers in all, those of the warm-up included. */
  readonly allAnswers: number;
  /** Answers other than 200, connection errors and timeouts within the window. */
  readonly failures: number;
  /** Latencies of the window, in ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type Generator = (load: Load, window: Window) => Promise<Measured>;

/** Users asked for by each connection in turn; no two connections share one, so that nothing can be joined or reused. */
export const USERS_PER_CONNECTION = 100;

/** The path of the `n`th user; `n` from 0. */
export const pathOfUser = (n: number): string => `/dashboard/${n + 1}`;
