import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { PagePlaces } from './page-server/page-server.ts';
import type { StartedService } from './sources.ts';

/**
 * `npm run demo`: three services, two instances each, in a process of their own, and Tributary in front of them in
 * this one. The sources leave when this process does, however it ends.
 */

const nest = createRequire(import.meta.url).resolve('@nestjs/cli/bin/nest.js');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
for (const args of [
  [nest, 'build'],
  [tsc, '-p', 'tsconfig.console.json'],
]) {
  const build = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (build.status !== 0) process.exit(build.status ?? 1);
}

const sources = fork(new URL('./sources.process.ts', import.meta.url), {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  // The page's scripts are served without their types, which Node calls experimental.
  execArgv: ['--disable-warning=ExperimentalWarning'],
});
const [services] = (await once(sources, 'message')) as [readonly StartedService[]];

const port = process.env.PORT || '3000';
const origin = `http://127.0.0.1:${port}`;
const managementPort = process.env.MANAGEMENT_PORT || '9464';
const management = `http://127.0.0.1:${managementPort}`;
Object.assign(process.env, {
  PORT: port,
  HOST: process.env.HOST || '127.0.0.1',
  MANAGEMENT_PORT: managementPort,
  EXPLAIN: process.env.EXPLAIN || 'on',
  LOG_FORMAT: process.env.LOG_FORMAT || 'pretty',
  ...Object.fromEntries(
    services.map(({ envPrefix, urls }) => [`${envPrefix}_URL`, urls.join(',')]),
  ),
});
await import(new URL('../dist/main.js', import.meta.url).href);
// The page is served beside the sources, which it breaks and mends.
const places: PagePlaces = {
  service: origin,
  management,
  port: Number(process.env.DEMO_PORT || '3100'),
};
sources.send(places);
const [page] = (await once(sources, 'message')) as [string];
process.stdout.write(tour());

function tour(): string {
  const targets = services.find(({ name }) => name === 'recommendations')?.urls ?? [];
  const faults = targets.map((url) => `${url}/faults`).join(' ');
  return `
Tributary is up.

  TRY THIS      ${page}
  live console  ${management}/
  a dashboard   ${origin}/dashboard/42
  explained     ${origin}/dashboard/42?explain=true
  the docs      ${origin}/docs
  readiness     ${origin}/health/ready
  metrics       ${management}/metrics
  the sources   ${management}/sources

Try it (users 1 to 1000):

  curl -s ${origin}/dashboard/42
  for u in ${faults}; do curl -s -X PUT $u -d '{"badAnswer":"hang"}'; done; curl -s ${origin}/dashboard/42
  for u in ${faults}; do curl -s -X DELETE $u; done; curl -s ${origin}/dashboard/42

Every instance takes faults like that (PUT, GET, DELETE /faults):

${services.map(({ name, urls }) => `  ${name.padEnd(16)} ${urls.join('  ')}`).join('\n')}

Ctrl-C stops all of it.

`;
}
