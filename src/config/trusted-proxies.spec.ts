import { expect, it } from '@jest/globals';
import { parseTrustedProxies } from './trusted-proxies.ts';

it('takes addresses and networks of both families', () => {
  expect(parseTrustedProxies('10.0.0.0/8, 192.0.2.1,2001:db8::/32,::1')).toEqual([
    '10.0.0.0/8',
    '192.0.2.1',
    '2001:db8::/32',
    '::1',
  ]);
});

it('false trusts nobody', () => {
  expect(parseTrustedProxies('false')).toBe(false);
});

it.each([
  'true',
  '1',
  'loopback',
  'proxy.example',
  '10.0.0.0/33',
  '10.0.0.0/0',
  '10.0.0.0/',
  '10.0.0.0/255.0.0.0',
  '2001:db8::/129',
  'fe80::1%eth0',
  '10.0.0.1:80',
  '10.0.0.1,,10.0.0.2',
  '10.0.0.1,false',
])('%s is refused', (text) => {
  expect(() => parseTrustedProxies(text)).toThrow('must be false, or');
});
