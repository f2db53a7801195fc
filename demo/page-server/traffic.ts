import http from 'node:http';

/** Others who ask for their dashboards, so that a breaker has something to judge by. Only while somebody looks. */

const EVERY_MS = 50;
/** So few that the last good answers are still young. */
const USERS = 60;
/** After this long without a look nobody looks. */
const LOOK_MS = 10_000;

export class Traffic {
  isOn = true;
  private readonly origin: string;
  private readonly agent = new http.Agent({ keepAlive: true });
  private timer: NodeJS.Timeout | undefined;
  private lookedAt = -Infinity;
  private asked = 0;
  /** So that the console has plans to show; not where EXPLAIN is off. */
  private mayExplain = true;

  constructor(origin: string) {
    this.origin = origin;
  }

  get perSecond(): number {
    return 1000 / EVERY_MS;
  }

  /** Somebody looks at the page. */
  looked(): void {
    this.lookedAt = performance.now();
    this.timer ??= setInterval(() => this.ask(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.agent.destroy();
  }

  private ask(): void {
    if (performance.now() - this.lookedAt > LOOK_MS) return this.stop();
    if (!this.isOn) return;
    this.asked += 1;
    const userId = 1 + (this.asked % USERS);
    const query = this.mayExplain ? '?explain=true' : '';
    http
      .get(`${this.origin}/dashboard/${userId}${query}`, { agent: this.agent }, (answer) => {
        if (answer.statusCode === 403) this.mayExplain = false;
        answer.resume();
      })
      .on('error', () => undefined);
  }
}
