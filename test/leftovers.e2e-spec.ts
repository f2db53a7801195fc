import http from 'node:http';
import { expect, it } from '@jest/globals';
import { DATA } from '../demo/data.ts';
import { DemoSource } from '../demo/demo-source.ts';
import { NO_FAULTS, type BadAnswer } from '../demo/faults.ts';
import { TestService, until } from './support/service.ts';

/** Whatever went wrong and however calls ended, nothing is left of them: permits, probes, timers, sockets. */

const BAD: readonly BadAnswer[] = ['hang', 'refuse', 'drip', 'cut_short', 'garbage', 'oversized'];

/** What keeps the process busy, by kind, beyond what the test runner itself has. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = { Timeout: 0, TCPSocketWrap: 0, TCPServerWrap: 0 };
  for (const kind of process.getActiveResourcesInfo())
    if (kind in counts) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const isAtMost = (now: Record<string, number>, before: Record<string, number>): boolean =>
  Object.entries(now).every(([kind, count]) => count <= (before[kind] ?? 0));

it.each(['undici', 'axios'])(
  'over %s',
  async (TRANSPORT) => {
    const before = resources();
    const instances = [1, 2, 3].map((number) => new DemoSource(`orders-${number}`, DATA.orders));
    await Promise.all(instances.map((instance) => instance.listen()));
    const service = await TestService.start({
      TRANSPORT,
      DEADLINE_MS: '400',
      SOURCE_HEDGE: 'on',
      SOURCE_BREAKER_MIN_CALLS: '10',
      SOURCE_BREAKER_OPEN_MS: '100',
      SOURCE_MAX_CONCURRENT: '10',
      ORDER_SERVICE_URL: instances.map(({ url }) => url).join(','),
    });
    const leave = (path: string): Promise<void> =>
      new Promise((resolve) => {
        const caller = http.get({ host: '127.0.0.1', port: service.port, path, agent: false });
        caller.on('error', () => undefined).on('close', resolve);
        setTimeout(() => caller.destroy(), 50);
      });
    let user = 0;
    const path = (): string => `/dashboard/${(user = (user % 999) + 1)}`;
    for (const badAnswer of BAD) {
      service.script({ recommendations: { badAnswer }, user: { errorRate: 0.3 } });
      for (const [at, instance] of instances.entries())
        instance.faults = { ...NO_FAULTS, badAnswer: at === 0 ? badAnswer : 'none', jitterMs: 40 };
      const same = path();
      await Promise.all([
        ...Array.from({ length: 20 }, () => service.request(path())),
        ...Array.from({ length: 5 }, () => service.request(same)),
        ...Array.from({ length: 5 }, () => leave(path())),
        ...Array.from({ length: 5 }, () => leave(same)),
      ]);
      await until(() => service.held.every((held) => held === 0), `nothing is held: ${badAnswer}`);
    }
    service.script();
    await service.stop();
    await Promise.all(instances.map((instance) => instance.close()));
    await until(() => isAtMost(resources(), before), 'timers and sockets are as before', 15_000);
    expect(isAtMost(resources(), before)).toBe(true);
  },
  60_000,
);
