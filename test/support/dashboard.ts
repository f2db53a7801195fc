import { of, type Observable } from 'rxjs';
import { SOURCES, type SourceName } from '../../src/clients/sources.ts';
import { loadConfig } from '../../src/config/config.ts';
import { Deadline } from '../../src/context/deadline.ts';
import { DashboardService, type DashboardSources } from '../../src/dashboard/dashboard.service.ts';
import type { CallContext } from '../../src/outbound/call/call-context.ts';
import type { Fetched } from '../../src/outbound/outbound.interceptor.ts';
import { VirtualClock } from './virtual-clock.ts';

export type Answers = Partial<Record<SourceName, () => Observable<Fetched<unknown>>>>;

/** What a client gives that nobody scripted. */
export const value = (): Observable<Fetched<unknown>> => of({ value: 'v' });
const URLS = Object.fromEntries(
  SOURCES.map(({ source }) => [`${source.envPrefix}_URL`, 'http://a:1']),
);

export interface Around {
  readonly asked?: readonly SourceName[];
  readonly isTight?: boolean;
  /** As it would stand in the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The service over clients that are played by hand, and a request for it. */
export function askDashboard(answers: Answers, required: readonly SourceName[], around: Around) {
  const { isTight = false } = around;
  const clock = new VirtualClock();
  const deadline = new Deadline(clock, clock.now(), 1_500, 60);
  const shed: SourceName[] = [];
  const sources = Object.fromEntries(
    SOURCES.map(({ source }) => [
      source.name,
      {
        contract: source,
        client: {
          fetch: (_userId: string, call: CallContext) => {
            if (call.isShed) shed.push(source.name);
            return (answers[source.name] ?? value)();
          },
        },
      },
    ]),
  ) as unknown as DashboardSources;
  const config = loadConfig(
    { ...URLS, ...around.env },
    SOURCES.map(({ source }) => source),
  );
  const service = new DashboardService(sources, config);
  const request = {
    userId: '1',
    asked: around.asked ?? SOURCES.map(({ source }) => source.name),
    required: new Set(required),
    explains: false,
  };
  const context = { requestId: 'r', deadline, forwarded: [], audience: '', isTight };
  return { clock, deadline, shed, service, request, context };
}
