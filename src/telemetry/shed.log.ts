import { Logger } from '@nestjs/common';
import type { ShedReason } from '../context/admission/admission.ts';
import type { Clock } from '../context/clock.ts';

/** Between two lines: whoever sheds has no time to write. */
const QUIET_MS = 10_000;

/** Says in the log that requests are turned away, and why: the first at once, the others as a number later. */
export class ShedLog {
  private readonly logger = new Logger('Admission');
  private readonly clock: Clock;
  private lastLineAt = -Infinity;
  private untold = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  shed(reason: ShedReason): void {
    this.untold += 1;
    const now = this.clock.now();
    if (now - this.lastLineAt < QUIET_MS) return;
    this.logger.warn(`${this.untold} request(s) shed, the last for ${reason}`);
    this.lastLineAt = now;
    this.untold = 0;
  }
}
