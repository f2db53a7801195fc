import { startDemoSources } from './sources.ts';

/** The demo sources as a process of their own: says where they listen, and leaves with the process that started it. */

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(0));
process.send?.(await startDemoSources());
