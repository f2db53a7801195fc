import { HttpModule, HttpService } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.ts';
import { systemClock } from '../context/clock.ts';
import { AxiosTransport } from './axios/axios.transport.ts';
import { ClosingQueue } from './closing-queue.ts';
import { TRANSPORT_FACTORY, type TransportFactory } from './transport.ts';
import { UndiciTransport } from './undici/undici.transport.ts';

function transportFactory({ service }: Config, http: HttpService): TransportFactory {
  switch (service.TRANSPORT) {
    case 'undici': {
      const closing = new ClosingQueue(systemClock);
      return (limits) => new UndiciTransport(limits, systemClock, closing);
    }
    case 'axios':
      return (limits) => new AxiosTransport(limits, systemClock, http);
    default:
      return service.TRANSPORT satisfies never;
  }
}

@Module({
  imports: [HttpModule],
  providers: [
    { provide: TRANSPORT_FACTORY, inject: [CONFIG, HttpService], useFactory: transportFactory },
  ],
  exports: [TRANSPORT_FACTORY],
})
export class TransportModule {}
