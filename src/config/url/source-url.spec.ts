import { describe, expect, it } from '@jest/globals';
import { parseSourceUrl, type ConsulUrl } from './source-url.ts';
import { ValueProblem } from '../variable.ts';

const problemOf = (text: string): string => {
  try {
    return `none: ${JSON.stringify(parseSourceUrl(text))}`;
  } catch (error) {
    if (error instanceof ValueProblem) return error.message;
    throw error;
  }
};

describe('a list', () => {
  const originsOf = (text: string): readonly string[] => {
    const url = parseSourceUrl(text);
    return url.scheme === 'list' ? url.origins : [];
  };

  it('has its addresses in their order', () => {
    expect(parseSourceUrl('http://b:1,https://a:2')).toEqual({
      scheme: 'list',
      origins: ['http://b:1', 'https://a:2'],
    });
  });

  it('counts once what is named twice, also when it is written differently', () => {
    expect(originsOf('http://a:80, http://a,http://A/,http://b')).toEqual(['http://a', 'http://b']);
  });

  it('tells two ports and two schemes of one host apart', () => {
    expect(originsOf('http://a:1,http://a:2,https://a:1')).toHaveLength(3);
  });

  it('takes IPv6 addresses', () => {
    expect(originsOf('http://[::1]:8080')).toEqual(['http://[::1]:8080']);
  });
});

describe('dns://', () => {
  it.each([
    ['dns://orders.shop:8080', { name: 'orders.shop', port: 8080, tls: false }],
    ['dns://Orders.Shop:443?tls=true', { name: 'orders.shop', port: 443, tls: true }],
    ['dns://orders.shop.svc.cluster.local.:80/', { name: 'orders.shop.svc.cluster.local.' }],
    ['dns://localhost:80?tls=false', { name: 'localhost', tls: false }],
    ['dns://my_orders-2:80', { name: 'my_orders-2' }],
  ])('%s', (text, parts) => {
    expect(parseSourceUrl(text)).toMatchObject({ scheme: 'dns', ...parts });
  });

  it.each([
    ['dns://orders', 'dns://name:port'],
    ['dns://orders:0', 'dns://name:port'],
    ['dns://orders:99999', 'dns://name:port'],
    ['dns://:80', 'dns://name:port'],
    ['dns://or%20ders:80', 'dns://name:port'],
    ['dns://orders..shop:80', 'dns://name:port'],
    ['dns://orders:80/path', 'dns://name:port'],
    ['dns://orders:80#x', 'dns://name:port'],
    ['dns://10.0.0.1:80', 'an IP address is a list of its own'],
    ['dns://u:p@orders:80', 'a user or a password'],
    ['dns://orders:80?tls=yes', 'tls=true or tls=false'],
    ['dns://orders:80?tls', 'empty query parameter'],
    ['dns://orders:80?tls=true&tls=false', 'twice'],
    ['dns://orders:80?TLS=true', 'no other query parameters than tls'],
    ['dns://orders:80,dns://users:80', 'must be one address'],
    ['dns://orders:80,http://users:80', 'must be one address'],
  ])('%s is refused', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });
});

describe('srv://', () => {
  it.each([
    ['srv://_http._tcp.orders.shop', { name: '_http._tcp.orders.shop', tls: false }],
    ['srv://_Orders._green.service.consul?tls=true', { name: '_orders._green.service.consul' }],
    ['srv://_http._tcp.orders.', { name: '_http._tcp.orders.' }],
  ])('%s', (text, parts) => {
    expect(parseSourceUrl(text)).toMatchObject({ scheme: 'srv', ...parts });
  });

  it.each([
    ['srv://orders.shop', 'srv://_service._tcp.name'],
    ['srv://_http.orders.shop', 'srv://_service._tcp.name'],
    ['srv://_http._tcp', 'srv://_service._tcp.name'],
    ['srv://_http._tcp.orders/path', 'srv://_service._tcp.name'],
    ['srv://_http._tcp.orders:80', 'must have no port'],
    ['srv://u@_http._tcp.orders', 'a user or a password'],
    ['srv://_http._tcp.orders?tag=a', 'no other query parameters than tls'],
  ])('%s is refused', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });
});

describe('consul://', () => {
  const consul: ConsulUrl = {
    scheme: 'consul',
    agent: 'http://agent:8500',
    service: 'orders',
    tags: [],
    datacenter: undefined,
    tls: false,
  };

  it.each<[string, Partial<ConsulUrl>]>([
    ['consul://agent:8500/orders', {}],
    ['consul://agent/orders', {}],
    ['consul://10.0.0.1:18500/orders', { agent: 'http://10.0.0.1:18500' }],
    ['consul://[::1]:8500/orders', { agent: 'http://[::1]:8500' }],
    ['consul://agent:8500/my%20orders', { service: 'my orders' }],
    ['consul://agent:8500/orders?tag=v2&tag=eu&tls=true', { tags: ['v2', 'eu'], tls: true }],
    ['consul://agent:8500/orders?dc=east', { datacenter: 'east' }],
  ])('%s', (text, parts) => {
    expect(parseSourceUrl(text)).toEqual({ ...consul, ...parts });
  });

  it.each([
    ['consul://agent:8500', 'consul://agent:port/service'],
    ['consul://agent:8500/', 'consul://agent:port/service'],
    ['consul://agent:8500/a/b', 'consul://agent:port/service'],
    ['consul://agent:8500/a%2Fb', 'consul://agent:port/service'],
    ['consul://agent:8500/a%', 'consul://agent:port/service'],
    ['consul:///orders', 'consul://agent:port/service'],
    ['consul://a%20gent/orders', 'consul://agent:port/service'],
    ['consul://u:p@agent:8500/orders', 'a user or a password'],
    ['consul://agent:8500/orders?token=s', 'no other query parameters than tag, dc, tls'],
    ['consul://agent:8500/orders?tag=', 'empty query parameter'],
    ['consul://agent:8500/orders?dc=a&dc=b', 'twice'],
  ])('%s is refused', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });
});

describe('file://', () => {
  it.each([
    ['file:///etc/orders.json', '/etc/orders.json'],
    ['file:///etc/my%20orders,2.json', '/etc/my orders,2.json'],
  ])('%s', (text, path) => {
    expect(parseSourceUrl(text)).toEqual({ scheme: 'file', path });
  });

  it.each([
    ['file://orders.json', 'file:///absolute/path.json'],
    ['file://host/orders.json', 'file:///absolute/path.json'],
    ['file://./orders.json', 'file:///absolute/path.json'],
    ['file:///', 'file:///absolute/path.json'],
    ['file:///a%2Fb.json', 'file:///absolute/path.json'],
    ['file:///a.json#x', 'file:///absolute/path.json'],
    ['file:///a.json?tls=true', 'must not have a query'],
    ['file:orders.json', 'or one dns://, srv://, consul:// or file:// address'],
  ])('%s is refused', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });
});

it.each([
  ['http://a:1,dns://b:2', 'must not mix'],
  ['http://a:1, file:///b.json', 'must not mix'],
  ['etcd://a:1', 'http:// or https:// addresses, or one dns://'],
  ['orders', 'http:// or https:// addresses, or one dns://'],
])('%s is refused', (text, problem) => {
  expect(problemOf(text)).toContain(problem);
});

it('no problem quotes what it is about', () => {
  for (const text of [
    'dns://orders:80?s3cret=s3cret',
    'consul://s3cret:s3cret@agent/orders?token=s3cret',
    'consul://agent/orders?tls=s3cret',
    'srv://s3cret@_http._tcp.orders',
    'file:///s3cret?s3cret',
  ])
    expect(problemOf(text)).toMatch(/^must (?!.*s3cret)/);
});
