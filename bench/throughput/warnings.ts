import type { Turn } from './turn.ts';

/** Above this their core is what limits the throughput. */
const SATURATED = 0.95;
/** On top of it, answers that were still under way when a load ended: this turn's, its warm-up's, the last turn's. */
const ASKED_TOLERANCE = 0.005;

/** What makes the figures worth less than they look. @param connections requests under way at any time */
export function warnings(turns: readonly Turn[], connections: number): readonly string[] {
  const found: string[] = [];
  for (const turn of turns) {
    const { failures, incompleteShare, askedPerAnswer, allAnswers } = turn;
    const who = `${turn.contender}, round ${turn.round}`;
    if (failures > 0) found.push(`${who}: ${failures} failed requests`);
    if (incompleteShare > 0)
      found.push(
        `${who}: ${(incompleteShare * 100).toFixed(0)} % of the sampled answers incomplete`,
      );
    if (Math.abs(askedPerAnswer / 3 - 1) > ASKED_TOLERANCE + (3 * connections) / allAnswers)
      found.push(
        `${who}: the sources were asked ${askedPerAnswer.toFixed(2)} times an answer, not 3`,
      );
  }
  const saturated = turns.filter(({ othersBusy }) => (othersBusy ?? 0) > SATURATED).length;
  if (saturated > 0)
    found.push(
      `in ${saturated} of ${turns.length} turns the cores of sources and load generator were more than ` +
        `${SATURATED * 100} % busy: the throughput says little there, trust the CPU time a request`,
    );
  return found;
}
