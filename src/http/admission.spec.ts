import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { Admission } from '../context/admission/admission.ts';
import { admitDashboards } from './admission.ts';

let fastify: FastifyInstance;
afterEach(() => fastify.close());

async function listening(random = 0) {
  const clock = new VirtualClock();
  const admission = new Admission({ maxInFlight: 100, maxLoopDelayMs: 200, maxWaitMs: 100 }, clock);
  fastify = Fastify();
  admitDashboards(fastify, admission, clock, () => random);
  const inFlight: number[] = [];
  fastify.get('/dashboard/:id', (request) => {
    inFlight.push(admission.inFlight);
    return { isTight: request.isTight };
  });
  fastify.get('/health', () => ({}));
  fastify.post('/dashboard/:id', () => ({}));
  // As long as it takes to put an application together.
  clock.stall(5_000);
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  const { port } = fastify.server.address() as AddressInfo;
  const ask = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { method });
  return { clock, admission, ask, inFlight, port };
}

it('what kept the loop busy before it listened is held against nobody', async () => {
  const { clock, ask } = await listening();
  clock.advance(0);
  const response = await ask('/dashboard/1');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ isTight: false });
});

it('whoever reads is in flight once, also where only the head is asked for', async () => {
  const { clock, ask, inFlight } = await listening();
  for (const method of ['GET', 'HEAD']) {
    expect((await ask('/dashboard/1', method)).status).toBe(200);
    clock.advance(0);
  }
  expect(inFlight).toEqual([1, 1]);
});

it.each([
  { random: 0, seconds: '1' },
  { random: 0.5, seconds: '2' },
  { random: 0.999, seconds: '3' },
])('those who are shed are spread over three seconds: $seconds', async ({ random, seconds }) => {
  const { clock, ask } = await listening(random);
  clock.stall(900);
  const response = await ask('/dashboard/1?include=user');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe(seconds);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(await response.json()).toMatchObject({
    type: '/problems/overloaded',
    instance: '/dashboard/1',
  });
});

it('only reading a dashboard can be shed', async () => {
  const { clock, admission, ask } = await listening();
  clock.stall(900);
  expect((await ask('/dashboard/1', 'HEAD')).status).toBe(503);
  expect((await ask('/dashboard/1', 'POST')).status).toBe(200);
  expect((await ask('/health')).status).toBe(200);
  expect(admission.inFlight).toBe(0);
});

it('says when the process is close to its limits', async () => {
  const { clock, ask } = await listening();
  clock.stall(420);
  expect(await (await ask('/dashboard/1')).json()).toEqual({ isTight: true });
});

describe('in a burst', () => {
  /** One of them stands in line, and so long passes. */
  async function waiting(waitedMs: number) {
    const service = await listening();
    while (service.admission.line.passes());
    const answer = service.ask('/dashboard/1');
    await until(() => service.admission.line.length === 1);
    service.clock.stall(waitedMs);
    return { ...service, answer };
  }

  it.each([
    { waitedMs: 10, isTight: false },
    { waitedMs: 90, isTight: true },
  ])('who waited $waitedMs ms at the door is asked for with isTight: $isTight', async (each) => {
    const { clock, answer, inFlight } = await waiting(each.waitedMs);
    expect(inFlight).toEqual([]);
    clock.advance(0);
    expect(await (await answer).json()).toEqual({ isTight: each.isTight });
  });

  it('who waited for too long is shed, and gives its place back', async () => {
    const { clock, admission, answer, inFlight } = await waiting(101);
    clock.advance(0);
    expect((await answer).status).toBe(503);
    expect(inFlight).toEqual([]);
    await until(() => admission.inFlight === 0);
  });

  it('nothing is begun for who has left meanwhile', async () => {
    const { clock, admission, inFlight, port } = await waiting(0);
    const caller = net.connect(port, '127.0.0.1');
    caller.write('GET /dashboard/2 HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => admission.line.length === 2);
    caller.destroy();
    await until(() => admission.inFlight === 1);
    clock.advance(0);
    await until(() => admission.inFlight === 0);
    expect(inFlight).toHaveLength(1);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

it('leaves no timer when it closes', async () => {
  const { clock } = await listening();
  expect(clock.pending).toBe(1);
  await fastify.close();
  expect(clock.pending).toBe(0);
});
