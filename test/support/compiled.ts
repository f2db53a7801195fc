import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Tests of whole processes run what `npm run build` would make, beside `dist/`, which may be somebody's. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONSOLE = 'management/console/page';

export const COMPILED = `${ROOT}.cache/e2e-dist`;

/** Before all tests of a run: what has changed since the last one is compiled. */
export default function compile(): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  for (const project of ['build', 'console']) {
    const info = ['--incremental', '--tsBuildInfoFile', `${COMPILED}/.${project}.tsbuildinfo`];
    const args = [tsc, '-p', `${ROOT}tsconfig.${project}.json`, '--outDir', COMPILED, ...info];
    const { status, stdout } = spawnSync(process.execPath, args);
    if (status !== 0) throw new Error(`does not compile: ${stdout.toString()}`);
  }
  cpSync(`${ROOT}src/${CONSOLE}`, `${COMPILED}/${CONSOLE}`, {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
}
