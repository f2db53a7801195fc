import { expect, it } from '@jest/globals';
import { parseDnsServers } from './dns-servers.ts';

it('takes addresses with and without a port, of both families', () => {
  expect(
    parseDnsServers('10.0.0.10, 10.0.0.11:5353,[2001:db8::1]:53,[2001:db8::2],2001:db8::3'),
  ).toEqual(['10.0.0.10', '10.0.0.11:5353', '[2001:db8::1]:53', '[2001:db8::2]', '2001:db8::3']);
});

it("an empty text is none: the system's", () => {
  expect(parseDnsServers('')).toEqual([]);
});

it.each([
  'dns.example',
  'dns.example:53',
  '10.0.0.1:0',
  '10.0.0.1:65536',
  '10.0.0.1:',
  '10.0.0.256',
  '[10.0.0.1]:53',
  '2001:db8::1:53:x',
  '[2001:db8::1',
  '10.0.0.1,,10.0.0.2',
])('%s is refused', (text) => {
  expect(() => parseDnsServers(text)).toThrow('ip, ip:port, or [ipv6]:port');
});
