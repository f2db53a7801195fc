import type { Random } from './balancer.ts';
import type { TrackedInstance } from './tracked-instance.ts';

/**
 * The power of two choices among instances of unequal weight. The first is drawn by weight. It is passed over for a
 * second one, drawn by weight from the others, when that is cheaper: latency × attempts in flight with this one, per
 * weight. The weight of the first is in the draw already, so its own attempt is not divided by it once more: that way
 * instances that are alike get traffic in proportion to their weights when they are idle as when they are busy.
 */

/** Costs within this factor, or so many ms, are the same: what tells them apart is chance, and noise of our own loop. */
const ALIKE = 1.5;
const ALIKE_MS = 10;

/** @param count of the candidates, from the start of the list: 2 or more */
export function chooseOf(
  candidates: readonly TrackedInstance[],
  count: number,
  usualMs: () => number | undefined,
  now: number,
  random: Random,
): TrackedInstance | undefined {
  let total = 0;
  for (let index = 0; index < count; index += 1) total += candidates[index]?.shareAt(now) ?? 0;
  const first = draw(candidates, count, total * random(), undefined, now);
  if (first === undefined) return undefined;
  const others = (total - first.shareAt(now)) * random();
  const second = draw(candidates, count, others, first, now);
  return second !== undefined && isCheaper(second, first, usualMs, now) ? second : first;
}

/** The one that the point falls on when the shares are laid side by side. */
function draw(
  candidates: readonly TrackedInstance[],
  count: number,
  point: number,
  except: TrackedInstance | undefined,
  now: number,
): TrackedInstance | undefined {
  let left = point;
  let drawn: TrackedInstance | undefined;
  for (let index = 0; index < count; index += 1) {
    const candidate = candidates[index];
    if (candidate === undefined || candidate === except) continue;
    drawn = candidate;
    left -= candidate.shareAt(now);
    if (left < 0) break;
  }
  // The last one also when rounding put the point a little beyond it.
  return drawn;
}

function isCheaper(
  second: TrackedInstance,
  first: TrackedInstance,
  usualMs: () => number | undefined,
  now: number,
): boolean {
  const isNew = second.latencyMs === undefined || first.latencyMs === undefined;
  const usual = isNew ? usualMs() : undefined;
  const ms = second.costMs(now, usual);
  const firstMs = first.costMs(now, usual);
  const share = second.shareAt(now);
  const firstShare = first.shareAt(now);
  // What one attempt weighs at each, in attempts of the one with the larger share.
  const most = Math.max(share, firstShare);
  const weighs = most / share;
  const firstWeighs = most / firstShare;
  if (areAlike(ms, firstMs))
    return first.inFlight * firstWeighs - second.inFlight * weighs >= Math.max(weighs, firstWeighs);
  return ms * (second.inFlight + 1) * weighs < firstMs * (first.inFlight * firstWeighs + 1);
}

function areAlike(ms: number, otherMs: number): boolean {
  const least = Math.min(ms, otherMs);
  return Math.max(ms, otherMs) <= Math.max(least * ALIKE, least + ALIKE_MS);
}
