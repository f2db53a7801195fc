import { LRUCache } from 'lru-cache';

/** The last good answers of this process: bounded in bytes, the longest unused is forgotten first. */

/** The bytes of one good answer, and when they came. */
export interface RememberedAnswer {
  readonly body: Buffer;
  /** In `clock.now()` ms. */
  at: number;
  /** When it was last handed to the other replicas, in `clock.now()` ms; undefined when it was not. */
  sharedAt?: number;
}

/** Some 10,000 answers of 2 KB, in a process whose connections and heap take several times as much under load. */
export const MAX_BYTES = 32 * 1024 * 1024;

/** What an entry costs beside its body and key: measured as 710–810 bytes of resident memory. */
export const OVERHEAD_BYTES = 768;

/** Up to here a body may keep bytes alive that are not its own: the head of the answer it was cut from. */
const SPARE_BYTES = 1024;

/** One for all sources of the process: whoever needs the room has it. */
export class AnswerMemory {
  private readonly entries: LRUCache<string, RememberedAnswer>;

  constructor(maxBytes = MAX_BYTES) {
    this.entries = new LRUCache<string, RememberedAnswer>({
      maxSize: maxBytes,
      sizeCalculation: ({ body }, key) => body.buffer.byteLength + key.length + OVERHEAD_BYTES,
    });
  }

  /** What is held now, in bytes. */
  get bytes(): number {
    return this.entries.calculatedSize;
  }

  get(key: string): RememberedAnswer | undefined {
    return this.entries.get(key);
  }

  /**
   * Returns what is kept of it. An answer that is larger than the whole memory is not kept, and neither is the one
   * before it.
   */
  set(key: string, answer: RememberedAnswer): RememberedAnswer {
    const body = detached(answer.body);
    const kept = body === answer.body ? answer : { ...answer, body };
    this.entries.set(key, kept);
    return kept;
  }

  delete(key: string): void {
    this.entries.delete(key);
  }
}

/** A copy where the body is a small part of something large, which it would keep alive. */
function detached(body: Buffer): Buffer {
  const spareBytes = body.buffer.byteLength - body.length;
  if (spareBytes <= Math.max(SPARE_BYTES, body.length)) return body;
  // Not from Node's pool: that would be a small part of something large again.
  const copy = Buffer.allocUnsafeSlow(body.length);
  body.copy(copy);
  return copy;
}
