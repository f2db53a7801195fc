import type { DiagLogger } from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { Clock } from '../../context/clock.ts';
import { SparseLines } from '../sparse-lines.ts';

/** Between two lines: a collector that is down fails every batch. */
const QUIET_MS = 60_000;

const NOTHING = (): void => undefined;

/**
 * What the SDK has to complain of, once a minute at most. It may quote whatever it was given, the collector's answer
 * and headers with secrets included: of an error only the kind is told, and of a sentence nothing that is quoted.
 */
export function diagnosticsTo(logger: Logger, clock: Clock): DiagLogger {
  const lines = new SparseLines(clock, QUIET_MS);
  // It may begin with the part that complains; what is no text is what it complains of.
  const complain = (...said: unknown[]): void => {
    const count = lines.happened();
    if (count === undefined) return;
    const message = said.filter((each) => typeof each === 'string').join(': ');
    logger.warn({ count, problem: problemIn(message) }, 'tracing');
  };
  return { error: complain, warn: complain, info: NOTHING, debug: NOTHING, verbose: NOTHING };
}

export function problemIn(message: string): string {
  const error = parsedError(message);
  if (error === undefined) return withoutQuotes(message).slice(0, 200);
  const { name, code, message: text } = error;
  // Of the system's codes, an HTTP status, or words of the SDK's own.
  const what = CODE.exec(code ?? '')?.[0] ?? SYSTEM_CODE.exec(text ?? '')?.[0];
  return `${NAME.exec(name ?? '')?.[0] ?? 'Error'}${what === undefined ? '' : `: ${what}`}`;
}

const CODE = /^(?:[A-Z][A-Z_]{2,40}|\d{1,3})$/;
const SYSTEM_CODE = /\bE[A-Z]{3,20}\b/;
const NAME = /^[A-Za-z]{1,40}$/;

/** An exception comes as JSON of all that it has, every value as text. */
function parsedError(message: string): Readonly<Record<string, string>> | undefined {
  if (!message.startsWith('{')) return undefined;
  try {
    return JSON.parse(message) as Record<string, string>;
  } catch {
    return {};
  }
}

const withoutQuotes = (message: string): string =>
  message
    .replaceAll(/(["'`]).*\1/gs, '***')
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '***')
    .replaceAll(/=\S+/g, '=***');
