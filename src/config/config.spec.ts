import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, type Environment } from './config.ts';
import { SERVICE_VARIABLES, SOURCE_VARIABLES, type SourceSettings } from './env.schema.ts';

const USER: SourceSettings = { name: 'user', envPrefix: 'USER_SERVICE' };
const ORDERS: SourceSettings = { name: 'orders', envPrefix: 'ORDER_SERVICE' };
const RECOMMENDATIONS: SourceSettings = {
  name: 'recommendations',
  envPrefix: 'RECOMMENDATION_SERVICE',
  defaults: { MAX_CONCURRENT: '100' },
};

const URLS = {
  USER_SERVICE_URL: 'http://user:80',
  ORDER_SERVICE_URL: 'http://orders:80',
  RECOMMENDATION_SERVICE_URL: 'http://recommendations:80',
};

const load = (env: Environment = {}) =>
  loadConfig({ ...URLS, ...env }, [USER, ORDERS, RECOMMENDATIONS]);

/** As the contract has them; a variable that is not there yet waits for its issue. */
const SERVICE_DEFAULTS: Readonly<Record<string, unknown>> = {
  HOST: '0.0.0.0',
  PORT: 3000,
  MANAGEMENT_HOST: '127.0.0.1',
  MANAGEMENT_PORT: 9464,
  DEADLINE_MS: 1500,
  DEADLINE_RESERVE_MS: 60,
  DRAIN_DELAY_MS: 5000,
  SHUTDOWN_TIMEOUT_MS: 10_000,
  MAX_IN_FLIGHT: 4096,
  MAX_EVENT_LOOP_DELAY_MS: 200,
  TRANSPORT: 'undici',
  DNS_SERVERS: [],
  FORWARD_AUTHORIZATION: false,
  AUTH_MODE: 'none',
  JWT_ADMIN_SCOPE: 'dashboard:read:any',
  RATE_LIMIT_RPS: 0,
  LOG_LEVEL: 'info',
  LOG_FORMAT: 'json',
  LOG_REQUESTS: 'incomplete',
};

const SOURCE_DEFAULTS: Readonly<Record<string, unknown>> = {
  URL: { scheme: 'list', origins: ['http://user'] },
  MAX_CONCURRENT: 1000,
  MAX_QUEUE: 50,
  MAX_QUEUE_WAIT_MS: 75,
  ATTEMPT_TIMEOUT_MS: 0,
  CONNECT_TIMEOUT_MS: 250,
  MAX_RESPONSE_BYTES: 1_048_576,
  BREAKER_MIN_CALLS: 20,
  BREAKER_WINDOW_MS: 10_000,
  BREAKER_OPEN_MS: 1000,
  BREAKER_FAILURE_RATIO: 0.5,
  RETRIES: 1,
  REQUIRED: false,
  FRESH_MS: 0,
};

describe('loadConfig', () => {
  it('has the promised default for every variable of the service', () => {
    const { service } = load();
    const known = Object.keys(SERVICE_VARIABLES).filter((name) => name in SERVICE_DEFAULTS);
    expect(known.length).toBeGreaterThanOrEqual(10);
    expect(service).toMatchObject(
      Object.fromEntries(known.map((name) => [name, SERVICE_DEFAULTS[name]])),
    );
  });

  it('has the promised default for every variable of a source', () => {
    const known = Object.keys(SOURCE_VARIABLES).filter((name) => name in SOURCE_DEFAULTS);
    expect(known.length).toBeGreaterThanOrEqual(12);
    expect(load().sources['user']).toMatchObject(
      Object.fromEntries(known.map((name) => [name, SOURCE_DEFAULTS[name]])),
    );
  });

  it('takes what is set', () => {
    const { service, sources } = load({
      PORT: '8080',
      TRANSPORT: 'axios',
      FORWARD_AUTHORIZATION: 'true',
      ORDER_SERVICE_BREAKER_FAILURE_RATIO: '.25',
    });
    expect(service).toMatchObject({ PORT: 8080, TRANSPORT: 'axios', FORWARD_AUTHORIZATION: true });
    expect(sources['orders']?.BREAKER_FAILURE_RATIO).toBe(0.25);
    expect(sources['user']?.BREAKER_FAILURE_RATIO).toBe(0.5);
  });

  it.each([
    { env: {}, limits: [1000, 1000, 100], wins: "a source's own default, over the common one" },
    { env: { SOURCE_MAX_CONCURRENT: '7' }, limits: [7, 7, 7], wins: 'SOURCE_, over both' },
    {
      env: { SOURCE_MAX_CONCURRENT: '7', RECOMMENDATION_SERVICE_MAX_CONCURRENT: '8' },
      limits: [7, 7, 8],
      wins: "the source's own variable, over everything",
    },
    {
      env: { SOURCE_MAX_CONCURRENT: '', RECOMMENDATION_SERVICE_MAX_CONCURRENT: '' },
      limits: [1000, 1000, 100],
      wins: 'an empty variable nowhere: it is as good as not set',
    },
    {
      env: { SOURCE_MAX_CONCURRENT: '7', RECOMMENDATION_SERVICE_MAX_CONCURRENT: '' },
      limits: [7, 7, 7],
      wins: "SOURCE_, over an empty variable of the source's own",
    },
    {
      env: { SOURCE_MAX_CONCURRENT: '0' },
      limits: [0, 0, 0],
      wins: 'a zero, which is a value like any other',
    },
  ])('$wins', ({ env, limits }) => {
    const { sources } = load(env as Environment);
    const loaded = ['user', 'orders', 'recommendations'].map((name) => sources[name]);
    expect(loaded.map((options) => options?.MAX_CONCURRENT)).toEqual(limits);
  });

  it('takes an empty variable of the service for one that is not set', () => {
    expect(load({ PORT: '', LOG_LEVEL: '', HOST: '' }).service).toEqual(load().service);
  });

  it('can give all sources one address', () => {
    const { sources } = loadConfig({ SOURCE_URL: 'http://all:80' }, [USER, ORDERS]);
    const all = { scheme: 'list', origins: ['http://all'] };
    expect(Object.values(sources).map(({ URL }) => URL)).toEqual([all, all]);
  });

  it('keeps the sources in the order of the list', () => {
    expect(Object.keys(load().sources)).toEqual(['user', 'orders', 'recommendations']);
  });

  it('does not look at variables it does not know', () => {
    expect(load({ USER_SERVICE_MAX_CONCURENT: '5', PATH: '/bin' })).toEqual(load());
  });

  it('is frozen at every level', () => {
    const config = load();
    const sources = Object.values(config.sources);
    const values: readonly object[] = sources.map((source) => source.URL);
    const levels = [config, config.service, config.sources, ...sources, ...values];
    expect(levels.map((level) => Object.isFrozen(level))).toEqual(levels.map(() => true));
  });

  it('does not hold on to the environment it was read from', () => {
    const env: Record<string, string> = { ...URLS, PORT: '1' };
    const config = loadConfig(env, [USER]);
    env['PORT'] = '2';
    expect(config.service.PORT).toBe(1);
  });

  it('throws a ConfigError when anything is wrong', () => {
    expect(() => load({ PORT: 'http' })).toThrow(ConfigError);
  });
});
