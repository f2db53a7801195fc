import { DemoSource } from '../../../../demo/demo-source.ts';
import type { SourceName } from '../../../../src/clients/sources.ts';
import { lookupOf } from './personal-data.ts';

/** The sources themselves, always well, in a process of their own. @param argv their names */

process.on('disconnect', () => process.exit(0));
const names = process.argv.slice(2) as SourceName[];
const started = names.map(async (name) => {
  const source = new DemoSource(name, lookupOf(name));
  await source.listen();
  return [name, Number(new URL(source.url).port)] as const;
});
process.send?.(Object.fromEntries(await Promise.all(started)));
