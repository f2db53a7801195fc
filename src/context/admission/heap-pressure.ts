import { getHeapStatistics } from 'node:v8';

/** Whether the heap is close to the size at which V8 gives up. Looked up when somebody asks, and not too often. */

/** Of V8's limit. */
const TIGHT = 0.9;
/** One look costs some µs. */
const FRESH_MS = 250;

/** Used heap as a share of its limit, 0–1. */
export function usedShareOfHeap(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used / limit;
}

export class HeapPressure {
  private readonly usedShare: () => number;
  private lookedAt = -Infinity;
  private wasTight = false;

  constructor(usedShare: () => number) {
    this.usedShare = usedShare;
  }

  /** @param now in the ms of any one clock */
  isTight(now: number): boolean {
    if (now - this.lookedAt >= FRESH_MS) {
      this.lookedAt = now;
      this.wasTight = this.usedShare() > TIGHT;
    }
    return this.wasTight;
  }
}
