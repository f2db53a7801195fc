import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { passOn } from '../../demo/page-server/proxy.ts';
import { SOURCE_NAMES } from '../../src/clients/sources.ts';
import { onlyIf } from '../support/programs.ts';
import { TestService } from '../support/service.ts';
import { hasChromium, launch, WatchedPage } from './support/browser.ts';

/** The live console in a browser: each of its states, and what must hold in all of them. */

const it = onlyIf(hasChromium, 'the console in a browser, as there is no /usr/bin/chromium');
const INCOMPLETE = '.answers > li';

let browser: Browser;
let service: TestService;
/** What the browser talks to, so that the connection can be cut. */
let front: Server;
let open: WatchedPage[] = [];

beforeAll(async () => {
  if (hasChromium) browser = await launch();
}, 60_000);
afterAll(() => (hasChromium ? browser.close() : undefined));

beforeEach(async () => {
  if (!hasChromium) return;
  service = await TestService.start({
    EXPLAIN: 'on',
    SOURCE_RETRIES: '1',
    SOURCE_STALE_MS: '0',
    SOURCE_BREAKER_MIN_CALLS: '5',
    SOURCE_BREAKER_OPEN_MS: '600000',
  });
  front = createServer((request, response) => passOn(service.managementUrl, request, response));
  await listen(0);
});
afterEach(async () => {
  await Promise.all(open.map((page) => page.close()));
  open = [];
  front?.closeAllConnections();
  front?.close();
  await service?.stop();
});

const listen = (port: number): Promise<void> =>
  new Promise((resolve) => front.listen(port, '127.0.0.1', () => resolve()));
const port = (): number => (front.address() as AddressInfo).port;

async function look(options = {}): Promise<WatchedPage> {
  const page = await WatchedPage.open(browser, `http://127.0.0.1:${port()}/`, options);
  open.push(page);
  return page;
}

const ask = (times: number): Promise<unknown> =>
  Promise.all(
    Array.from({ length: times }, (_, at) => service.request(`/dashboard/${at + 1}?explain=true`)),
  );

/** Breaks `orders` until its circuit opens. */
async function degrade(): Promise<void> {
  await ask(3);
  service.script({ orders: { errorRate: 1, errorStatus: 503 } });
  await ask(8);
}

const isQuiet = ({ errors, strangers }: WatchedPage): void => {
  expect(errors).toEqual([]);
  expect(strangers).toEqual([]);
};

describe('the console', () => {
  it('without any request waits for the first one', async () => {
    const watched = await look();
    await watched.says('h1', 'Waiting for the first request');
    await watched.says('[data-source=orders] .card-summary', 'no calls now');
    await watched.says('#answers', 'Every answer of late was complete.');
    expect(await watched.problems()).toEqual([]);
    await watched.shoot('console-empty');
    expect(await watched.overhangAt(360)).toBe(0);
    isQuiet(watched);
  });

  it('with healthy sources says so, and shows every one with its instances', async () => {
    const watched = await look();
    await watched.says('#connection', 'live');
    await ask(10);
    await watched.says('h1', 'All sources healthy');
    await watched.says('[data-source=orders] .card-summary', /calls\/s · 100 % fresh/);
    await watched.says('[data-source=orders] .address', new URL(service.sources.orders.url).host);
    await watched.says('[data-source=orders] .meter', '/ 1\u202f000');
    expect(await watched.page.locator('.uplot').count()).toBe(4 + 2 * SOURCE_NAMES.length);
    expect(await watched.problems()).toEqual([]);
    await watched.shoot('console-healthy');
    isQuiet(watched);
  });

  it('sees a breaker open, says what it costs, and keeps the answers with their plans', async () => {
    const watched = await look({ colorScheme: 'dark' });
    await watched.says('[data-source=orders] .badge', 'circuit closed');
    await degrade();
    await watched.says('[data-source=orders][data-state=open] .badge', /circuit open for \d+ s/);
    await watched.says('h1', /^orders: circuit open for \d+ s; \d+ % of answers partial/);
    await watched.says('#announcer', /^orders: circuit open/);
    const band = watched.page.locator('[data-source=orders] .band-track');
    expect(await band.getAttribute('aria-label')).toMatch(/^Circuit breaker: open for/);
    await watched.says(INCOMPLETE, 'orders missing: answered with an error');
    await watched.says(INCOMPLETE, 'orders missing: circuit open: not asked');
    const failed = watched.page.locator(INCOMPLETE).filter({ hasText: 'an error' }).first();
    await failed.locator('summary').press('Enter');
    await failed.locator('.gantt-text', { hasText: /^first to .* upstream_error/ }).waitFor();
    await failed
      .locator('.gantt-text', { hasText: /^✓ first to .* ok after/ })
      .first()
      .waitFor();
    expect(await watched.problems()).toEqual([]);
    await watched.shoot('console-degraded-dark');
    expect(await watched.overhangAt(360)).toBe(0);
    await watched.shoot('console-degraded-phone');
    isQuiet(watched);
  });

  it('shows who comes later what happened before, in light as well', async () => {
    const first = await look();
    await first.says('#connection', 'live');
    await degrade();
    await first.says('[data-source=orders][data-state=open] .badge', 'circuit open');
    const later = await look({ colorScheme: 'light' });
    await later.says('h1', 'orders: circuit open');
    await later.says(INCOMPLETE, 'orders missing');
    await later.shoot('console-degraded-light');
    isQuiet(later);
  });

  it('that hears nothing says that what it shows is old, and goes on when it hears again', async () => {
    const watched = await look();
    await ask(5);
    await watched.says('h1', 'All sources healthy');
    isQuiet(watched);
    const at = port();
    front.closeAllConnections();
    await new Promise((resolve) => front.close(resolve));
    await watched.says('h1', 'Disconnected');
    await watched.says('#under', /last seen, \d+ s ago/);
    await watched.shoot('console-disconnected');
    await listen(at);
    await watched.says('h1', 'All sources healthy');
    await watched.says('#connection', 'live');
  });

  it('is read and driven by keyboard alone', async () => {
    const watched = await look();
    await watched.says('h1', 'Waiting for the first request');
    const { keyboard } = watched.page;
    await keyboard.press('2');
    expect(await watched.page.locator('[data-source=orders] .card-toggle:focus').count()).toBe(1);
    await keyboard.press('Enter');
    await watched.says('#settings-orders', 'attempts at once');
    await keyboard.press('Tab');
    expect(await watched.page.locator('[data-source=recommendations] :focus').count()).toBe(1);
    await keyboard.press('?');
    await watched.says('#help', 'How to read this page');
    await keyboard.press('Escape');
    await watched.page.locator('#help').waitFor({ state: 'hidden' });
    await keyboard.press('t');
    expect(await watched.page.locator('html').getAttribute('data-theme')).toBe('light');
    isQuiet(watched);
  });
});
