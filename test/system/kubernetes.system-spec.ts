import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { SOURCES } from '../../src/clients/sources.ts';
import { loadConfig } from '../../src/config/config.ts';
import { SERVICE_VARIABLES } from '../../src/config/env.schema.ts';
import { knownVariables } from './support/known-variables.ts';
import { ROOT } from '../support/programs.ts';
import { under, valueOf, valuesOf } from './support/yaml-lines.ts';

/** The manifests fit each other and the service. */

const DIR = `${ROOT}deploy/kubernetes/`;
const LABEL = 'app.kubernetes.io/name: tributary';
const manifests = new Map(
  readdirSync(DIR).map((file) => {
    const yaml = readFileSync(`${DIR}${file}`, 'utf8');
    return [valueOf(yaml, 'kind') ?? file, yaml] as const;
  }),
);
const manifest = (kind: string): string => manifests.get(kind) ?? '';
const deployment = manifest('Deployment');
const environment = valuesOf(under(manifest('ConfigMap'), 'data'));

it('there is one of each kind, all of one name', () => {
  expect([...manifests.keys()].toSorted()).toEqual([
    'ConfigMap',
    'Deployment',
    'HorizontalPodAutoscaler',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Service',
  ]);
  for (const yaml of manifests.values())
    expect(valuesOf(under(yaml, 'metadata'))).toMatchObject({ name: 'tributary' });
});

it('service, disruption budget and autoscaler are about the pods of the deployment', () => {
  expect(under(deployment, 'template')).toContain(`labels: { ${LABEL} }`);
  for (const kind of ['Deployment', 'Service', 'PodDisruptionBudget'])
    expect(under(manifest(kind), 'spec')).toMatch(
      new RegExp(`(selector:|matchLabels:) \\{ ${LABEL} \\}`),
    );
  expect(manifest('HorizontalPodAutoscaler')).toContain('kind: Deployment, name: tributary }');
  expect(manifest('Service')).toContain('targetPort: http');
});

describe('the environment', () => {
  it('has variables that the service knows, with values that it takes', () => {
    const known = knownVariables();
    expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
    const settings = SOURCES.map(({ source }) => source);
    expect(() => loadConfig(environment, settings)).not.toThrow();
  });

  it('finds every source by a whole DNS name', () => {
    for (const { source } of SOURCES)
      expect(environment[`${source.envPrefix}_URL`]).toMatch(
        /^dns:\/\/[a-z-]+(\.[a-z]+)+\.svc\.cluster\.local:\d+$/,
      );
  });

  it('takes what is secret from a Secret', () => {
    expect(Object.keys(environment)).not.toContain('REDIS_URL');
    expect(deployment).toMatch(/- name: REDIS_URL\s+valueFrom:\s+secretKeyRef: \{ name: tributary/);
    expect(knownVariables().has('REDIS_URL')).toBe(true);
    expect(deployment).toContain('configMapRef: { name: tributary }');
  });
});

describe('a rollout', () => {
  it('takes no pod away before another one is ready', () => {
    expect(deployment).toContain('rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }');
    expect(Number(valueOf(manifest('HorizontalPodAutoscaler'), 'minReplicas'))).toBe(2);
    // A number of replicas here would undo the autoscaler's with every apply.
    expect(valueOf(deployment, 'replicas')).toBeUndefined();
  });

  it('lets a pod finish before it is killed', () => {
    const { DRAIN_DELAY_MS, SHUTDOWN_TIMEOUT_MS } = SERVICE_VARIABLES;
    const neededMs =
      Number(environment.DRAIN_DELAY_MS ?? DRAIN_DELAY_MS.default) +
      Number(environment.SHUTDOWN_TIMEOUT_MS ?? SHUTDOWN_TIMEOUT_MS.default);
    const graceMs = Number(valueOf(deployment, 'terminationGracePeriodSeconds')) * 1000;
    expect(graceMs).toBeGreaterThan(neededMs);
  });

  it('has a pod unready, if it is only the probe that says so, before it closes its port', () => {
    const probe = under(deployment, 'readinessProbe');
    const [periodS, timeoutS, times] = ['periodSeconds', 'timeoutSeconds', 'failureThreshold'].map(
      (key) => Number(valueOf(probe, key)),
    );
    expect((Number(periodS) * Number(times) + Number(timeoutS)) * 1000).toBeLessThanOrEqual(
      Number(environment.DRAIN_DELAY_MS),
    );
  });
});

it.each([
  ['startupProbe', '/health/live'],
  ['readinessProbe', '/health/ready'],
  ['livenessProbe', '/health/live'],
])('%s asks %s on the main port', (probe, path) => {
  expect(under(deployment, probe)).toContain(`httpGet: { path: ${path}, port: http }`);
  expect(deployment).toContain(
    `{ name: http, containerPort: ${environment.PORT ?? SERVICE_VARIABLES.PORT.default} }`,
  );
});

it('metrics are read from the pod, by Prometheus alone, and never through the service', () => {
  const policy = manifest('NetworkPolicy');
  expect(environment.MANAGEMENT_HOST).toBe('0.0.0.0');
  expect(deployment).toContain('{ name: management, containerPort: 9464 }');
  expect(manifest('Service')).not.toMatch(/management|9464/);
  expect(policy).toMatch(/podSelector:\s+matchLabels: \{ app.kubernetes.io\/name: tributary \}/);
  const [, http, management] = under(policy, 'ingress').split(/^ {4}- ports:$/m);
  expect(http).toContain('port: http');
  expect(http).not.toContain('from:');
  expect(management).toMatch(/port: management[^]*from:\s+- namespaceSelector:/);
});

it('a pod may do no more than it needs', () => {
  expect(valuesOf(deployment)).toMatchObject({
    runAsNonRoot: 'true',
    runAsUser: '1000',
    readOnlyRootFilesystem: 'true',
    allowPrivilegeEscalation: 'false',
    capabilities: '{ drop: [ALL] }',
    seccompProfile: '{ type: RuntimeDefault }',
    automountServiceAccountToken: 'false',
    enableServiceLinks: 'false',
    limits: '{ memory: 512Mi }',
  });
});
