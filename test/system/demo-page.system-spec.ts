import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { DATA } from '../../demo/data.ts';
import { DemoSource } from '../../demo/demo-source.ts';
import { PageServer } from '../../demo/page-server/page-server.ts';
import type { RunningService } from '../../demo/sources.ts';
import { SOURCE_NAMES } from '../../src/clients/sources.ts';
import { cleanups } from '../support/cleanups.ts';
import { HeldService, RECOMMENDATIONS, USER } from '../support/held-service.ts';
import { onlyIf } from '../support/programs.ts';
import { TestService } from '../support/service.ts';
import { hasChromium, launch, WatchedPage } from './support/browser.ts';

/** The demo page in a browser: a dashboard that lands piece by piece, and all that a newcomer can do to it. */

const it = onlyIf(hasChromium, 'the demo page in a browser, as there is no /usr/bin/chromium');
const { later } = cleanups();

let browser: Browser;
beforeAll(async () => {
  if (hasChromium) browser = await launch();
}, 60_000);
afterAll(() => (hasChromium ? browser.close() : undefined));

async function look(
  services: readonly RunningService[],
  service: TestService,
  hasTraffic: boolean,
): Promise<WatchedPage> {
  const { port, managementUrl: management } = service;
  const places = { service: `http://127.0.0.1:${port}`, management, port: 0 };
  const server = new PageServer(services, places);
  server.traffic.isOn = hasTraffic;
  await server.listen();
  later(() => server.close());
  const watched = await WatchedPage.open(browser, server.url);
  later(() => watched.close());
  return watched;
}

const section = (name: string, status: string): string =>
  `[data-section=${name}][data-status=${status}]`;
const panel = (name: string): string => `[data-panel=${name}]`;

describe('the demo page', () => {
  it('draws each section the moment it lands', async () => {
    const held = await HeldService.start();
    later(() => held.stop());
    const watched = await look([], held.inner, false);
    await held.holds();
    await watched.says(section('user', 'waiting'), 'waiting');
    await held.user.answer({ ...USER, name: '<b id="evil">Ada</b>' });
    await watched.says(section('user', 'fresh'), '<b id="evil">Ada</b>');
    expect(await watched.page.locator('#evil').count()).toBe(0);
    await watched.says(section('orders', 'waiting'), 'waiting');
    await watched.says(section('recommendations', 'waiting'), 'waiting');
    await watched.shoot('demo-landing');
    await held.recommendations.answer(RECOMMENDATIONS);
    await watched.says(section('recommendations', 'fresh'), 'A book');
    await watched.says(section('orders', 'waiting'), 'waiting');
    await held.orders.fail();
    await watched.says(section('orders', 'missing'), 'Not there: answered with an error.');
    await watched.says('.request-text', 'Partial');
    expect(await watched.page.locator('.pin').count()).toBe(SOURCE_NAMES.length);
    expect(await watched.problems()).toEqual([]);
    expect([...watched.errors, ...watched.strangers]).toEqual([]);
  });

  it('shows a source break, the last good answer stand in, the circuit open, and recovery', async () => {
    const { service, services } = await withTwoOrderInstances();
    const watched = await look(services, service, true);
    await watched.says('.request-text', 'Complete');
    await watched.page.click('[data-preset=down]');
    await watched.says(section('recommendations', 'stale'), /stale · \d+ s old/);
    await watched.says(section('recommendations', 'stale'), 'The last good answer stands in');
    await watched.says(panel('recommendations'), 'circuit open');
    await watched.says('#step-open[data-done]', 'circuit open');
    await watched.shoot('demo-broken');
    expect(await watched.problems()).toEqual([]);
    expect(await watched.overhangAt(360)).toBe(0);
    await watched.shoot('demo-phone');
    await watched.page.click('[data-preset=fine]');
    await watched.says(panel('recommendations'), 'circuit closed');
    await watched.says(section('recommendations', 'fresh'), 'fresh');
    await watched.says('#step-recover[data-done]', 'closes by itself');
    expect([...watched.errors, ...watched.strangers]).toEqual([]);
  });

  it('kills an instance and nobody misses it, and starts it again where it was', async () => {
    const { service, services } = await withTwoOrderInstances();
    const watched = await look(services, service, true);
    await watched.says('.request-text', 'Complete');
    await watched.page.click(`${panel('orders')} [data-instance="0"]`);
    await watched.says(`${panel('orders')} [data-up=false]`, 'down');
    await watched.page.click('#ask');
    await watched.says(section('orders', 'fresh'), 'fresh');
    await watched.page.click(`${panel('orders')} [data-instance="0"]`);
    await watched.page.locator(`${panel('orders')} [data-up=false]`).waitFor({ state: 'detached' });
  });

  it('moves a slider and the source is slow', async () => {
    const { service, services } = await withTwoOrderInstances();
    const watched = await look(services, service, false);
    await watched.says('.request-text', 'Complete');
    await watched.page.locator('#orders-latency').fill('400');
    await watched.says(`${panel('orders')} output`, '400 ms');
    await watched.says(section('orders', 'fresh'), /fresh · [4-9]\d\d ms/);
    expect(service.sources.user.faults.latencyMs).toBe(0);
  });
});

/** `orders` has two instances, so that one can be missed. */
async function withTwoOrderInstances(): Promise<{
  service: TestService;
  services: readonly RunningService[];
}> {
  const orders = [1, 2].map((at) => new DemoSource(`orders-${at}`, DATA.orders));
  await Promise.all(orders.map((source) => source.listen()));
  later(() => Promise.all(orders.map((source) => source.close())));
  const service = await TestService.start({
    EXPLAIN: 'on',
    SOURCE_BREAKER_OPEN_MS: '200',
    ORDER_SERVICE_URL: orders.map(({ url }) => url).join(','),
  });
  later(() => service.stop());
  const { user, recommendations } = service.sources;
  const running = (name: RunningService['name'], sources: readonly DemoSource[]) => ({
    name,
    envPrefix: '',
    urls: sources.map(({ url }) => url),
    sources,
  });
  const services = [
    running('user', [user]),
    running('orders', orders),
    running('recommendations', [recommendations]),
  ];
  return { service, services };
}
