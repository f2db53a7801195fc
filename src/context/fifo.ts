interface Place<T> {
  readonly item: T;
  next: Place<T> | undefined;
}

/** First come, first served, for lines that may never be empty: whoever has left it is held by nothing. */
export class Fifo<T> {
  private first: Place<T> | undefined = undefined;
  private last: Place<T> | undefined = undefined;
  private size = 0;

  get length(): number {
    return this.size;
  }

  push(item: T): void {
    const place: Place<T> = { item, next: undefined };
    if (this.last === undefined) this.first = place;
    else this.last.next = place;
    this.last = place;
    this.size += 1;
  }

  /** Undefined when nobody is left. */
  shift(): T | undefined {
    const { first } = this;
    if (first === undefined) return undefined;
    this.first = first.next;
    if (this.first === undefined) this.last = undefined;
    // Else one that has grown old keeps all that came after it from being collected young.
    first.next = undefined;
    this.size -= 1;
    return first.item;
  }
}
