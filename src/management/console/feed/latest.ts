/** The latest so many of a kind, oldest first. */
export class Latest<T> {
  private readonly most: number;
  private items: T[] = [];

  constructor(most: number) {
    this.most = most;
  }

  get list(): readonly T[] {
    return this.items.slice(-this.most);
  }

  /** Moves everything once in `most` times, not every time. */
  add(item: T): void {
    this.items.push(item);
    if (this.items.length >= 2 * this.most) this.items = this.items.slice(-this.most);
  }
}
