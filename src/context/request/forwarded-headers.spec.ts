import { describe, expect, it } from '@jest/globals';
import { headerForwarder } from './forwarded-headers.ts';

describe('headerForwarder', () => {
  const forward = headerForwarder(false);

  it('passes the trace and the language on, as a flat list', () => {
    expect(
      forward({ 'accept-language': 'de', traceparent: '00-aa-bb-01', tracestate: 'x=1' }),
    ).toEqual(['traceparent', '00-aa-bb-01', 'tracestate', 'x=1', 'accept-language', 'de']);
  });

  it('passes nothing else of the caller on', () => {
    expect(
      forward({
        cookie: 'session=1',
        host: 'evil',
        'x-forwarded-for': '10.0.0.1',
        'x-request-id': 'mine',
        'x-attempt': '9',
        'proxy-authorization': 'Basic abc',
        authorization: 'Bearer secret',
      }),
    ).toEqual([]);
  });

  it('passes the authorization on only when it is told to', () => {
    expect(headerForwarder(true)({ authorization: 'Bearer token', cookie: 'a=b' })).toEqual([
      'authorization',
      'Bearer token',
    ]);
  });

  it.each([
    ['a line break', 'de\r\nx-evil: 1'],
    ['a byte beyond ASCII', 'dé'],
    ['a null byte', 'de\0'],
    ['nothing', ''],
  ])('does not pass a value on that holds %s', (_what, value) => {
    expect(forward({ 'accept-language': value })).toEqual([]);
  });
});
