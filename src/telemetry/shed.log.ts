import { Logger } from '@nestjs/common';
import type { ShedReason } from '../context/admission/admission.ts';
import type { Clock } from '../context/clock.ts';
import { SparseLines } from './sparse-lines.ts';

/** Between two lines: whoever sheds has no time to write. */
const QUIET_MS = 10_000;

/** Says in the log that requests are turned away, and why: the first at once, the others as a number later. */
export class ShedLog {
  private readonly logger = new Logger('Admission');
  private readonly lines: SparseLines;

  constructor(clock: Clock) {
    this.lines = new SparseLines(clock, QUIET_MS);
  }

  shed(reason: ShedReason): void {
    const count = this.lines.happened();
    if (count !== undefined) this.logger.warn(`${count} request(s) shed, the last for ${reason}`);
  }
}
