import { Module } from '@nestjs/common';
import { RedisModule } from '../redis/redis.module.ts';
import { TransportModule } from '../transport/transport.module.ts';
import { Outbound } from './outbound.ts';

@Module({
  imports: [TransportModule, RedisModule],
  providers: [Outbound],
  exports: [Outbound],
})
export class OutboundModule {}
