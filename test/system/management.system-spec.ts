import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { DATA } from '../../demo/data.ts';
import { DemoSource } from '../../demo/demo-source.ts';
import { NO_FAULTS } from '../../demo/faults.ts';
import { SOURCES } from '../../src/clients/sources.ts';
import { get, keeping, leave, refused } from '../support/process-calls.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { until } from '../support/service.ts';

/** The private listener of the process as operators run it: where it is, and how long. */

const source = new DemoSource('all', DATA.user);
let running: ServiceProcess | undefined;

beforeAll(async () => {
  await source.listen();
}, 120_000);
afterAll(() => source.close());
afterEach(async () => {
  await running?.kill();
  running = undefined;
});

function start(env: Record<string, string> = {}): ServiceProcess {
  const urls = SOURCES.map(({ source: { envPrefix } }) => [`${envPrefix}_URL`, source.url]);
  running = new ServiceProcess({ ...Object.fromEntries(urls), ...env });
  return running;
}

const scrape = async (port: number, host = '127.0.0.1') =>
  (await fetch(`http://${host}:${port}/metrics`)).text();

it('on a private port that is taken it says so and exits', async () => {
  const service = start({ MANAGEMENT_PORT: new URL(source.url).port });
  expect(await service.exitCode()).toBe(1);
  expect(service.output).toMatch(/"level":"fatal".*EADDRINUSE.*cannot listen/);
});

it('is where MANAGEMENT_HOST says and nowhere else', async () => {
  const service = start({ MANAGEMENT_HOST: '127.0.0.2' });
  const port = await service.managementPort();
  expect(await scrape(port, '127.0.0.2')).toContain('{status="success"} 0\n');
  await expect(get(port, '/metrics')).rejects.toThrow('ECONNREFUSED');
});

it('answers during the drain and after it, leaves last, and waits for nobody', async () => {
  const service = start({ DRAIN_DELAY_MS: '300', DEADLINE_MS: '60000' });
  const [port, privatePort] = [await service.port(), await service.managementPort()];
  source.faults = { ...NO_FAULTS, latencyMs: 2_000 };
  const idle = net.connect(privatePort, '127.0.0.1').resume();
  await once(idle, 'connect');
  const left = once(idle, 'close');
  const asked = get(port, '/dashboard/41?include=user', keeping());
  await until(() => source.counts.requests === 1, 'the source is asked');
  await leave(service, 'SIGTERM');
  expect(await scrape(privatePort)).toContain('aggregator_in_flight 1\n');
  await refused(port);
  expect(await scrape(privatePort)).toContain('aggregator_in_flight 1\n');
  expect(await asked).toMatchObject({ status: 200 });
  expect(await service.exitCode()).toBe(0);
  await left;
  await expect(scrape(privatePort)).rejects.toThrow();
});
