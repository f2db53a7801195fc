import { z } from 'zod';
import { DATA } from './data.ts';
import { DemoSource } from './demo-source.ts';
import { SERVICES } from './sources.ts';

/** One instance of one demo service, configured by the environment: what a container of the demo runs. */

/** sysexits.h: the configuration is at fault, starting again will not help. */
const EX_CONFIG = 78;

const services = Object.keys(DATA) as (keyof typeof DATA)[];

const EnvironmentSchema = z.object({
  DEMO_SERVICE: z.enum(services, { error: `must be one of ${services.join(', ')}` }),
  PORT: z
    .string({ error: 'must be set: 0–65535' })
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
      error: 'must be a whole number from 0 to 65535',
    })
    .transform(Number),
  HOST: z.string().default('0.0.0.0'),
});

const { DEMO_SERVICE, PORT, HOST } = environmentOrExit();
const { latencyMs, jitterMs } = SERVICES[DEMO_SERVICE];
const source = new DemoSource(DEMO_SERVICE, DATA[DEMO_SERVICE], { latencyMs, jitterMs });
await source.listen(PORT, HOST);
// Process 1 of a container has no default signal handlers: without these it could only be killed.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void source.close().then(() => process.exit(0)));
process.stdout.write(`${DEMO_SERVICE} listens on ${HOST}:${new URL(source.url).port}\n`);

function environmentOrExit(): z.infer<typeof EnvironmentSchema> {
  // Set but empty is as good as not set: compose files write those.
  const set = Object.entries(process.env).filter(([, value]) => value !== '');
  const result = EnvironmentSchema.safeParse(Object.fromEntries(set));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    return `  ${name}=${process.env[name] ?? ''} ${message}\n`;
  });
  process.stderr.write(`${problems.length} problem(s) in the configuration:\n${problems.join('')}`);
  process.exit(EX_CONFIG);
}
