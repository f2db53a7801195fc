import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { SOURCES } from '../../src/clients/sources.ts';
import { loadConfig } from '../../src/config/config.ts';
import { SERVICE_VARIABLES } from '../../src/config/env.schema.ts';
import { knownVariables } from './support/known-variables.ts';
import { has, onlyIf, ROOT, run, type Run } from '../support/programs.ts';
import { toMs, under, valueOf, valuesOf } from './support/yaml-lines.ts';

/** The container files say what they promise, read by the programs they are for where those exist. */

const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

const REPLICAS = ['tributary-1', 'tributary-2'];
const DEMO_SOURCES = ['user', 'orders', 'recommendations'].flatMap((name) => [
  `${name}-1`,
  `${name}-2`,
]);
const OTHERS = ['haproxy', 'redis'];
const OBSERVERS = ['prometheus', 'grafana'];
const ALL = [...REPLICAS, ...DEMO_SOURCES, ...OTHERS, ...OBSERVERS];

const compose = [['docker-compose'], ['docker', 'compose']].find(
  ([program = '', ...args]) => run(program, [...args, 'version']).code === 0,
);
const itWithHaproxy = onlyIf(has('haproxy', '-v'), 'HAProxy is not installed');
const itWithCompose = onlyIf(compose !== undefined, 'docker-compose is not installed');

describe('haproxy.cfg', () => {
  const config = read('deploy/haproxy/haproxy.cfg');

  itWithHaproxy('is accepted by HAProxy, also where no replica can be resolved', () => {
    const check = run('haproxy', ['-c', '-f', 'deploy/haproxy/haproxy.cfg']);
    expect(check).toMatchObject({ code: 0 });
  });

  it('asks every replica for its readiness', () => {
    const servers = [...config.matchAll(/^\s*server (\S+) (\S+)$/gm)].map(([, name, at]) => [
      name,
      at,
    ]);
    const port = SERVICE_VARIABLES.PORT.default;
    expect(servers).toEqual(REPLICAS.map((name) => [name, `${name}:${port}`]));
    expect(config).toMatch(/^\s*http-check send meth GET uri \/health\/ready /m);
    expect(config).toMatch(/^\s*default-server check /m);
  });

  it('sees a draining replica before that closes its port', () => {
    const [, everyMs, times] = /\binter (\d+m?s) fall (\d+)/.exec(config) ?? [];
    const [, checkMs] = /timeout check (\S+)/.exec(config) ?? [];
    const worstMs = (toMs(everyMs) + toMs(checkMs)) * Number(times);
    expect(worstMs).toBeLessThan(Number(SERVICE_VARIABLES.DRAIN_DELAY_MS.default));
  });

  it.each(['client', 'server'])('waits for the %s longer than an answer may take', (side) => {
    const [, timeout] = new RegExp(`timeout ${side} (\\S+)`).exec(config) ?? [];
    expect(toMs(timeout)).toBeGreaterThan(Number(SERVICE_VARIABLES.DEADLINE_MS.default));
  });
});

describe('docker-compose.yml', () => {
  const file = read('docker-compose.yml');

  itWithCompose('is accepted by docker-compose', () => {
    expect(composed(['config', '-q'])).toMatchObject({ code: 0 });
  });

  itWithCompose(
    'has a balancer, two replicas, two instances of each demo source, Redis, and who watches them',
    () => {
      expect([...services().keys()].toSorted()).toEqual(ALL.toSorted());
    },
  );

  itWithCompose('watches the health of every container', () => {
    const images = stages();
    for (const [name, service] of services()) {
      const target = valueOf(under(service, 'build'), 'target');
      const isInImage = images.get(target ?? '')?.includes('\nHEALTHCHECK ') ?? false;
      expect({ name, isWatched: isInImage || under(service, 'healthcheck') !== '' }).toEqual({
        name,
        isWatched: true,
      });
    }
  });

  itWithCompose('gives no container more than it needs', () => {
    for (const [name, service] of services()) {
      expect({
        name,
        readOnly: valueOf(service, 'read_only'),
        capDrop: under(service, 'cap_drop').trim(),
        security: under(service, 'security_opt').trim(),
        hasMemoryLimit: valueOf(service, 'mem_limit') !== undefined,
      }).toEqual({
        name,
        readOnly: 'true',
        capDrop: '- ALL',
        security: '- no-new-privileges:true',
        hasMemoryLimit: true,
      });
    }
  });

  itWithCompose('starts without those who watch, unless they are asked for', () => {
    const apart = [...services()].filter(([, service]) => under(service, 'profiles') !== '');
    expect(apart.map(([name]) => name).toSorted()).toEqual(OBSERVERS.toSorted());
  });

  it('publishes nothing but the balancer beyond this machine', () => {
    const lists = [...file.matchAll(/\bports: \[(.*?)\]/g)].map(([, list]) => list);
    expect(lists.filter((list) => !/^'127\.0\.0\.1:[\d:]+'$/.test(list ?? ''))).toEqual([
      "'8080:8080'",
    ]);
    expect(lists).toHaveLength(file.match(/\bports:/g)?.length ?? 0);
  });

  it('mounts files that are there, to be read', () => {
    const mounts = [...file.matchAll(/(\.\/deploy\/[^\s:]+):[^\s:]+:(\w+)/g)];
    expect(mounts.length).toBeGreaterThan(4);
    for (const [, path = '', mode] of mounts)
      expect({ path, exists: existsSync(`${ROOT}${path}`), mode }).toEqual({
        path,
        exists: true,
        mode: 'ro',
      });
  });

  itWithCompose.each(REPLICAS)('lets %s be watched from its network alone', (replica) => {
    expect(environmentOf(replica)).toMatchObject({ MANAGEMENT_HOST: '0.0.0.0' });
    expect(under(serviceOf(replica), 'ports')).toBe('');
  });

  itWithCompose.each(REPLICAS)('gives %s variables it knows, with values it takes', (replica) => {
    const environment = environmentOf(replica);
    const known = knownVariables();
    expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
    const settings = SOURCES.map(({ source }) => source);
    expect(() => loadConfig(environment, settings)).not.toThrow();
  });

  itWithCompose.each(REPLICAS)('points %s at the demo sources, where they listen', (replica) => {
    const environment = environmentOf(replica);
    const asked = SOURCES.flatMap(({ source }) =>
      (environment[`${source.envPrefix}_URL`] ?? '').split(',').map((url) => [source.name, url]),
    );
    const listening = DEMO_SOURCES.map((host) => {
      const { DEMO_SERVICE, PORT } = environmentOf(host);
      return [DEMO_SERVICE, `http://${host}:${PORT}`];
    });
    expect(asked).toEqual(listening);
  });

  itWithCompose.each(REPLICAS)('lets %s finish before it is killed', (replica) => {
    const { DRAIN_DELAY_MS, SHUTDOWN_TIMEOUT_MS } = SERVICE_VARIABLES;
    const environment = environmentOf(replica);
    const neededMs =
      Number(environment.DRAIN_DELAY_MS ?? DRAIN_DELAY_MS.default) +
      Number(environment.SHUTDOWN_TIMEOUT_MS ?? SHUTDOWN_TIMEOUT_MS.default);
    const graceMs = toMs(valueOf(serviceOf(replica), 'stop_grace_period'));
    expect(graceMs).toBeGreaterThan(neededMs);
  });
});

describe('Dockerfile', () => {
  it.each(['tributary', 'demo-sources'])('%s runs node itself, and not as root', (target) => {
    const stage = stages().get(target) ?? '';
    expect(lastOf(stage, 'USER')).toBe('node');
    // Exec form, so a JSON array; node first, so that it is process 1 and gets the signals.
    expect(lastOf(stage, 'CMD')).toMatch(/^\["node", /);
    expect(() => JSON.parse(lastOf(stage, 'CMD'))).not.toThrow();
    expect(stage).not.toMatch(/^ENTRYPOINT/m);
  });

  it('makes the service when no target is named', () => {
    expect([...stages().keys()].at(-1)).toBe('tributary');
  });
});

function composed(args: readonly string[]): Run {
  const [program = '', ...first] = compose ?? [];
  return run(program, [...first, ...args]);
}

let resolved: ReadonlyMap<string, string> | undefined;

/** Each service as YAML, with anchors and merges resolved by the program itself, once. */
function services(): ReadonlyMap<string, string> {
  if (resolved !== undefined) return resolved;
  const all = under(composed(['--profile', 'observability', 'config']).stdout, 'services');
  const names = [...all.matchAll(/^ {2}(\S+):$/gm)].map(([, name = '']) => name);
  return (resolved = new Map(names.map((name) => [name, under(all, name)])));
}

function serviceOf(name: string): string {
  return services().get(name) ?? '';
}

function environmentOf(name: string): Readonly<Record<string, string>> {
  return valuesOf(under(serviceOf(name), 'environment'));
}

/** The stages of the Dockerfile by name, in its order. */
function stages(): ReadonlyMap<string, string> {
  const parts = read('deploy/Dockerfile').split(/^FROM \S+ AS (\S+)$/m);
  return new Map(
    parts.flatMap((part, at) => (at % 2 === 1 ? [[part, parts[at + 1] ?? ''] as const] : [])),
  );
}

function lastOf(stage: string, instruction: string): string {
  const found = [...stage.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].at(-1);
  return found?.[1] ?? '';
}
