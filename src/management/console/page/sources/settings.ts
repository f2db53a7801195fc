import type { SourceFacts } from '../../console.contract.ts';
import { duration, grouped, ms, percent } from '../../view/format.ts';
import { el } from '../dom/dom.ts';

/** What the source is configured to do: the other half of every number above it. */
export function settingsOf(facts: SourceFacts): HTMLElement {
  const { breaker } = facts;
  return el(
    'div',
    { class: 'settings' },
    el('h4', {}, 'As configured'),
    el(
      'dl',
      {},
      ...pair('attempts at once', grouped(facts.maxConcurrent)),
      ...pair('queue', `${grouped(facts.maxQueue)}, for ${ms(facts.maxQueueWaitMs)} at most`),
      ...pair(
        'attempt timeout',
        facts.attemptTimeoutMs === 0 ? 'adapts' : ms(facts.attemptTimeoutMs),
      ),
      ...pair('retries', String(facts.retries)),
      ...pair('hedging', onOff(facts.hedges)),
      ...pair('coalescing', onOff(facts.coalesces)),
      ...pair(
        'last good answer',
        facts.staleMs === 0 ? 'not kept' : `stands in for ${duration(facts.staleMs)}`,
      ),
      ...pair('asked again after', facts.freshMs === 0 ? 'always asked' : duration(facts.freshMs)),
      ...pair(
        'circuit opens at',
        `${percent(breaker.failureRatio)} failures of ${breaker.minCalls} or more in ${duration(breaker.windowMs)}, for ${ms(breaker.openMs)} first`,
      ),
      ...pair('without it', facts.isRequired ? 'no answer' : 'a partial answer'),
    ),
  );
}

const pair = (term: string, text: string): readonly [HTMLElement, HTMLElement] => [
  el('dt', {}, term),
  el('dd', {}, text),
];
const onOff = (isOn: boolean): string => (isOn ? 'on' : 'off');
