import { defer, mergeMap, type MonoTypeOperatorFunction } from 'rxjs';
import type { Section } from '../section.ts';

/**
 * Holds sections back until the first one that is there, and for good once one that is needed is missing: as long as
 * nothing is sent, an answer that comes to nothing can still be a plain problem with its status.
 *
 * @param isNeeded whether there is no answer without this section
 */
export function heldBack(
  isNeeded: (section: Section) => boolean,
): MonoTypeOperatorFunction<Section> {
  return (sections) =>
    defer(() => {
      const held: Section[] = [];
      let hasBegun = false;
      let isLost = false;
      return sections.pipe(
        mergeMap((section) => {
          if (hasBegun) return [section];
          held.push(section);
          const isMissing = section.status === 'missing';
          isLost ||= isMissing && isNeeded(section);
          if (isLost || isMissing) return [];
          hasBegun = true;
          return held;
        }),
      );
    });
}
