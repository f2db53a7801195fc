import type { HrTime } from '@opentelemetry/api';
import type { Clock } from '../../context/clock.ts';

/**
 * From `clock.now()` to the wall clock, for the spans of one request: all by the same reading of both, so that what
 * came later is later, whatever happens to the wall clock meanwhile.
 */
export class SpanTimes {
  private readonly clock: Clock;
  private readonly offsetMs: number;

  /** @param wallMs ms since 1970, now */
  constructor(clock: Clock, wallMs: number) {
    this.clock = clock;
    this.offsetMs = wallMs - clock.now();
  }

  now(): HrTime {
    return this.at(this.clock.now());
  }

  /** @param ms of the clock */
  at(ms: number): HrTime {
    const wallMs = this.offsetMs + ms;
    const seconds = Math.floor(wallMs / 1000);
    return [seconds, Math.floor((wallMs - seconds * 1000) * 1e6)];
  }
}
