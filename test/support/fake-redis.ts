import type { RedisCommands } from '../../src/outbound/last-known-good/shared-answers.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Redis as the service uses it, in virtual time: commands take effect in order, at once or when the test lets them. */
export class FakeRedis implements RedisCommands {
  status = 'ready';
  /** Whether commands wait for `release`. */
  isHeld = false;
  /** What every command is answered with, when set. */
  failure: Error | undefined;
  /** The commands that took effect: `set`, `pttl`, `getrange`, `del`. */
  readonly log: string[] = [];
  /** What was read in all. */
  bytesRead = 0;
  readonly stored = new Map<string, { value: Buffer; until: number }>();
  private readonly clock: VirtualClock;
  private readonly waiting: (() => void)[] = [];

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  set(key: string, value: Buffer, _unit: 'PX', lifetimeMs: number): Promise<unknown> {
    return this.reply('set', () => {
      this.stored.set(key, { value, until: this.clock.now() + lifetimeMs });
      return 'OK';
    });
  }

  pttl(key: string): Promise<number> {
    return this.reply(
      'pttl',
      () => (this.entry(key)?.until ?? this.clock.now() - 2) - this.clock.now(),
    );
  }

  getrangeBuffer(key: string, start: number, end: number): Promise<Buffer> {
    return this.reply('getrange', () => {
      const value = this.entry(key)?.value.subarray(start, end + 1) ?? Buffer.alloc(0);
      this.bytesRead += value.length;
      return value;
    });
  }

  del(key: string): Promise<number> {
    return this.reply('del', () => Number(this.stored.delete(key)));
  }

  /** Lets the commands that wait take effect, in order. */
  release(): void {
    this.isHeld = false;
    for (let run = this.waiting.shift(); run !== undefined; run = this.waiting.shift()) run();
  }

  private reply<T>(command: string, run: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        this.log.push(command);
        if (this.failure === undefined) resolve(run());
        else reject(this.failure);
      };
      if (this.isHeld) this.waiting.push(take);
      else take();
    });
  }

  private entry(key: string): { value: Buffer; until: number } | undefined {
    const entry = this.stored.get(key);
    return entry !== undefined && entry.until > this.clock.now() ? entry : undefined;
  }
}

/** Every promise that is settled has been heard of. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
