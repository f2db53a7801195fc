import { until, type TestService } from '../../support/service.ts';
import {
  CallWitness,
  listeners,
  listenerWarnings,
  moreThan,
  nothingHeld,
  resources,
  timersAs,
  type Resources,
} from './leftovers.ts';

/** Connections of callers that were gone may take so long to close. */
const ENDS_WITHIN_MS = 10_000;

/** How a service was when nobody had asked it anything: as it must be again when nobody asks any more. */
export class Baseline {
  private readonly service: TestService;
  private readonly before: Resources;
  private readonly atRest = resources();
  private readonly listeners: Readonly<Record<string, number>>;
  private readonly warnings = listenerWarnings();
  private readonly witness: CallWitness;

  /** @param before there was the service */
  constructor(service: TestService, before: Resources) {
    this.service = service;
    this.before = before;
    this.listeners = listeners(service);
    this.witness = new CallWitness(service);
  }

  /** With the callers gone: what is there beyond the baseline, a sentence each. */
  async beyond(): Promise<readonly string[]> {
    const findings: string[] = [...this.warnings.seen];
    const note = (error: unknown): void => void findings.push(String(error));
    await nothingHeld(this.service).catch(note);
    await timersAs(this.atRest).catch(note);
    for (const [event, count] of Object.entries(listeners(this.service)))
      if (count > (this.listeners[event] ?? 0)) findings.push(`${count} listeners on ${event}`);
    return findings;
  }

  /**
   * With the service stopped: waits until all that keeps a process busy is as it was before the service was there.
   *
   * @throws Error if it never is, or if anything holds on to a call
   */
  async restored(): Promise<void> {
    this.warnings.stop();
    const left = (): readonly string[] => moreThan(resources(), this.before);
    await until(() => left().length === 0, `the end of ${left().join()}`, ENDS_WITHIN_MS);
    const giveUpAt = performance.now() + ENDS_WITHIN_MS;
    // A few turns of the loop, or a timer that has nothing to do any more, may be in the way.
    for (let kept = await this.witness.kept(); kept > 0; kept = await this.witness.kept())
      if (performance.now() > giveUpAt)
        throw new Error(`${kept} of ${this.witness.seen} calls are kept by something`);
  }
}
