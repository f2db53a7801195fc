import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.ts';
import type { SourceClient } from '../clients/source.ts';
import { SOURCES } from '../clients/sources.ts';
import { DashboardController } from './dashboard.controller.ts';
import { DASHBOARD_SOURCES, DashboardService } from './dashboard.service.ts';

@Module({
  imports: [ClientsModule],
  controllers: [DashboardController],
  providers: [
    DashboardService,
    {
      provide: DASHBOARD_SOURCES,
      inject: [...SOURCES],
      useFactory: (...clients: SourceClient[]) =>
        Object.fromEntries(
          SOURCES.map(({ source }, at) => [source.name, { contract: source, client: clients[at] }]),
        ),
    },
  ],
})
export class DashboardModule {}
