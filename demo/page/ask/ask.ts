import { EventReader } from './events.ts';

/** A dashboard as it comes: section by section, and then how it ended. */

export interface LandedSection {
  readonly source: string;
  readonly status: 'fresh' | 'stale' | 'missing';
  readonly data: unknown;
  readonly reason?: string;
  readonly ageMs?: number;
  readonly elapsedMs: number;
}

export interface Ending {
  readonly kind: 'success' | 'partial' | 'problem';
  readonly text: string;
  readonly elapsedMs: number;
}

export interface Listener {
  landed(section: LandedSection): void;
  ended(ending: Ending): void;
}

interface Complete {
  readonly status: 'success' | 'partial_success';
  readonly meta: { readonly elapsedMs: number };
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly status?: number;
  readonly sources?: Readonly<Record<string, Omit<LandedSection, 'source' | 'data'>>>;
}

/** Aborting it cancels the calls behind it. Always ends with `ended`, unless it was aborted. */
export async function ask(userId: string, listener: Listener, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  const elapsedMs = (): number => performance.now() - startedAt;
  try {
    const response = await fetch(`/dashboard/${encodeURIComponent(userId)}`, {
      headers: { accept: 'text/event-stream' },
      signal,
    });
    if (!response.ok) return problem((await response.json()) as Problem, elapsedMs(), listener);
    await follow(response, elapsedMs, listener);
  } catch {
    if (!signal.aborted)
      listener.ended({
        kind: 'problem',
        text: 'The service does not answer.',
        elapsedMs: elapsedMs(),
      });
  }
}

async function follow(
  response: Response,
  elapsedMs: () => number,
  listener: Listener,
): Promise<void> {
  const events = new EventReader();
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader?.read(); piece?.value !== undefined; piece = await reader?.read())
    for (const { event, data } of events.read(piece.value)) {
      if (event === 'section') listener.landed(data as LandedSection);
      if (event === 'complete') complete(data as Complete, listener);
      if (event === 'error') problem(data as Problem, elapsedMs(), listener);
    }
}

function complete({ status, meta: { elapsedMs } }: Complete, listener: Listener): void {
  const isAll = status === 'success';
  const text = isAll ? 'Complete' : 'Partial: what is there, and an honest word about the rest';
  listener.ended({ kind: isAll ? 'success' : 'partial', text, elapsedMs });
}

/** Sections that nobody told of yet are told of here: none of them is left waiting. */
function problem(
  { title, detail, status, sources }: Problem,
  elapsedMs: number,
  listener: Listener,
): void {
  for (const [source, section] of Object.entries(sources ?? {}))
    listener.landed({ ...section, source, data: null, status: 'missing' });
  const text = `${status ?? ''} ${title ?? 'Problem'}${detail === undefined ? '' : `: ${detail}`}`;
  listener.ended({ kind: 'problem', text: text.trim(), elapsedMs });
}
