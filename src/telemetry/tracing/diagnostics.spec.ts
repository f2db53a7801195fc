import { expect, it } from '@jest/globals';
import pino from 'pino';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { diagnosticsTo, problemIn } from './diagnostics.ts';

it('complaints have a line a minute at most, with how many there were', () => {
  const lines: string[] = [];
  const clock = new VirtualClock();
  const diagnostics = diagnosticsTo(
    pino({ base: null }, { write: (line) => lines.push(line) }),
    clock,
  );
  for (let n = 0; n < 100; n += 1) diagnostics.error('no exporter');
  clock.advance(59_999);
  diagnostics.warn('no exporter');
  expect(lines).toHaveLength(1);
  clock.advance(1);
  diagnostics.warn('no sampler');
  diagnostics.info('all is well');
  expect(lines.slice(1).map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ msg: 'tracing', count: 101, problem: 'no sampler' }),
  ]);
});

it('a part of the SDK complains under its name, and what it complains of is not shown', () => {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line) => lines.push(line) });
  diagnosticsTo(logger, new VirtualClock()).warn('Exporter', 'could not read', new Error('hush'), {
    data: 'hush',
  });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ problem: 'Exporter: could not read' }),
  ]);
  expect(lines.join()).not.toContain('hush');
});

it.each([
  [
    'unknown OTEL_TRACES_SAMPLER value "hush", using default',
    'unknown OTEL_TRACES_SAMPLER value ***, using default',
  ],
  [
    "Could not parse URL: 'http://me:hush@host', falling back",
    'Could not parse URL: ***, falling back',
  ],
  [
    'Unsupported OTLP traces protocol at https://me:hush@host/x?y. Using http/protobuf.',
    'Unsupported OTLP traces protocol at *** Using http/protobuf.',
  ],
  ['OTEL_EXPORTER_OTLP_HEADERS=authorization=hush is odd', 'OTEL_EXPORTER_OTLP_HEADERS=*** is odd'],
  [
    '{"name":"Error","message":"connect ECONNREFUSED 10.0.0.7:4318 hush","code":"ECONNREFUSED"}',
    'Error: ECONNREFUSED',
  ],
  ['{"name":"AggregateError","message":"hush","code":"ETIMEDOUT"}', 'AggregateError: ETIMEDOUT'],
  [
    '{"name":"OTLPExporterError","message":"hush","code":"401","data":"hush"}',
    'OTLPExporterError: 401',
  ],
  ['{"name":"Error","message":"getaddrinfo ENOTFOUND hush"}', 'Error: ENOTFOUND'],
  ['{"name":"hush hush","message":"hush","code":"hush"}', 'Error'],
  ['{"message":hush}', 'Error'],
])('of %s is told %s', (message, told) => {
  expect(problemIn(message)).toBe(told);
  expect(told).not.toContain('hush');
});

it('a long complaint is cut', () => {
  expect(problemIn('a long one '.repeat(1000))).toHaveLength(200);
});
