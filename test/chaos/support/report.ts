import type { Outcome } from './ordeal.ts';

const SHOWN = 4;

/** Says what happened; fails if anything was found. */
export function expectNone(what: string, { met, report, findings }: Outcome): void {
  const struck = Object.values(report.instances).reduce((sum, { struck: count }) => sum + count, 0);
  process.stdout.write(`${what}: ${JSON.stringify(met)}, ${struck} answers struck\n`);
  if (findings.length === 0) return;
  throw new Error(
    `${what}: ${findings.length} findings\n  ${findings.slice(0, SHOWN).join('\n  ')}`,
  );
}
