import { DATA } from '../../demo/data.ts';
import { DemoSource } from '../../demo/demo-source.ts';

process.on('disconnect', () => process.exit(0));
const name = process.argv[2] as keyof typeof DATA;
const source = new DemoSource(name, DATA[name]);
await source.listen();
process.send?.(source.url);
