import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { CONFIG, type Config } from '../config/config.ts';
import { connectRedis } from './redis.client.ts';
import { REDIS } from './redis.ts';

/** The one connection to Redis; nobody waits for it, neither at the start nor at the end. */
@Module({
  providers: [
    {
      provide: REDIS,
      inject: [CONFIG],
      useFactory: ({ service: { REDIS_URL } }: Config): Redis | undefined =>
        REDIS_URL === undefined ? undefined : connectRedis(REDIS_URL),
    },
  ],
  exports: [REDIS],
})
export class RedisModule implements OnApplicationShutdown {
  constructor(@Inject(REDIS) private readonly redis: Redis | undefined) {}

  onApplicationShutdown(): void {
    // Whoever still hears of it: this end is no news.
    this.redis?.removeAllListeners('close').disconnect();
  }
}
