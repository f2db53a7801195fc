import { seededRandom } from '../../../support/virtual-clock.ts';
import { FaultyPort } from './faulty-port.ts';
import type { Command, ProxyReport, Reply } from './fault-proxy.ts';
import { SourceCount } from './source-count.ts';

/** The proxy as a process of its own: it is there, and counts, whatever the event loop of the service is doing. */

const INSTANCES_EACH = 2;

const upstreams = JSON.parse(process.argv[2] ?? '{}') as Readonly<Record<string, number>>;
const ports = new Map<string, FaultyPort>();
const counts = new Map<string, SourceCount>();
let random = seededRandom(0);

process.on('disconnect', () => process.exit(0));
process.on('message', (command: Command) => {
  void obey(command).then(() =>
    process.send?.({ id: command.id, report: report() } satisfies Reply),
  );
});

for (const [source, upstream] of Object.entries(upstreams)) {
  const count = new SourceCount();
  counts.set(source, count);
  for (let number = 1; number <= INSTANCES_EACH; number += 1) {
    const port = new FaultyPort(upstream, count, () => random());
    await port.set({ kind: 'none' });
    ports.set(`${source}-${number}`, port);
  }
}
process.send?.(Object.fromEntries([...ports].map(([name, { port }]) => [name, port])));

async function obey({ seed, troubles }: Command): Promise<void> {
  if (seed !== undefined) {
    random = seededRandom(seed);
    for (const count of counts.values()) count.reset();
    for (const port of ports.values())
      Object.assign(port, { connections: 0, requests: 0, struck: 0 });
  }
  const set = Object.entries(troubles).map(([name, trouble]) => ports.get(name)?.set(trouble));
  await Promise.all(set);
}

function report(): ProxyReport {
  const instances = [...ports].map(
    ([name, { requests, struck, connections, connected }]) =>
      [name, { requests, struck, connections, connected }] as const,
  );
  const sources = [...counts].map(
    ([name, { atOnce, mostAtOnce, turns, longest }]) =>
      [name, { atOnce, mostAtOnce, turns, longest }] as const,
  );
  return { instances: Object.fromEntries(instances), sources: Object.fromEntries(sources) };
}
