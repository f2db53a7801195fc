/** Where the process stands: who serves reads it, who shuts down moves it on. */
export class Lifecycle {
  private draining = false;

  get isDraining(): boolean {
    return this.draining;
  }

  /** From now on the load balancer is told to go elsewhere; there is no way back. */
  drain(): void {
    this.draining = true;
  }
}
