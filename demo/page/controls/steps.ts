import { byId } from '../../../src/management/console/page/dom/dom.ts';
import type { LandedSection } from '../ask/ask.ts';
import type { Sources } from './state.ts';

/** The three things to try, ticked off as they are seen to happen. */
export class Steps {
  private broken = false;
  private opened = false;

  /** Somebody broke something, or mended it. */
  pressed(isBroken: boolean): void {
    if (!isBroken) return;
    this.broken = true;
    tick('step-break');
  }

  sources(sources: Sources): void {
    const states = Object.values(sources).map(({ breaker }) => breaker.state);
    if (this.broken && states.includes('open')) {
      this.opened = true;
      tick('step-open');
    }
    if (this.opened && states.every((state) => state === 'closed')) tick('step-recover');
  }

  landed({ status }: LandedSection): void {
    if (this.broken && status !== 'fresh') tick('step-partial');
  }
}

function tick(id: string): void {
  byId(id).dataset['done'] = '';
}
