/** A map that holds so many entries and no more: who was set longest ago is forgotten first. */
export class BoundedMap<K, V> {
  private readonly most: number;
  private readonly entries = new Map<K, V>();

  constructor(most: number) {
    this.most = most;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: K): V | undefined {
    return this.entries.get(key);
  }

  set(key: K, value: V): void {
    // A map keeps its keys in the order in which they came: this one comes last again.
    if (!this.entries.delete(key) && this.entries.size >= this.most) this.forgetOldest();
    this.entries.set(key, value);
  }

  private forgetOldest(): void {
    for (const oldest of this.entries.keys()) return void this.entries.delete(oldest);
  }
}
