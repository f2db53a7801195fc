import type { Outcome } from './ordeal.ts';
import type { Met } from './traffic.ts';

/** What happened, in words. */

const SHOWN = 4;

/** Says what was met; fails if anything was found. @param replay how to see it again */
export function expectNone(what: string, { met, struck, findings }: Outcome, replay = ''): void {
  process.stdout.write(`${what}: ${JSON.stringify(met)}, ${struck} answers struck\n`);
  if (findings.length === 0) return;
  const shown = findings.slice(0, SHOWN).join('\n  ');
  throw new Error(`${what}: ${findings.length} findings\n  ${shown}\n${replay}`);
}

/** Answers by status, and callers that were gone. */
export function tally(all: readonly Met[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const met of all) {
    const kind =
      met === 'hung up' ? met : met instanceof Error ? 'no answer' : `${met.response.status}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

export function told(met: Met): string {
  if (met === 'hung up') return met;
  if (met instanceof Error) return met.message;
  const { planned, requestId, response } = met;
  return `${requestId} ${JSON.stringify(planned)} -> ${response.status} ${response.text}`;
}
