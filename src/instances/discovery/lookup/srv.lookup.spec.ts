import { describe, expect, it } from '@jest/globals';
import { dnsError, FakeResolver } from '../../../../test/support/discovery.ts';
import { Names } from './names.ts';
import { SrvLookup } from './srv.lookup.ts';

const SERVICE = '_http._tcp.orders';

const record = (name: string, port: number, weight = 10, priority = 1) => ({
  name,
  port,
  weight,
  priority,
});

function srv(tls = false) {
  const server = new FakeResolver();
  server.a = { a: ['10.0.0.1'], b: ['10.0.0.2'] };
  const lookup = new SrvLookup({ scheme: 'srv', name: SERVICE, tls }, new Names(server.resolver));
  const origins = async () => (await lookup.find()).map(({ origin }) => origin);
  return { server, lookup, origins };
}

describe('the SRV lookup', () => {
  it('makes an instance of each record, with its port and weight, under the name of the target', async () => {
    const { server, lookup } = srv(true);
    server.srv[SERVICE] = [record('A', 8081, 10), record('b', 8082, 30)];
    server.a['A'] = ['10.0.0.1'];
    expect(await lookup.find()).toEqual([
      { origin: 'https://10.0.0.1:8081', weight: 10, hostname: 'a' },
      { origin: 'https://10.0.0.2:8082', weight: 30, hostname: 'b' },
    ]);
  });

  it('takes the first priority only', async () => {
    const { server, origins } = srv();
    server.srv[SERVICE] = [record('a', 1, 10, 20), record('b', 2, 10, 10)];
    expect(await origins()).toEqual(['http://10.0.0.2:2']);
  });

  it('gives a little to a weight of 0', async () => {
    const { server, lookup } = srv();
    server.srv[SERVICE] = [record('a', 1, 0), record('b', 2, 1)];
    expect((await lookup.find()).map(({ weight }) => weight)).toEqual([0.1, 1]);
  });

  it('shares the weight of a target among its addresses', async () => {
    const { server, lookup } = srv();
    server.srv[SERVICE] = [record('a', 1, 30)];
    server.a['a'] = ['10.0.0.1', '10.0.0.3'];
    server.aaaa['a'] = ['::1'];
    expect((await lookup.find()).map(({ weight }) => weight)).toEqual([10, 10, 10]);
  });

  it('asks once for the addresses of a target with several ports', async () => {
    const { server, origins } = srv();
    server.srv[SERVICE] = [record('a', 1), record('a', 2)];
    expect(await origins()).toEqual(['http://10.0.0.1:1', 'http://10.0.0.1:2']);
    // SRV, A, AAAA.
    expect(server.asked).toBe(3);
  });

  it('is empty for a service that nobody knows, or that is said not to be there', async () => {
    const { server, origins } = srv();
    expect(await origins()).toEqual([]);
    server.srv[SERVICE] = [record('.', 0)];
    expect(await origins()).toEqual([]);
    server.srv[SERVICE] = [record('', 0)];
    expect(await origins()).toEqual([]);
  });

  it('leaves out a target without an address, and one without a port', async () => {
    const { server, origins } = srv();
    server.srv[SERVICE] = [record('nobody', 1), record('a', 0), record('b', 2)];
    expect(await origins()).toEqual(['http://10.0.0.2:2']);
  });

  it('fails when the server does', async () => {
    const { server, origins } = srv();
    server.srv[SERVICE] = dnsError('ESERVFAIL');
    await expect(origins()).rejects.toThrow('ESERVFAIL');
    server.srv[SERVICE] = [record('a', 1)];
    server.a['a'] = server.aaaa['a'] = dnsError('ETIMEOUT');
    await expect(origins()).rejects.toThrow('ETIMEOUT');
  });

  it('does with what a target had where its address cannot be had, and forgets it with the target', async () => {
    const { server, origins } = srv();
    server.srv[SERVICE] = [record('a', 1), record('b', 2)];
    expect(await origins()).toEqual(['http://10.0.0.1:1', 'http://10.0.0.2:2']);
    server.a['a'] = server.aaaa['a'] = dnsError('ETIMEOUT');
    expect(await origins()).toEqual(['http://10.0.0.1:1', 'http://10.0.0.2:2']);
    server.srv[SERVICE] = [record('b', 2)];
    await origins();
    server.srv[SERVICE] = [record('a', 1), record('b', 2)];
    expect(await origins()).toEqual(['http://10.0.0.2:2']);
  });

  it('gives up what it has asked', () => {
    const { server, lookup } = srv();
    lookup.cancel();
    expect(server.cancelled).toBe(true);
  });
});
