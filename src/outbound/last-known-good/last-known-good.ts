import type { Clock } from '../../context/clock.ts';
import { decode } from '../../transport/decode.ts';
import type { MemoryEvent } from '../outbound-events.ts';
import type { OutboundCall } from '../outbound.interceptor.ts';
import type { AnswerMemory, RememberedAnswer } from './answer-memory.ts';
import type { SharedAnswer } from './sealed-answer.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** What one source is allowed to answer from memory, and with what. */
export interface LastKnownGoodParts {
  readonly source: string;
  /** Age up to which an answer stands in for a failure; 0: never. */
  readonly staleMs: number;
  /** Age up to which an answer is given without asking; 0: never. */
  readonly freshMs: number;
  readonly memory: AnswerMemory;
  /** Where the replicas share their answers; undefined: nowhere. */
  readonly shared: SharedAnswers | undefined;
  readonly clock: Clock;
  readonly tell: (event: MemoryEvent) => void;
}

/** A value from an earlier answer. */
export interface Remembered<T> {
  readonly value: T;
  readonly ageMs: number;
}

/** A question to the other replicas; no longer wanted once its key has been erased. */
interface Recall {
  isWanted: boolean;
  done: Promise<void>;
}

/** How often an answer that stays the same goes to the other replicas: theirs may look that much older. */
const SHARE_EVERY_MS = 1_000;

/**
 * The last good answers of one source. What is kept are the bytes as they came: that costs nothing, and what is
 * recalled is held against the contract again.
 */
export class LastKnownGood {
  private readonly parts: LastKnownGoodParts;
  /** Callers that share one call bring the same bytes one after the other. */
  private latest: Buffer | undefined;
  /** What the other replicas are being asked for, once for all who want it. */
  private readonly recalls = new Map<string, Recall>();

  constructor(parts: LastKnownGoodParts) {
    this.parts = parts;
  }

  get isShared(): boolean {
    return this.parts.shared !== undefined;
  }

  remember(call: OutboundCall<unknown>, body: Buffer): void {
    if (body === this.latest) return;
    this.latest = body;
    const { memory, shared, clock } = this.parts;
    const key = this.keyOf(call);
    const at = clock.now();
    const before = memory.get(key);
    // Most answers say what the last one said: the new bytes may go, and cost the collector nothing.
    const answer = before?.body.equals(body) === true ? before : memory.set(key, { body, at });
    answer.at = at;
    if (shared === undefined || at - (answer.sharedAt ?? -Infinity) < SHARE_EVERY_MS) return;
    if (shared.write(key, call.schema, body)) answer.sharedAt = at;
  }

  /** The last good answer, if it is fresh enough not to ask. */
  fresh<T>(call: OutboundCall<T>): Remembered<T> | undefined {
    const { freshMs } = this.parts;
    return freshMs > 0 ? this.recall(call, freshMs) : undefined;
  }

  /** The last good answer, if it may stand in for a failure. */
  stale<T>(call: OutboundCall<T>): Remembered<T> | undefined {
    return this.recall(call, this.parts.staleMs);
  }

  /** Whether `stale` would have something to look at. */
  has(call: OutboundCall<unknown>): boolean {
    return this.answerOf(this.keyOf(call), this.parts.staleMs) !== undefined;
  }

  /** Asks the other replicas for what is not here: `stale` finds it afterwards. Takes a few ms at most, never rejects. */
  recallShared(call: OutboundCall<unknown>): Promise<void> {
    const key = this.keyOf(call);
    const { shared } = this.parts;
    const underWay = this.recalls.get(key);
    if (underWay !== undefined || shared === undefined) return underWay?.done ?? Promise.resolve();
    const recall: Recall = { isWanted: true, done: Promise.resolve() };
    this.recalls.set(key, recall);
    recall.done = this.fill(key, shared.read(key, call.schema), recall);
    return recall.done;
  }

  /** Here and in Redis; another replica that remembers it may do so for as long as it would have anyway. */
  forget(call: OutboundCall<unknown>): void {
    const { memory, shared } = this.parts;
    const key = this.keyOf(call);
    memory.delete(key);
    const recall = this.recalls.get(key);
    if (recall !== undefined) recall.isWanted = false;
    this.recalls.delete(key);
    shared?.erase(key, call.schema);
  }

  private async fill(
    key: string,
    read: Promise<SharedAnswer | undefined>,
    recall: Recall,
  ): Promise<void> {
    const { memory, clock } = this.parts;
    const askedAt = clock.now();
    const answer = await read;
    if (!recall.isWanted) return;
    this.recalls.delete(key);
    if (answer === undefined) return;
    const at = askedAt - answer.ageMs;
    if (at > (memory.get(key)?.at ?? -Infinity)) memory.set(key, { body: answer.body, at });
  }

  private recall<T>(call: OutboundCall<T>, maxAgeMs: number): Remembered<T> | undefined {
    const answer = this.answerOf(this.keyOf(call), maxAgeMs);
    if (answer === undefined) return undefined;
    try {
      const { value } = decode(answer.body, call.schema);
      return { value, ageMs: this.parts.clock.now() - answer.at };
    } catch {
      this.forget(call);
      this.parts.tell('garbage');
      return undefined;
    }
  }

  /** Younger than that, or nothing. */
  private answerOf(key: string, maxAgeMs: number): RememberedAnswer | undefined {
    const { memory, clock, staleMs, freshMs } = this.parts;
    const answer = memory.get(key);
    if (answer === undefined) return undefined;
    const ageMs = clock.now() - answer.at;
    if (ageMs >= Math.max(staleMs, freshMs)) memory.delete(key);
    return ageMs < maxAgeMs ? answer : undefined;
  }

  /** Neither a path nor a header can hold a line break. */
  private keyOf({ path, context }: OutboundCall<unknown>): string {
    return `${this.parts.source}\n${path}\n${context.audience}`;
  }
}
