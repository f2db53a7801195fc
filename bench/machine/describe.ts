import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Ready } from '../contenders/prepare.ts';
import type { Pinning } from './pinning.ts';

const PACKAGES = [
  '@nestjs/core',
  'fastify',
  'undici',
  'axios',
  'rxjs',
  'express',
  'opossum',
  'autocannon',
];

/** What the figures were measured on and with; kept with them. */
export function describeMachine(pinning: Pinning, contenders: readonly Ready[]) {
  return {
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, pinning },
    versions: { ...packageVersions(), ...toolVersions(contenders) },
  };
}

export function packageVersions(): Readonly<Record<string, string>> {
  return Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)]));
}

function versionOf(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

const toolVersions = (contenders: readonly Ready[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    contenders.flatMap(({ contender, program: { version } }) =>
      version === undefined ? [] : [[contender.key, version]],
    ),
  );
