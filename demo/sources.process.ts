import { once } from 'node:events';
import { PageServer, type PagePlaces } from './page-server/page-server.ts';
import { startDemoSources, type StartedService } from './sources.ts';

/**
 * The demo sources as a process of their own, and the page that breaks and mends them: says where they listen, is told
 * where the service does, and leaves with the process that started it.
 */

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(0));

const services = await startDemoSources();
process.send?.(
  services.map(({ name, envPrefix, urls }): StartedService => ({ name, envPrefix, urls })),
);
const [places] = (await once(process, 'message')) as [PagePlaces];
const page = new PageServer(services, places);
await page.listen();
process.send?.(page.url);
