import { expect, it } from '@jest/globals';
import { addresses } from '../../test/support/discovery.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { Balancer } from './balancer.ts';
import type { DiscoveryListener } from './discovery/discovery.ts';
import { followDiscovery, type InstancesChange } from './follow-discovery.ts';

function followed() {
  const heard: (InstancesChange | string | undefined)[] = [];
  const retired: string[] = [];
  const balancer = new Balancer(new VirtualClock(), () => 0);
  let discovery: DiscoveryListener | undefined;
  followDiscovery(
    { start: (listener) => void (discovery = listener), stop: () => undefined },
    balancer,
    { retire: (origin) => void retired.push(origin) },
    {
      instancesChanged: (change) => void heard.push(change),
      discoveryChanged: (problem) => void heard.push(problem ?? 'well'),
    },
  );
  const origins = () => balancer.list.map(({ origin }) => origin);
  return { discovery: discovery as DiscoveryListener | undefined, heard, retired, origins };
}

it('gives what is found to the balancer, and retires what is gone', () => {
  const { discovery, heard, retired, origins } = followed();
  discovery?.found(addresses('http://a:1', 'http://b:1'));
  expect(origins()).toEqual(['http://a:1', 'http://b:1']);
  expect(retired).toEqual([]);
  discovery?.found(addresses('http://b:1', 'http://c:1'));
  expect(origins()).toEqual(['http://b:1', 'http://c:1']);
  expect(retired).toEqual(['http://a:1']);
  expect(heard).toEqual([
    { added: ['a:1', 'b:1'], removed: [], count: 2 },
    { added: ['c:1'], removed: ['a:1'], count: 2 },
  ]);
});

it('passes on that discovery fails, and that it works again', () => {
  const { discovery, heard, retired } = followed();
  discovery?.found(addresses('http://a:1'));
  discovery?.failing('down');
  discovery?.recovered();
  expect(heard.slice(1)).toEqual(['down', 'well']);
  expect(retired).toEqual([]);
});
