import type { z } from 'zod';
import type { Clock } from '../../context/clock.ts';
import type { MemoryEvent } from '../outbound-events.ts';
import { HEADER_BYTES, seal, unseal, type SharedAnswer } from './sealed-answer.ts';
import { SharedPlaces, type SharedPlace } from './shared-place.ts';

/** The few commands that are used, as ioredis has them. */
export interface RedisCommands {
  readonly status: string;
  set(key: string, value: Buffer, unit: 'PX', lifetimeMs: number): Promise<unknown>;
  pttl(key: string): Promise<number>;
  getrangeBuffer(key: string, start: number, end: number): Promise<Buffer>;
  del(key: string): Promise<number>;
}

export interface SharedAnswersOptions {
  readonly source: string;
  readonly lifetimeMs: number;
  /** Nothing larger is read or unpacked. */
  readonly maxBodyBytes: number;
}

/** Longest wait for Redis: many times what it takes on a good day, and little of any deadline. */
export const RECALL_MS = 20;

/** Under way at once, of each kind: more would only pile up in front of a Redis that does not keep up. */
export const MAX_PENDING = 256;
export const MAX_PENDING_BYTES = 8 * 1024 * 1024;

/** What PTTL says of a key that is not there. */
const NO_SUCH_KEY = -2;

/**
 * The last good answers of one source that the replicas share through Redis. It is never waited for long and never
 * trusted: dead, slow, full or talking nonsense, all that changes is what the listeners are told.
 */
export class SharedAnswers {
  private readonly redis: RedisCommands;
  private readonly options: SharedAnswersOptions;
  private readonly places: SharedPlaces;
  private readonly clock: Clock;
  private readonly tell: (event: MemoryEvent) => void;
  /** The newest body on its way to each place: an older one that took longer must not overwrite it. */
  private readonly preparing = new Map<string, Buffer>();
  private readonly pending = { writes: 0, writeBytes: 0, reads: 0, erasures: 0 };

  constructor(
    redis: RedisCommands,
    options: SharedAnswersOptions,
    clock: Clock,
    tell: (event: MemoryEvent) => void,
  ) {
    this.redis = redis;
    this.options = options;
    this.places = new SharedPlaces(options.source);
    this.clock = clock;
    this.tell = tell;
  }

  /** Returns at once: whether it was taken on, not whether it arrived. */
  write(key: string, schema: z.ZodType, body: Buffer): boolean {
    const { writes, writeBytes } = this.pending;
    const isTaken = this.isReady && writes < MAX_PENDING && writeBytes < MAX_PENDING_BYTES;
    if (isTaken) void this.send(this.places.of(key, schema), body);
    else this.tell('write_dropped');
    return isTaken;
  }

  /** Within `RECALL_MS`: undefined when there is nothing, or nothing that could be had in time. Never rejects. */
  read(key: string, schema: z.ZodType): Promise<SharedAnswer | undefined> {
    if (!this.isReady || this.pending.reads >= MAX_PENDING) {
      this.tell('read_dropped');
      return Promise.resolve(undefined);
    }
    return new Promise((resolve) => {
      let isOver = false;
      const end = (event: MemoryEvent, answer?: SharedAnswer): void => {
        if (isOver) return;
        isOver = true;
        this.clock.clearTimeout(timer);
        this.tell(event);
        resolve(answer);
      };
      const giveUp = (): void => this.clock.afterPoll(() => end('read_timeout'));
      const timer = this.clock.setTimeout(giveUp, RECALL_MS);
      void this.find(this.places.of(key, schema), end);
    });
  }

  /** Returns at once. */
  erase(key: string, schema: z.ZodType): void {
    const { name } = this.places.of(key, schema);
    this.preparing.delete(name);
    if (this.isReady && this.pending.erasures < MAX_PENDING) void this.remove(name);
    else this.tell('erase_failed');
  }

  private get isReady(): boolean {
    return this.redis.status === 'ready';
  }

  private async send({ name, digest }: SharedPlace, body: Buffer): Promise<void> {
    const { lifetimeMs } = this.options;
    this.pending.writes += 1;
    this.pending.writeBytes += body.length;
    this.preparing.set(name, body);
    try {
      const value = await seal(body, { digest, lifetimeMs });
      // Replaced or erased meanwhile.
      if (this.preparing.get(name) !== body) return;
      this.preparing.delete(name);
      await this.redis.set(name, value, 'PX', lifetimeMs);
    } catch {
      this.tell('write_failed');
    } finally {
      this.pending.writes -= 1;
      this.pending.writeBytes -= body.length;
    }
  }

  private async find(
    { name, digest }: SharedPlace,
    end: (event: MemoryEvent, answer?: SharedAnswer) => void,
  ): Promise<void> {
    const { maxBodyBytes } = this.options;
    this.pending.reads += 1;
    try {
      // In this order: an answer that is replaced in between looks older than it is, never younger.
      const [leftMs, value] = await Promise.all([
        this.redis.pttl(name),
        this.redis.getrangeBuffer(name, 0, HEADER_BYTES + maxBodyBytes),
      ]);
      if (leftMs === NO_SUCH_KEY) return end('miss');
      const answer = await unseal(value, { digest, leftMs, maxBodyBytes });
      end(answer === undefined ? 'garbage' : 'hit', answer);
    } catch {
      end('read_failed');
    } finally {
      this.pending.reads -= 1;
    }
  }

  private async remove(name: string): Promise<void> {
    this.pending.erasures += 1;
    try {
      await this.redis.del(name);
    } catch {
      this.tell('erase_failed');
    } finally {
      this.pending.erasures -= 1;
    }
  }
}
