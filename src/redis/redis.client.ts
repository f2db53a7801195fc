import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { endConnectionOnBrokenFrames } from './broken-frames.ts';

/** A command is worth something now or not at all: nothing is queued for later, sent twice, or waited for long. */
const OPTIONS = {
  connectionName: 'tributary',
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // All commands of one turn of the event loop are one write.
  enableAutoPipelining: true,
  connectTimeout: 1_000,
  // One that takes commands and says nothing is as good as dead, also while it is being connected to.
  socketTimeout: 1_000,
  disconnectTimeout: 100,
  retryStrategy: (times: number): number =>
    Math.min(3_000, 50 * 2 ** times) * (0.8 + 0.4 * Math.random()),
};

/**
 * A client that connects, and connects again, in the background for as long as it lives. It never throws, and every
 * command fails at once while it is not connected.
 */
export function connectRedis(url: string): Redis {
  endConnectionOnBrokenFrames();
  const redis = new Redis(url, OPTIONS);
  logChanges(redis);
  return redis;
}

/** Once for every change: it tries again every few seconds for as long as Redis is away. */
function logChanges(redis: Redis): void {
  const logger = new Logger('Redis');
  let isUp: boolean | undefined;
  const down = (why: string): void => {
    if (isUp !== false) logger.warn(`not connected: ${why}`);
    isUp = false;
  };
  redis.on('ready', () => {
    if (isUp === false) logger.warn('connected again');
    isUp = true;
  });
  redis.on('error', (error: unknown) => down(causeOf(error)));
  redis.on('close', () => down('the connection closed'));
}

/** A system's code or Redis' own error word. Never the message: Redis quotes commands in it, `AUTH` among them. */
export function causeOf(error: unknown): string {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (typeof code === 'string') return code;
  return /^[A-Z]{2,}(?= )/.exec(message)?.[0] ?? 'it does not answer as Redis does';
}
