import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { Admission } from '../context/admission/admission.ts';
import { admitDashboards } from './admission.ts';

let fastify: FastifyInstance;
afterEach(() => fastify.close());

async function listening(random = 0) {
  const clock = new VirtualClock();
  const admission = new Admission({ maxInFlight: 10, maxLoopDelayMs: 200 }, clock);
  fastify = Fastify();
  admitDashboards(fastify, admission, () => random);
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
  return { clock, admission, ask, inFlight };
}

it('what kept the loop busy before it listened is held against nobody', async () => {
  const { clock, ask } = await listening();
  clock.advance(0);
  const response = await ask('/dashboard/1');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ isTight: false });
});

it('whoever reads is in flight once, also where only the head is asked for', async () => {
  const { ask, inFlight } = await listening();
  for (const method of ['GET', 'HEAD'])
    expect((await ask('/dashboard/1', method)).status).toBe(200);
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

it('leaves no timer when it closes', async () => {
  const { clock } = await listening();
  expect(clock.pending).toBe(1);
  await fastify.close();
  expect(clock.pending).toBe(0);
});
