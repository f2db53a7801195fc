import { Module, type DynamicModule } from '@nestjs/common';
import { CONFIG, type Config } from './config/config.ts';
import { Admission } from './context/admission/admission.ts';
import { Lifecycle } from './context/lifecycle.ts';
import { DashboardModule } from './dashboard/dashboard.module.ts';
import { PROBLEM_OF } from './dashboard/stream/problem-of.ts';
import { HealthModule } from './health/health.module.ts';
import { problemOf } from './http/problem/problem.filter.ts';
import { OUTBOUND_LISTENERS, type OutboundListener } from './outbound/outbound-events.ts';
import { BreakerLog } from './telemetry/breaker.log.ts';
import { InstanceLog } from './telemetry/instance.log.ts';

/** The wiring, in the order a request takes. */
@Module({})
export class AppModule {
  static with(
    config: Config,
    lifecycle: Lifecycle,
    admission: Admission,
    listeners: readonly OutboundListener[],
  ): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [DashboardModule, HealthModule],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: Lifecycle, useValue: lifecycle },
        { provide: Admission, useValue: admission },
        { provide: PROBLEM_OF, useValue: problemOf },
        {
          provide: OUTBOUND_LISTENERS,
          useValue: [
            new BreakerLog(),
            new InstanceLog(),
            ...listeners,
          ] satisfies OutboundListener[],
        },
      ],
      exports: [CONFIG, Lifecycle, Admission, PROBLEM_OF, OUTBOUND_LISTENERS],
    };
  }
}
