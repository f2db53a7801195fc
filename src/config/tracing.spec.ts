import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, type Environment } from './config.ts';
import { isTracing } from './tracing.ts';

const service = (env: Environment) => loadConfig(env, []).service;
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('tracing', () => {
  it.each<[boolean, string, Environment]>([
    [false, 'nothing is said', {}],
    [true, 'there is an endpoint', ENDPOINT],
    [true, 'traces have one', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces' }],
    [false, 'the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    [false, 'the SDK is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }],
    [false, 'the SDK is disabled in capitals', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
    [true, 'the SDK is not disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'false' }],
    [false, 'traces are not exported', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
    [true, 'traces are exported elsewhere', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'console' }],
  ])('is %s when %s', (expected, _when, env) => {
    expect(isTracing(service(env))).toBe(expected);
  });

  it.each(['collector:4318', 'grpc://collector', 'not a url'])(
    'has an endpoint over http: %s is refused',
    (endpoint) => {
      const load = () => service({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
      expect(load).toThrow(ConfigError);
      expect(load).toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT=.* must be an http:\/\/ or https:\/\/ URL/);
    },
  );

  it('does not show what its endpoint says to nobody else', () => {
    expect(() => service({ OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://me:secret@c?key=hush' })).toThrow(
      /^(?!.*(secret|hush))/s,
    );
  });
});
