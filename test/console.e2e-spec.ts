import http, { type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Hello, IncompleteAnswer, Tick } from '../src/management/console/console.contract.ts';
import { EventReader, type StreamEvent } from '../demo/page/ask/events.ts';
import { SOURCE_NAMES } from '../src/clients/sources.ts';
import { TestService } from './support/service.ts';

/** The live console as it comes over the wire: its page, and the feed behind it. */

let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ EXPLAIN: 'on', SOURCE_RETRIES: '0' });
});
afterAll(() => service.stop());

async function get(path: string, method = 'GET'): Promise<IncomingMessage> {
  const request = http.request(`${service.managementUrl}${path}`, { method, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function text(path: string): Promise<{ head: IncomingMessage; body: string }> {
  const head = await get(path);
  let body = '';
  for await (const chunk of head) body += String(chunk);
  return { head, body };
}

/** The events of the feed until one of them is the last that is wanted. */
async function follow(
  isLast: (event: StreamEvent) => boolean,
  begun: () => unknown = () => undefined,
): Promise<readonly StreamEvent[]> {
  const response = await get('/events');
  const reader = new EventReader();
  const seen: StreamEvent[] = [];
  for await (const chunk of response) {
    if (seen.length === 0) await begun();
    seen.push(...reader.read(String(chunk)));
    if (seen.some(isLast)) break;
  }
  return seen;
}

const named = <T>(events: readonly StreamEvent[], name: string): readonly T[] =>
  events.filter(({ event }) => event === name).map(({ data }) => data as T);

describe('the page', () => {
  it('may load and ask nothing but its own origin', async () => {
    const { head, body } = await text('/');
    expect(head.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = head.headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(body).not.toMatch(/https?:\/\/|<script>|<style| style="| on\w+="/);
  });

  it('is all there: what it names, and what that imports', async () => {
    const { body } = await text('/');
    const waiting = [...body.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(
      ([, path = '']) => `/${path}`,
    );
    const seen = new Set<string>();
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { head, body: asset } = await text(path);
      expect([path, head.statusCode]).toEqual([path, 200]);
      if (!/\.[jt]s$/.test(path) || path.includes('vendor')) continue;
      expect(head.headers['content-type']).toBe('text/javascript; charset=utf-8');
      for (const [, imported = ''] of asset.matchAll(/from '(\.[^']+)'/g))
        waiting.push(new URL(imported, `http://console${path}`).pathname);
    }
    expect(seen.size).toBeGreaterThan(20);
  });

  it.each([
    '/assets/',
    '/assets/nothing.js',
    '/assets/../main.ts',
    '/assets/page/%2e%2e/console.ts',
  ])('%s is not there', async (path) => {
    const { head, body } = await text(path);
    expect(head.statusCode).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ status: 404, requestId: expect.any(String) });
  });
});

describe('the feed', () => {
  it('says at once how the service is configured, and no address of a source but its instances', async () => {
    const events = await follow(({ event }) => event === 'hello');
    const [hello] = named<Hello>(events, 'hello');
    expect(hello?.facts).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      deadlineMs: 1500,
      explains: true,
      sources: SOURCE_NAMES.map((name) => ({ name })),
    });
    expect(JSON.stringify(hello?.facts)).not.toContain('127.0.0.1');
  });

  it('tells every second what happened in it, and of each answer that was not complete how it came about', async () => {
    service.script({ orders: { errorRate: 1 } });
    const events = await follow(
      ({ event }) => event === 'partial',
      () =>
        service.request('/dashboard/somebody-special?include=orders,recommendations&explain=true', {
          headers: { 'x-request-id': 'watched' },
        }),
    );
    const counted = named<Tick>(events, 'frame').find(
      ({ frame }) => frame.requests.partial_success > 0,
    );
    expect(counted?.frame).toMatchObject({
      requests: { partial_success: 1, success: 0 },
      sources: { recommendations: { fresh: 1 }, orders: { missing: 1, attempts: 1, limit: 1000 } },
    });
    expect(counted?.instances['orders']).toEqual([
      expect.objectContaining({ address: new URL(service.sources.orders.url).host, share: 1 }),
    ]);
    const [[answer] = []] = named<readonly IncompleteAnswer[]>(events, 'partial');
    expect(answer).toMatchObject({
      requestId: 'watched',
      status: 'partial_success',
      statusCode: 200,
    });
    const orders = answer?.sections.find(({ source }) => source === 'orders');
    expect(orders).toMatchObject({
      status: 'missing',
      reason: 'upstream_error',
      plan: { attempts: [{ kind: 'first', outcome: 'upstream_error' }] },
    });
    // No word of whose it was.
    expect(JSON.stringify(events)).not.toMatch(/somebody|bought together/);
  });

  it('answers a HEAD with a head', async () => {
    const { statusCode, headers } = await get('/events', 'HEAD');
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/event-stream']);
  });

  it('has room for twenty pages, and says so to the next', async () => {
    const pages = await Promise.all(Array.from({ length: 20 }, () => get('/events')));
    const { statusCode } = await get('/events');
    for (const page of pages) page.destroy();
    expect(statusCode).toBe(503);
  });
});
