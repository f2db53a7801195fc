import { setFlagsFromString } from 'node:v8';
import { runInNewContext, runInThisContext } from 'node:vm';
import { Outbound } from '../../../src/outbound/outbound.ts';
import { until, type TestService } from '../../support/service.ts';

/** What is left when everything is over: must be nothing. */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** The process itself: what a test knows by that name is a copy. */
const realProcess = runInThisContext('process') as NodeJS.Process;

/** Of what keeps a process busy: these may not grow. */
const KINDS = ['Timeout', 'TCPSocketWrap', 'TCPServerWrap', 'Immediate'] as const;
/** undici's clock for connections that are kept. */
const KEEPS_ALIVE = 1;

export type Resources = Readonly<Record<(typeof KINDS)[number], number>>;

export function resources(): Resources {
  const active = process.getActiveResourcesInfo();
  return Object.fromEntries(
    KINDS.map((kind) => [kind, active.filter((name) => name === kind).length]),
  ) as Resources;
}

export const moreThan = (now: Resources, before: Resources): readonly string[] =>
  KINDS.filter((kind) => now[kind] > before[kind]).map(
    (kind) => `${kind}: ${now[kind]} instead of ${before[kind]}`,
  );

/** Bytes in use once what nobody needs has been given back. */
export async function heapInUse(): Promise<number> {
  await collected();
  return process.memoryUsage().heapUsed;
}

/** Listeners on the process, and on the server of the service, by event. */
export function listeners(service?: TestService): Readonly<Record<string, number>> {
  const emitters = [['process', realProcess] as const, ['process here', process] as const];
  const all =
    service === undefined ? emitters : [...emitters, ['server', service.app.server] as const];
  return Object.fromEntries(
    all.flatMap(([name, emitter]) =>
      emitter
        .eventNames()
        .map((event) => [`${name}: ${String(event)}`, emitter.listenerCount(event)]),
    ),
  );
}

export interface ListenerWarnings {
  readonly seen: readonly string[];
  stop(): void;
}

/** Warnings of too many listeners from here on. */
export function listenerWarnings(): ListenerWarnings {
  const seen: string[] = [];
  const note = (warning: Error): void => {
    if (warning.name === 'MaxListenersExceededWarning') seen.push(warning.message);
  };
  realProcess.on('warning', note);
  return { seen, stop: () => void realProcess.off('warning', note) };
}

/** Sees every call that is made to a source, and which of them are still there when they should not be. */
export class CallWitness {
  private readonly calls: WeakRef<object>[] = [];

  constructor(service: TestService) {
    const outbound = service.app.nest.get(Outbound);
    const get = outbound.get.bind(outbound);
    outbound.get = (source, path, schema, context) => {
      this.calls.push(new WeakRef(context));
      return get(source, path, schema, context);
    };
  }

  get seen(): number {
    return this.calls.length;
  }

  /** How many are kept by something, once what nobody needs has been given back. */
  async kept(): Promise<number> {
    await collected();
    return this.calls.filter((call) => call.deref() !== undefined).length;
  }
}

/** Waits until nothing is held for calls, by the service's own count. */
export const nothingHeld = (service: TestService): Promise<void> =>
  until(
    () =>
      service.held.every((held) => held === 0) &&
      service.app.admission.inFlight === 0 &&
      service.app.connections.busy === 0,
    'nothing is held: permits, places in queues, instances, probes, requests, connections',
  );

/** Waits until no more timers run than at that time. */
export const timersAs = (before: Resources): Promise<void> =>
  until(() => resources().Timeout <= before.Timeout + KEEPS_ALIVE, 'timers are as before');

async function collected(): Promise<void> {
  // What a WeakRef was just asked for stays until the end of the turn.
  for (let turn = 0; turn < 2; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
}
