import http from 'node:http';
import { TestService, until } from './service.ts';

/** A service that has been through a little of everything: for who looks at all that `/metrics` can say. */
export async function serviceWithTraffic(): Promise<TestService> {
  const service = await TestService.start({
    SOURCE_RETRIES: '1',
    SOURCE_STALE_MS: '60000',
    RECOMMENDATION_SERVICE_STALE_MS: '0',
    SOURCE_BREAKER_MIN_CALLS: '4',
  });
  await service.request('/dashboard/41');
  service.script({
    orders: { errorRate: 1, errorStatus: 503 },
    recommendations: { badAnswer: 'refuse' },
  });
  for (let asked = 0; asked < 6; asked += 1) await service.request('/dashboard/41');
  await service.request('/dashboard/nobody');
  await service.request('/dashboard/41?include=recommendations');
  await service.request('/nothing');
  service.script({ user: { badAnswer: 'hang' } });
  const left = http.get({ port: service.port, host: '127.0.0.1', path: '/dashboard/42' });
  left.on('error', () => undefined);
  await until(() => service.sources.user.counts.requests === 1, 'the user service is asked');
  left.destroy();
  await until(() => service.held.every((held) => held === 0), 'nothing is held');
  return service;
}
