import { Controller, Get, Inject, UseFilters } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { Admission } from '../context/admission/admission.ts';
import { Lifecycle } from '../context/lifecycle.ts';
import { Outbound } from '../outbound/outbound.ts';
import type { SourceRuntime } from '../outbound/source-runtime.ts';
import { HealthFilter } from './health.filter.ts';

/** Probes. No source can make either of them fail: a pod less does not mend a service that is down. */
@Controller('health')
@UseFilters(HealthFilter)
export class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
    @Inject(Admission) private readonly admission: Admission,
    @Inject(Outbound) private readonly outbound: Outbound,
  ) {}

  /** 200 as long as the process runs, draining included. */
  @Get('live')
  @ApiOperation({ operationId: 'getLiveness', summary: 'Whether the process runs' })
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /** 503 while draining or shedding a lot; 200 and `degraded` with the names of sources whose breaker is not closed. */
  @Get('ready')
  @ApiOperation({ operationId: 'getReadiness', summary: 'Whether to send requests here' })
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.process(),
      ...[...this.outbound.sources].map((source) => () => this.source(source)),
    ]);
  }

  private process(): HealthIndicatorResult {
    const indicator = this.indicators.check('process');
    if (this.lifecycle.isDraining) return indicator.down({ message: 'draining' });
    return this.admission.isShedding ? indicator.down({ message: 'shedding' }) : indicator.up();
  }

  private source({ name, breaker }: SourceRuntime): HealthIndicatorResult {
    const indicator = this.indicators.check(name);
    return breaker.state === 'closed'
      ? indicator.up()
      : indicator.degraded({ breaker: breaker.state });
  }
}
