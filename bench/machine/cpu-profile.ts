/** Reads what `node --cpu-prof` writes: self time by function, file and package. */

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** Counted from 0. */
  readonly lineNumber: number;
}

export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  /** Node ids, one a sample. */
  readonly samples: readonly number[];
  /** µs from each sample to the one before. */
  readonly timeDeltas: readonly number[];
}

/** A part of the profiled window, in seconds from the profile's start. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface SelfTime {
  readonly label: string;
  /** Of the time the process was not idle: 0–1. */
  readonly share: number;
}

export type Label = (frame: CallFrame) => string;

/** `package`, `own: file`, `node: module`, or what V8 calls time outside of JavaScript. */
export const byOrigin: Label = ({ url, functionName }) => {
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (inPackage !== undefined) return inPackage;
  if (url.startsWith('node:')) return `node: ${url.slice('node:'.length)}`;
  const ownFile = /\/dist\/(.*)$/.exec(url)?.[1];
  if (ownFile !== undefined) return `own: ${ownFile}`;
  return url === '' ? `native: ${functionName}` : url;
};

export const byFunction: Label = (frame) =>
  frame.url === ''
    ? byOrigin(frame)
    : `${frame.functionName || '(anonymous)'} — ${byOrigin(frame)} ${fileOf(frame)}`;

const fileOf = ({ url, lineNumber }: CallFrame): string =>
  `${url.slice(url.lastIndexOf('/') + 1)}:${lineNumber + 1}`;

/** Most expensive first. */
export function selfTimes(profile: CpuProfile, span: Span, label: Label): readonly SelfTime[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const micros = new Map<string, number>();
  let at = 0;
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index] ?? 0;
    at += delta;
    const frame = frames.get(id);
    if (frame === undefined || at < span.from * 1e6 || at > span.to * 1e6) continue;
    if (frame.functionName === '(idle)') continue;
    const name = label(frame);
    micros.set(name, (micros.get(name) ?? 0) + delta);
    total += delta;
  }
  return [...micros]
    .map(([name, own]) => ({ label: name, share: own / total }))
    .toSorted((a, b) => b.share - a.share);
}
