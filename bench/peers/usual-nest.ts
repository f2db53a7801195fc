import 'reflect-metadata';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Controller, Get, Injectable, Logger, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import CircuitBreaker from 'opossum';
import { firstValueFrom } from 'rxjs';

/**
 * The usual NestJS way to call other services: `HttpService` (axios), an opossum breaker around each call, and
 * `Promise.all`. Decorators need a compiler, so it is compiled before the start, as `nest build` would.
 */

const DEADLINE_MS = 1500;

function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

interface Fetched {
  readonly data: unknown;
  readonly report: { status: 'fresh'; elapsedMs: number; attempts: 1 };
}

@Injectable()
class SourceClient {
  private readonly breakers = new Map<string, CircuitBreaker<[url: string], unknown>>();

  constructor(private readonly http: HttpService) {}

  async get(source: string, url: string): Promise<Fetched> {
    const startedAt = performance.now();
    const data = await this.breakerOf(source).fire(url);
    const elapsedMs = Math.round(performance.now() - startedAt);
    return { data, report: { status: 'fresh', elapsedMs, attempts: 1 } };
  }

  private breakerOf(source: string): CircuitBreaker<[url: string], unknown> {
    let breaker = this.breakers.get(source);
    if (breaker === undefined) {
      breaker = new CircuitBreaker((url) => this.request(url), {
        timeout: DEADLINE_MS,
        errorThresholdPercentage: 50,
        resetTimeout: 10_000,
      });
      this.breakers.set(source, breaker);
    }
    return breaker;
  }

  private async request(url: string): Promise<unknown> {
    const { data } = await firstValueFrom(this.http.get<unknown>(url));
    return data;
  }
}

@Injectable()
class DashboardService {
  private readonly logger = new Logger(DashboardService.name);
  private readonly userUrl = environment('USER_SERVICE_URL');
  private readonly orderUrl = environment('ORDER_SERVICE_URL');
  private readonly recommendationUrl = environment('RECOMMENDATION_SERVICE_URL');
  private requests = 0;

  constructor(private readonly sources: SourceClient) {}

  async dashboard(userId: string): Promise<unknown> {
    const startedAt = performance.now();
    const encoded = encodeURIComponent(userId);
    const [user, orders, recommendations] = await Promise.all([
      this.sources.get('user', `${this.userUrl}/users/${encoded}`),
      this.sources.get('orders', `${this.orderUrl}/orders?user_id=${encoded}`),
      this.sources.get('recommendations', `${this.recommendationUrl}/recommendations/${encoded}`),
    ]).catch((error: unknown) => {
      this.logger.error(error);
      throw error;
    });
    this.requests += 1;
    return {
      status: 'success',
      userId,
      data: { user: user.data, orders: orders.data, recommendations: recommendations.data },
      missing: [],
      stale: [],
      sources: {
        user: user.report,
        orders: orders.report,
        recommendations: recommendations.report,
      },
      meta: {
        requestId: `req-${this.requests.toString(36)}`,
        elapsedMs: Math.round(performance.now() - startedAt),
        deadlineMs: DEADLINE_MS,
      },
    };
  }
}

@Controller('dashboard')
class DashboardController {
  constructor(private readonly dashboards: DashboardService) {}

  @Get(':userId')
  async dashboard(@Param('userId') userId: string): Promise<unknown> {
    return this.dashboards.dashboard(userId);
  }
}

@Module({
  imports: [HttpModule.register({ timeout: DEADLINE_MS, proxy: false })],
  controllers: [DashboardController],
  providers: [DashboardService, SourceClient],
})
class AppModule {}

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
  logger: ['error', 'warn'],
});
await app.listen(Number(environment('PORT')), environment('HOST'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
