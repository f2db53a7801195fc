import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { SOURCES } from '../../src/clients/sources.ts';
import { ALL_SOURCES_PREFIX, loadConfig } from '../../src/config/config.ts';
import { SERVICE_VARIABLES, SOURCE_VARIABLES } from '../../src/config/env.schema.ts';

/** The container files say what they promise, read by the programs they are for where those exist. */

const SPEC = 'compose.system-spec.ts';
const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

const REPLICAS = ['tributary-1', 'tributary-2'];
const DEMO_SOURCES = ['user', 'orders', 'recommendations'].flatMap((name) => [
  `${name}-1`,
  `${name}-2`,
]);
const OTHERS = ['haproxy', 'redis'];
const ALL = [...REPLICAS, ...DEMO_SOURCES, ...OTHERS];

const haproxyVersion = run('haproxy', ['-v']);
const compose = [['docker-compose'], ['docker', 'compose']].find(
  ([program = '', ...args]) => run(program, [...args, 'version']).code === 0,
);
const itWithHaproxy = onlyIf(haproxyVersion.code === 0, 'HAProxy is not installed');
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
  itWithCompose('is accepted by docker-compose', () => {
    expect(composed(['config', '-q'])).toMatchObject({ code: 0 });
  });

  itWithCompose(
    'has a balancer, two replicas, two instances of each demo source, and Redis',
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

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[]): Run {
  // Debian keeps haproxy where only root's PATH looks.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin` };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, env, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

function onlyIf(isPossible: boolean, otherwise: string): typeof it | typeof it.skip {
  if (!isPossible) process.stderr.write(`skipped in ${SPEC}: ${otherwise}\n`);
  return isPossible ? it : it.skip;
}

function composed(args: readonly string[]): Run {
  const [program = '', ...first] = compose ?? [];
  return run(program, [...first, ...args]);
}

let resolved: ReadonlyMap<string, string> | undefined;

/** Each service as YAML, with anchors and merges resolved by the program itself, once. */
function services(): ReadonlyMap<string, string> {
  if (resolved !== undefined) return resolved;
  const all = under(composed(['config']).stdout, 'services');
  const names = [...all.matchAll(/^ {2}(\S+):$/gm)].map(([, name = '']) => name);
  return (resolved = new Map(names.map((name) => [name, under(all, name)])));
}

function serviceOf(name: string): string {
  return services().get(name) ?? '';
}

function environmentOf(name: string): Readonly<Record<string, string>> {
  const lines = under(serviceOf(name), 'environment').matchAll(/^\s*(\w+): (.*)$/gm);
  return Object.fromEntries([...lines].map(([, key, value]) => [key, unquoted(value)]));
}

/** The lines nested under a key (the program's output is regular: no YAML parser is needed). */
function under(yaml: string, key: string): string {
  const lines = yaml.split('\n');
  // The shallowest: a service's name is also a key where others depend on it.
  const indent = Math.min(...lines.filter((line) => line.trim() === `${key}:`).map(indentOf));
  const at = lines.findIndex((line) => line.trim() === `${key}:` && indentOf(line) === indent);
  if (at === -1) return '';
  const rest = lines.slice(at + 1);
  // docker-compose 1 writes the items of a list at the depth of their key.
  const isNested = (line: string): boolean =>
    indentOf(line) > indent || (indentOf(line) === indent && line.trim().startsWith('- '));
  const end = rest.findIndex((line) => !isNested(line));
  return rest.slice(0, end === -1 ? undefined : end).join('\n');
}

function valueOf(yaml: string, key: string): string | undefined {
  const [, value] = new RegExp(`^\\s*${key}: (.*)$`, 'm').exec(yaml) ?? [];
  return value === undefined ? undefined : unquoted(value);
}

function knownVariables(): ReadonlySet<string> {
  if (existsSync(`${root}.env.example`)) {
    const names = read('.env.example').matchAll(/^#?\s*([A-Z][A-Z0-9_]*)=/gm);
    return new Set([...names].map(([, name = '']) => name));
  }
  const prefixes = [ALL_SOURCES_PREFIX, ...SOURCES.map(({ source }) => source.envPrefix)];
  const ofSources = Object.keys(SOURCE_VARIABLES).flatMap((knob) =>
    prefixes.map((prefix) => `${prefix}_${knob}`),
  );
  return new Set([...Object.keys(SERVICE_VARIABLES), ...ofSources]);
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

function toMs(duration = ''): number {
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(duration) ?? [];
  return unit === 's' ? Number(amount) * 1000 : Number(amount);
}

const unquoted = (text = ''): string => text.replace(/^(['"])(.*)\1$/, '$2');
const indentOf = (line = ''): number => line.length - line.trimStart().length;
