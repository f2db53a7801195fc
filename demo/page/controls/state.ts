/** What the page's own server says and takes. */

export interface DemoState {
  readonly services: readonly ServiceState[];
  readonly traffic: { readonly isOn: boolean; readonly perSecond: number };
  readonly consoleUrl: string;
  readonly docsUrl: string;
}

export interface ServiceState {
  readonly name: string;
  readonly faults: Faults;
  readonly instances: readonly { readonly address: string; readonly isUp: boolean }[];
}

export interface Faults {
  readonly latencyMs?: number;
  readonly errorRate?: number;
  readonly errorStatus?: number;
  readonly badAnswer?: string;
}

/** Of `GET /sources`, what the page shows. */
export interface SourceView {
  readonly inFlight: number;
  readonly limit: number;
  readonly breaker: {
    readonly state: 'closed' | 'open' | 'half_open';
    readonly failureRatio: number;
  };
  readonly latencyMs: { readonly p50: number; readonly p95: number };
}

export type Sources = Readonly<Record<string, SourceView>>;

export const read = async <T>(path: string): Promise<T> => {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as T;
};

export const put = async (path: string, body: unknown): Promise<void> => {
  await fetch(path, { method: 'PUT', body: JSON.stringify(body) });
};
