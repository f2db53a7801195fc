/** Since when something has been so, and has stayed so: asked of events in short slots, a second at a time. */

export const SLOT_MS = 250;
const SLOTS_A_SECOND = 1_000 / SLOT_MS;

/** Things that happened, counted in slots from `from` to `to` (both in ms). */
export function slotsOf(times: readonly number[], from: number, to: number): readonly number[] {
  const slots = Array.from({ length: Math.max(0, Math.ceil((to - from) / SLOT_MS)) }, () => 0);
  for (const time of times) {
    const index = Math.floor((time - from) / SLOT_MS);
    if (index >= 0 && index < slots.length) slots[index] = (slots[index] ?? 0) + 1;
  }
  return slots;
}

/** Sums over each second, one beginning with every slot that has a whole second after it. */
export function everySecond(slots: readonly number[]): readonly number[] {
  const count = Math.max(0, slots.length - SLOTS_A_SECOND + 1);
  return Array.from({ length: count }, (_, at) =>
    slots.slice(at, at + SLOTS_A_SECOND).reduce((sum, value) => sum + value, 0),
  );
}

/**
 * Seconds until it holds in every second from then on; undefined when it does not hold in the last one.
 *
 * @param holds one value a second, one beginning with every slot
 */
export function holdsFrom(holds: readonly boolean[]): number | undefined {
  if (holds.at(-1) !== true) return undefined;
  return ((holds.lastIndexOf(false) + 1) * SLOT_MS) / 1_000;
}
