import http from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import { until } from '../support/service.ts';
import { Fleet, REPLICAS, type Replica, type ReplicaName } from './support/fleet.ts';
import { failed, Load, type Call } from './support/load.ts';
import { has, onlyIf } from '../support/programs.ts';

/** Replicas come and go behind the HAProxy that is shipped, under load, and callers notice nothing. */

const REPLACEMENTS = 10;
const PER_SECOND = 100;
/** As shipped, two checks take less than the drain even at worst, only sooner: twice 600 ms instead of twice 2 s. */
const CHECKS = { everyMs: 100, timeoutMs: 500 };
const DRAIN_DELAY_MS = 1500;
const ENV = {
  DRAIN_DELAY_MS: String(DRAIN_DELAY_MS),
  // Room for a busy machine: what is tried here is the restart, not the deadline or the caps.
  DEADLINE_MS: '3000',
  SOURCE_MAX_CONCURRENT: '1000',
  SOURCE_CONNECT_TIMEOUT_MS: '1000',
};

const fleet = new Fleet();
const isPossible = has('haproxy', '-v');
const itWithHaproxy = onlyIf(isPossible, 'HAProxy is not installed');
let load: Load | undefined;

beforeAll(async () => {
  if (!isPossible) return;
  await fleet.start(CHECKS, ENV);
}, 120_000);
afterAll(() => fleet.stop());
afterEach(() => load?.kill());

describe('behind HAProxy, under a steady load of callers who keep their connections', () => {
  itWithHaproxy(
    `${REPLACEMENTS} replacements of a replica, one after the other, fail no request`,
    async () => {
      load = new Load(fleet.url, PER_SECOND);
      for (let n = 0; n < REPLACEMENTS; n += 1) {
        const replica = fleet.replica(REPLICAS[n % REPLICAS.length] ?? 'tributary-1');
        await drains(replica);
        expect(await replica.process.exitCode()).toBe(0);
        await fleet.startReplica(replica.name, ENV);
        await fleet.haproxy.sees(replica.name, true);
      }
      const calls = await load.stop();
      const retried = await retries();
      say(`${REPLACEMENTS} replacements`, calls, `${retried} met a closed port`);
      expect(calls.length).toBeGreaterThan((REPLACEMENTS * PER_SECOND * DRAIN_DELAY_MS) / 1000);
      expectNoneOf(failed(calls));
      // Not because HAProxy tried again: nothing was sent where nobody listens any more.
      expect(retried).toBe(0);
    },
    180_000,
  );

  itWithHaproxy(
    'a replica that is killed takes with it at most what was under way, and traffic recovers',
    async () => {
      const [name] = REPLICAS;
      load = new Load(fleet.url, PER_SECOND);
      await served(name, PER_SECOND);
      const killedAt = Date.now();
      await fleet.replica(name).process.kill();
      const diedAt = Date.now();
      await fleet.haproxy.sees(name, false);
      await fleet.startReplica(name, ENV);
      await fleet.haproxy.sees(name, true);
      await served(name, PER_SECOND);
      const calls = await load.stop();

      const underWay = calls.filter(
        ({ sentAt, endedAt }) => sentAt <= diedAt && endedAt >= killedAt,
      );
      const lost = failed(calls);
      say('1 kill', calls, `${underWay.length} were under way, ${await retries()} tried again`);
      expectNoneOf(lost.filter((call) => !underWay.includes(call)));
    },
    60_000,
  );

  itWithHaproxy(
    'a replica that is not ready gets no request while another is, although it would answer',
    async () => {
      const [name, other] = REPLICAS;
      const { port } = await becomesUnready(name);
      const before = await requestsOf(name);
      load = new Load(fleet.url, PER_SECOND);
      await served(other, 2 * PER_SECOND);
      const calls = await load.stop();
      say('1 of 2 not ready', calls, `${(await requestsOf(name)) - before} of them sent there`);
      expectNoneOf(failed(calls));
      expect(await requestsOf(name)).toBe(before);
      expect(await ask(port, '/dashboard/1', new http.Agent())).toMatchObject({ status: 200 });
    },
    60_000,
  );

  itWithHaproxy(
    'when no replica is ready, those there are serve all the same',
    async () => {
      for (const name of REPLICAS) await becomesUnready(name);
      load = new Load(fleet.url, PER_SECOND);
      await Promise.all(REPLICAS.map((name) => served(`${name}-anyway`, PER_SECOND)));
      const calls = await load.stop();
      say('2 of 2 not ready', calls, 'both draining');
      expect(calls.length).toBeGreaterThanOrEqual(2 * PER_SECOND);
      expectNoneOf(failed(calls));
    },
    60_000,
  );
});

/** Fails with the first of them, and with what HAProxy says of its own. */
function expectNoneOf(calls: readonly Call[]): void {
  if (calls.length > 0)
    throw new Error(`${JSON.stringify(calls.slice(0, 5), null, 2)}\n${fleet.haproxy.trouble()}`);
}

/** Sends SIGTERM, and looks at the replica by itself while HAProxy is still finding out. */
async function drains({ port, process }: Replica): Promise<void> {
  const agent = new http.Agent({ keepAlive: true });
  const paths = ['/health/ready', '/health/live', '/dashboard/1'];
  const askAll = (): Promise<Answer[]> => Promise.all(paths.map((path) => ask(port, path, agent)));
  const kept = { status: 200, connection: 'keep-alive' };
  expect(await askAll()).toMatchObject([kept, kept, kept]);
  process.signal('SIGTERM');
  await until(() => process.output.includes('shutting down'), 'the signal arrives');
  const last = { connection: 'close', wasKept: true };
  expect(await askAll()).toEqual([
    { ...last, status: 503 },
    { ...last, status: 200 },
    { ...last, status: 200 },
  ]);
  agent.destroy();
}

/** A replica that drains for so long that it is there all the time, and that HAProxy has seen to be. */
async function becomesUnready(name: ReplicaName): Promise<Replica> {
  await fleet.replica(name).process.kill();
  const replica = await fleet.startReplica(name, { ...ENV, DRAIN_DELAY_MS: '60000' });
  await fleet.haproxy.sees(name, true);
  replica.process.signal('SIGTERM');
  await fleet.haproxy.sees(name, false);
  return replica;
}

interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  /** Whether the connection had served a request before. */
  readonly wasKept: boolean;
}

function ask(port: number, path: string, agent: http.Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume().on('end', () =>
        resolve({
          status: response.statusCode,
          connection: response.headers.connection,
          wasKept: request.reusedSocket,
        }),
      );
    });
    request.on('error', reject);
  });
}

async function requestsOf(name: string): Promise<number> {
  const server = (await fleet.haproxy.servers()).find((candidate) => candidate.name === name);
  if (server === undefined) throw new Error(`HAProxy knows no ${name}`);
  return server.requests;
}

/** Requests that met a closed port or connection at a replica that HAProxy held to be ready, and went to another. */
async function retries(): Promise<number> {
  const servers = await fleet.haproxy.servers();
  return servers
    .filter(({ name }) => REPLICAS.some((replica) => replica === name))
    .reduce((sum, server) => sum + server.retries, 0);
}

/** Waits until a replica has been given so many requests more. */
async function served(name: string, requests: number): Promise<void> {
  const enough = (await requestsOf(name)) + requests;
  while ((await requestsOf(name)) < enough) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The figures, in one line of the test's output. */
function say(what: string, calls: readonly Call[], more: string): void {
  const slowestMs = Math.max(...calls.map(({ sentAt, endedAt }) => endedAt - sentAt));
  process.stdout.write(
    `${what}: ${calls.length} requests sent, ${failed(calls).length} failed, slowest ${slowestMs} ms; ${more}\n`,
  );
}
