/** Where the process stands: who serves reads it, who shuts down moves it on. */
export class Lifecycle {
  private draining = false;
  private readonly listeners: (() => void)[] = [];

  get isDraining(): boolean {
    return this.draining;
  }

  /** From now on the load balancer is told to go elsewhere; there is no way back. */
  drain(): void {
    if (this.draining) return;
    this.draining = true;
    for (const listener of this.listeners) listener();
  }

  /** Told once, when it begins. */
  onDrain(listener: () => void): void {
    this.listeners.push(listener);
  }
}
