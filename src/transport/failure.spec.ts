import { describe, expect, it } from '@jest/globals';
import {
  ConnectTimeoutError,
  InvalidBodyError,
  LocalExhaustionError,
  SourceStatusError,
  StaleSocketError,
  TruncatedBodyError,
  UnreachableError,
} from '../errors/errors.ts';
import { wireFailure } from './failure.ts';

const broken = (code: string): Error =>
  Object.assign(new Error(`connect ${code} 10.1.2.3:8080`), { code });

describe('wireFailure', () => {
  it.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ECONNRESET',
    'EPIPE',
    'UND_ERR_SOCKET',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  ])('takes %s before any byte of the answer for an unreachable source', (code) => {
    expect(wireFailure(broken(code), 'nothing_received')).toBeInstanceOf(UnreachableError);
  });

  it.each(['head_begun', 'body_begun'] as const)(
    'takes a reset for an answer that was cut short: %s',
    (progress) => {
      expect(wireFailure(broken('ECONNRESET'), progress)).toBeInstanceOf(TruncatedBodyError);
    },
  );

  it('takes a reset of a kept connection before any byte for a stale socket', () => {
    expect(wireFailure(broken('ECONNRESET'), 'nothing_on_reused')).toBeInstanceOf(StaleSocketError);
  });

  it.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EAGAIN'])(
    'takes %s for a limit of our own machine',
    (code) => {
      expect(wireFailure(broken(code), 'nothing_received')).toBeInstanceOf(LocalExhaustionError);
    },
  );

  it.each([
    'HPE_INVALID_CONSTANT',
    'HPE_HEADER_OVERFLOW',
    'HPE_UNEXPECTED_CONTENT_LENGTH',
    'UND_ERR_HEADERS_OVERFLOW',
  ])('takes %s for an answer that is not HTTP', (code) => {
    expect(wireFailure(broken(code), 'head_begun')).toBeInstanceOf(InvalidBodyError);
  });

  it('takes a head or body that just ends for an answer that was cut short', () => {
    expect(wireFailure(broken('HPE_INVALID_EOF_STATE'), 'head_begun')).toBeInstanceOf(
      TruncatedBodyError,
    );
  });

  it('passes on what has a name already', () => {
    const timeout = new ConnectTimeoutError();
    const status = new SourceStatusError(503);
    expect(wireFailure(timeout, 'nothing_received')).toBe(timeout);
    expect(wireFailure(status, 'body_begun')).toBe(status);
  });

  it.each(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'ERR_INVALID_CHAR', 'ERR_INVALID_URL'])(
    'passes %s on as our own bug',
    (code) => {
      const error = broken(code);
      expect(wireFailure(error, 'nothing_received')).toBe(error);
    },
  );

  it.each<[string, Error]>([
    ['a TypeError', new TypeError("Cannot read properties of undefined (reading 'length')")],
    ['a RangeError', new RangeError('Invalid array length')],
    ['a ReferenceError', new ReferenceError('x is not defined')],
    [
      "Node's TypeError for a bad path",
      Object.assign(new TypeError('bad path'), { code: 'ERR_UNESCAPED_CHARACTERS' }),
    ],
  ])('passes %s on as our own bug', (_what, error) => {
    expect(wireFailure(error, 'nothing_received')).toBe(error);
    expect(wireFailure(error, 'body_begun')).toBe(error);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'closed'],
    ['a code that is no text', { code: 5 }],
    ['an error without a code', new Error('other side closed')],
  ])('takes %s for what it looks like', (_what, error) => {
    expect(wireFailure(error, 'nothing_received')).toBeInstanceOf(UnreachableError);
    expect(wireFailure(error, 'body_begun')).toBeInstanceOf(TruncatedBodyError);
  });

  it.each(['ECONNREFUSED', 'EMFILE', 'HPE_INVALID_CONSTANT'])(
    'lets no address of %s out',
    (code) => {
      const failure = wireFailure(broken(code), 'nothing_received');
      expect(String(failure)).not.toContain('10.1.2.3');
      expect(failure).not.toHaveProperty('cause');
    },
  );
});
