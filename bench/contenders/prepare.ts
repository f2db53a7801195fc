import type { Contender, Program } from './contender.ts';

/** A contender whose tools are there. */
export interface Ready {
  readonly contender: Contender;
  readonly program: Program;
}

/** Those that can start. @param tell is told of the others, a line each, what they lack */
export function prepared(
  contenders: readonly Contender[],
  tell: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): readonly Ready[] {
  return contenders.flatMap((contender) => {
    const program = contender.prepare();
    if ('command' in program) return [{ contender, program }];
    tell(`skipped ${contender.key}: it needs ${program.missing}`);
    return [];
  });
}
