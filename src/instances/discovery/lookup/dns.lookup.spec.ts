import { describe, expect, it } from '@jest/globals';
import { dnsError, FakeResolver } from '../../../../test/support/discovery.ts';
import type { DnsUrl } from '../../../config/url/source-url.ts';
import { DnsLookup } from './dns.lookup.ts';
import { Names, namesBy } from './names.ts';

function dns(url: Partial<DnsUrl> = {}) {
  const server = new FakeResolver();
  const lookup = new DnsLookup(
    { scheme: 'dns', name: 'orders', port: 8080, tls: false, ...url },
    new Names(server.resolver),
  );
  const origins = async () => (await lookup.find()).map(({ origin }) => origin);
  return { server, lookup, origins };
}

describe('the DNS lookup', () => {
  it('makes an instance of each A and AAAA record, under the name', async () => {
    const { server, lookup } = dns();
    server.a['orders'] = ['10.0.0.1', '10.0.0.2'];
    server.aaaa['orders'] = ['2001:db8::1'];
    expect(await lookup.find()).toEqual([
      { origin: 'http://10.0.0.1:8080', weight: 1, hostname: 'orders' },
      { origin: 'http://10.0.0.2:8080', weight: 1, hostname: 'orders' },
      { origin: 'http://[2001:db8::1]:8080', weight: 1, hostname: 'orders' },
    ]);
  });

  it('leaves the port out where the scheme has it, and the last dot of the name', async () => {
    const { server, lookup } = dns({ name: 'orders.shop.', port: 443, tls: true });
    server.a['orders.shop.'] = ['10.0.0.1'];
    expect(await lookup.find()).toEqual([
      { origin: 'https://10.0.0.1', weight: 1, hostname: 'orders.shop' },
    ]);
  });

  it.each([
    ['A', ['10.0.0.1'], undefined, 'http://10.0.0.1:8080'],
    ['AAAA', undefined, ['2001:db8::1'], 'http://[2001:db8::1]:8080'],
  ])('is content with records of one kind: %s', async (_kind, a, aaaa, origin) => {
    const { server, origins } = dns();
    if (a !== undefined) server.a['orders'] = a;
    if (aaaa !== undefined) server.aaaa['orders'] = aaaa;
    expect(await origins()).toEqual([origin]);
  });

  it('is empty for a name that nobody knows', async () => {
    expect(await dns().origins()).toEqual([]);
  });

  it('fails when the server does', async () => {
    const { server, origins } = dns();
    server.a['orders'] = server.aaaa['orders'] = dnsError('ETIMEOUT');
    await expect(origins()).rejects.toThrow('ETIMEOUT');
  });

  it('does without AAAA where the server chokes on it, and misses none that it had', async () => {
    const { server, origins } = dns();
    server.a['orders'] = ['10.0.0.1'];
    server.aaaa['orders'] = dnsError('ESERVFAIL');
    expect(await origins()).toEqual(['http://10.0.0.1:8080']);
    server.aaaa['orders'] = ['2001:db8::1'];
    await origins();
    server.aaaa['orders'] = dnsError('ESERVFAIL');
    server.a['orders'] = ['10.0.0.2'];
    expect(await origins()).toEqual(['http://10.0.0.2:8080', 'http://[2001:db8::1]:8080']);
  });

  it('gives up what it has asked', () => {
    const { server, lookup } = dns();
    lookup.cancel();
    expect(server.cancelled).toBe(true);
  });
});

describe('without DNS servers', () => {
  it('names are looked up as every program of the machine does it: localhost is known', async () => {
    const addresses = await namesBy([]).addressesOf(['localhost']);
    expect(addresses.get('localhost')).toContain('127.0.0.1');
  });

  it('an unknown name has no addresses, which is an answer', async () => {
    const names = new Names(new FakeResolver().resolver, () =>
      Promise.reject(dnsError('ENOTFOUND')),
    );
    expect((await names.addressesOf(['nobody'])).get('nobody')).toEqual([]);
  });

  it('a system that cannot say is an error', async () => {
    const names = new Names(new FakeResolver().resolver, () =>
      Promise.reject(dnsError('EAI_AGAIN')),
    );
    await expect(names.addressesOf(['orders'])).rejects.toThrow('EAI_AGAIN');
  });
});
