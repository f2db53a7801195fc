import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, type Environment } from './config.ts';
import type { SourceSettings } from './env.schema.ts';

const USER: SourceSettings = { name: 'user', envPrefix: 'USER_SERVICE' };
const ORDERS: SourceSettings = { name: 'orders', envPrefix: 'ORDER_SERVICE' };

function problemsOf(env: Environment, sources: readonly SourceSettings[] = [USER]): ConfigError {
  try {
    loadConfig({ USER_SERVICE_URL: 'http://user:80', ...env }, sources);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  return new ConfigError([]);
}

const linesOf = (env: Environment): readonly string[] => problemsOf(env).problems;

describe('the problems of a configuration', () => {
  it('are listed all at once, a line each, with their number', () => {
    const { problems, message } = problemsOf({ PORT: 'x', LOG_LEVEL: 'loud' }, [USER, ORDERS]);
    expect(problems).toHaveLength(3);
    expect(message.split('\n')).toHaveLength(4);
    expect(message).toMatch(/^3 problem/);
    for (const problem of problems) expect(message).toContain(problem);
  });

  it.each([
    ['PORT', 'x', 'from 0 to 65535'],
    ['PORT', '65536', 'from 0 to 65535'],
    ['PORT', '-1', 'from 0 to 65535'],
    ['DEADLINE_MS', '0', 'from 1 to 600000'],
    ['DEADLINE_MS', '600001', 'from 1 to 600000'],
    ['DEADLINE_MS', '1.5', 'whole number'],
    ['DEADLINE_MS', '1e3', 'whole number'],
    ['DEADLINE_MS', ' 100', 'whole number'],
    ['DEADLINE_MS', '0x10', 'whole number'],
    ['TRANSPORT', 'fetch', 'undici, axios'],
    ['LOG_LEVEL', 'INFO', 'silent'],
    ['FORWARD_AUTHORIZATION', 'yes', 'true or false'],
    ['USER_SERVICE_BREAKER_FAILURE_RATIO', '1.1', 'from 0 to 1'],
    ['USER_SERVICE_BREAKER_FAILURE_RATIO', '-0.1', 'from 0 to 1'],
    ['USER_SERVICE_BREAKER_FAILURE_RATIO', 'NaN', 'from 0 to 1'],
    ['USER_SERVICE_MAX_CONCURRENT', '-1', 'from 0 to'],
    ['USER_SERVICE_URL', 'user:80', 'http:// or https://'],
    ['USER_SERVICE_URL', 'ftp://user:80', 'http:// or https://'],
    ['USER_SERVICE_URL', 'http://a:1,', 'http:// or https://'],
    ['USER_SERVICE_URL', 'http://a:99999', 'http:// or https://'],
    ['USER_SERVICE_URL', 'http://a:1/users', 'without a path'],
    ['USER_SERVICE_URL', 'http://a:1,dns://b:2', 'must not mix'],
    ['USER_SERVICE_URL', 'dns://user', 'dns://name:port'],
    ['DNS_SERVERS', 'dns.example', 'ip:port'],
    ['AUTH_MODE', 'basic', 'none, jwt'],
    ['JWT_JWKS_URL', 'file:///etc/keys', 'http:// or https://'],
    ['JWT_ADMIN_SCOPE', 'read write', 'without spaces'],
    ['TRUST_PROXY', 'true', 'addresses and networks'],
    ['RATE_LIMIT_RPS', '1.5', 'whole number'],
  ])('name the variable, the value and the bound: %s=%s', (name, value, bound) => {
    const lines = linesOf({ [name]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${name}=${value}`);
    expect(lines[0]).toContain(bound);
  });

  it('never shows what a query may hold', () => {
    const [line] = linesOf({ USER_SERVICE_URL: 'http://a:1?token=s3cret' });
    expect(line).toContain('USER_SERVICE_URL=http://a:1?*** must name hosts and ports only');
    expect(line).not.toContain('s3cret');
  });

  it('name what AUTH_MODE=jwt needs, together with everything else', () => {
    expect(linesOf({ AUTH_MODE: 'jwt', PORT: 'x', JWT_AUDIENCE: 'me' })).toEqual([
      expect.stringContaining('PORT=x'),
      'JWT_JWKS_URL is not set: needed with AUTH_MODE=jwt',
      'JWT_ISSUER is not set: needed with AUTH_MODE=jwt',
    ]);
  });

  it('say one thing of a variable that is refused and needed', () => {
    const env = { AUTH_MODE: 'jwt', JWT_JWKS_URL: 'keys', JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' };
    expect(linesOf(env)).toHaveLength(1);
  });

  it('name the prefix for all sources when the value stands there', () => {
    const { problems } = problemsOf({ SOURCE_MAX_QUEUE: 'many' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('SOURCE_MAX_QUEUE=many');
  });

  it('are counted once when one value is wrong for every source', () => {
    const env = { ORDER_SERVICE_URL: 'http://orders:80', SOURCE_MAX_QUEUE: 'many' };
    expect(problemsOf(env, [USER, ORDERS]).problems).toHaveLength(1);
  });

  it('name a variable that must be set, and what it takes', () => {
    const { problems } = problemsOf({}, [ORDERS]);
    expect(problems).toEqual([expect.stringMatching(/^ORDER_SERVICE_URL is not set: http:\/\//)]);
  });

  it('take an empty variable that must be set for missing', () => {
    expect(linesOf({ USER_SERVICE_URL: '' })[0]).toContain('USER_SERVICE_URL is not set');
  });

  it('do not repeat a value without end', () => {
    expect(linesOf({ PORT: '9'.repeat(10_000) })[0]?.length).toBeLessThan(400);
  });

  it.each([
    ['DEADLINE_MS', ['1', '600000']],
    ['DEADLINE_RESERVE_MS', ['0', '600000']],
    ['USER_SERVICE_MAX_CONCURRENT', ['0', '100000']],
    ['USER_SERVICE_MAX_QUEUE', ['0', '100000']],
    ['USER_SERVICE_BREAKER_MIN_CALLS', ['0', '100000']],
    ['USER_SERVICE_BREAKER_FAILURE_RATIO', ['0', '1', '0.5', '.5', '1.0']],
    ['USER_SERVICE_URL', ['https://[::1]:8080', 'http://a:1, http://b:2', 'http://a/']],
    ['USER_SERVICE_URL', ['dns://a:1', 'srv://_a._tcp.b', 'consul://a/b', 'file:///a.json']],
    ['DNS_SERVERS', ['', '10.0.0.10', '10.0.0.10:5353,[2001:db8::1]:53']],
    ['LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']],
  ])('are none with a sane %s', (name, values) => {
    for (const value of values) expect(linesOf({ [name]: value })).toEqual([]);
  });
});

describe('credentials', () => {
  it.each([
    'http://admin:s3cret@a:1',
    'http://s3cret@a:1',
    'http://ok:1,http://admin:s3cret@a:1',
    'http://admin:p@s3cret@a:1',
    'http://admin:pa/s3cret@a:1',
    'http://admin:s3cret,pa@a:1',
    'admin:s3cret@a:1',
    'ftp://admin:s3cret@a:1',
    'dns://admin:s3cret@a:1',
    'srv://s3cret@_a._tcp.b',
    'consul://admin:s3cret@a:1/b',
    'file://admin:s3cret@a/b.json',
    'http://a:1,dns://admin:s3cret@b:1',
  ])('are refused in an address, and never printed: %s', (url) => {
    const { message, problems } = problemsOf({ USER_SERVICE_URL: url });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('USER_SERVICE_URL=');
    expect(message).not.toContain('s3cret');
  });

  it('are refused in words of their own', () => {
    expect(linesOf({ USER_SERVICE_URL: 'http://admin:pw@a:1' })[0]).toContain(
      'must not contain a user or a password',
    );
  });
});
