import type { Facts, Frame, InstanceRow, Instances, SourceFrame } from '../console.contract.ts';
import { duration, percent, rate } from './format.ts';
import { meanRate } from './history.ts';

/** One sentence in words: what is wrong now, or that nothing is. */
export interface Headline {
  readonly level: 'idle' | 'ok' | 'warn' | 'bad';
  readonly text: string;
  /** What is wrong without how much of it: changes only when there is news. */
  readonly key: string;
}

interface Clause {
  readonly level: 'warn' | 'bad';
  readonly text: string;
  readonly key: string;
}

/** Seconds that it looks back: long enough not to flicker. */
const LOOKS_BACK = 6;
/** Below these shares nothing is said: a few failures are what the pipeline is for. */
const NOTEWORTHY = 0.02;
const MOST_CLAUSES = 3;

export function headlineOf(frames: readonly Frame[], instances: Instances, facts: Facts): Headline {
  const recent = frames.slice(-LOOKS_BACK);
  const last = recent.at(-1);
  if (last === undefined) return idle('Waiting for the first second of data');
  const clauses = [
    ...facts.sources.flatMap(({ name }) => aboutSource(name, recent)),
    ...aboutAnswers(recent),
    ...aboutProcess(last, facts),
    ...facts.sources.flatMap(({ name }) => aboutInstances(name, instances[name] ?? [])),
  ];
  if (clauses.length > 0) return join(clauses);
  if (!frames.some(hasTraffic)) return idle('Waiting for the first request');
  return { level: 'ok', text: 'All sources healthy', key: 'ok' };
}

function aboutSource(name: string, recent: readonly Frame[]): readonly Clause[] {
  const last = recent.at(-1)?.sources[name];
  const trouble = last && (breakerClause(name, last) ?? missingClause(name, recent));
  return trouble === undefined ? [] : [trouble];
}

function aboutInstances(name: string, rows: readonly InstanceRow[]): readonly Clause[] {
  const ejected = rows.filter(({ ejectedForMs }) => ejectedForMs !== null).length;
  if (ejected === 0) return [];
  return [warn(`${name}: ${ejected} of ${rows.length} instances ejected`, `${name} ejected`)];
}

/** Open and half-open take turns while a source is down: one piece of news, not two. */
function breakerClause(name: string, { breaker }: SourceFrame): Clause | undefined {
  if (breaker.state === 'closed') return undefined;
  const since = duration(breaker.troubledForMs ?? 0);
  const probing = breaker.state === 'half_open' ? ', trying again' : '';
  return bad(`${name}: circuit open for ${since}${probing}`, `${name} open`);
}

function missingClause(name: string, recent: readonly Frame[]): Clause | undefined {
  const of = (read: (source: SourceFrame) => number): number =>
    recent.reduce((sum, { sources }) => sum + (sources[name] ? read(sources[name]) : 0), 0);
  const calls = of(({ fresh, stale, missing }) => fresh + stale + missing);
  if (calls === 0) return undefined;
  const [missing, stale] = [of((source) => source.missing), of((source) => source.stale)];
  if (missing / calls >= NOTEWORTHY)
    return warn(`${name}: ${percent(missing / calls)} missing`, `${name} missing`);
  if (stale / calls >= NOTEWORTHY)
    return warn(`${name}: ${percent(stale / calls)} from memory`, `${name} stale`);
  return undefined;
}

function aboutAnswers(recent: readonly Frame[]): readonly Clause[] {
  const sum = (read: (frame: Frame) => number): number =>
    recent.reduce((total, frame) => total + read(frame), 0);
  const failed = sum(({ requests }) => requests.failure);
  const partial = sum(({ requests }) => requests.partial_success);
  const answered = failed + partial + sum(({ requests }) => requests.success);
  const shed = meanRate(recent, ({ requests }) => requests.shed);
  return [
    ...(failed > 0 && failed / answered >= NOTEWORTHY
      ? [bad(`${percent(failed / answered)} of answers failed`, 'failed')]
      : []),
    ...(partial > 0 && partial / answered >= NOTEWORTHY
      ? [warn(`${percent(partial / answered)} of answers partial`, 'partial')]
      : []),
    ...(shed > 0 ? [bad(`${rate(shed)} requests/s shed`, 'shed')] : []),
  ];
}

function aboutProcess(last: Frame, { maxLoopDelayMs }: Facts): readonly Clause[] {
  return last.loopDelayMs >= 0.8 * maxLoopDelayMs
    ? [bad(`event loop ${Math.round(last.loopDelayMs)} ms late`, 'loop')]
    : [];
}

/** The worst first; what does not fit is counted. */
function join(clauses: readonly Clause[]): Headline {
  const ordered = [
    ...clauses.filter(({ level }) => level === 'bad'),
    ...clauses.filter(({ level }) => level === 'warn'),
  ];
  const more = ordered.length - MOST_CLAUSES;
  const text = ordered.slice(0, MOST_CLAUSES).map((clause) => clause.text);
  return {
    level: ordered[0]?.level ?? 'warn',
    text: [...text, ...(more > 0 ? [`and ${more} more`] : [])].join('; '),
    key: ordered.map(({ key }) => key).join(', '),
  };
}

const hasTraffic = ({ requests }: Frame): boolean =>
  Object.values(requests as unknown as Record<string, number>).some((count) => count > 0);
const idle = (text: string): Headline => ({ level: 'idle', text, key: text });
const bad = (text: string, key: string): Clause => ({ level: 'bad', text, key });
const warn = (text: string, key: string): Clause => ({ level: 'warn', text, key });
