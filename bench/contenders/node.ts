import { transformFileSync } from '@swc/core';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CACHE } from './cache.ts';
import type { Command, Contender } from './contender.ts';

/** The contenders that run on Node. */

const peer = (name: string): string => fileURLToPath(new URL(`../peers/${name}`, import.meta.url));

const onNode = (script: string) => (): { command: Command } => ({
  command: [process.execPath, script],
});

/** The one all others are compared with. */
export const HAND_WRITTEN: Contender = {
  key: 'hand-written',
  name: 'hand-written (fastify + undici)',
  env: {},
  prepare: onNode(peer('fastify-undici.ts')),
  goal: 1,
};

/** @param script the built service */
export const tributary = (script: string): Contender => ({
  key: 'tributary',
  name: 'tributary',
  env: { LOG_LEVEL: 'warn' },
  prepare: onNode(script),
});

/** @param script the built service */
export const tributaryWithAxios = (script: string): Contender => ({
  key: 'tributary-axios',
  name: 'tributary (axios)',
  env: { LOG_LEVEL: 'warn', TRANSPORT: 'axios' },
  prepare: onNode(script),
});

export const NODE_HTTP: Contender = {
  key: 'node-http',
  name: 'node:http + undici',
  env: {},
  prepare: onNode(peer('node-http.ts')),
};

export const USUAL_NEST: Contender = {
  key: 'usual-nest',
  name: 'usual NestJS (axios + opossum)',
  env: { NODE_ENV: 'production' },
  prepare: () => ({ command: [process.execPath, compiled('usual-nest')] }),
  goal: 6,
};

export const EXPRESS_AXIOS: Contender = {
  key: 'express-axios',
  name: 'Express + axios',
  env: { NODE_ENV: 'production' },
  prepare: onNode(peer('express-axios.ts')),
};

/** Decorators and parameter properties are beyond Node's type stripping. @returns the JavaScript file */
function compiled(name: string): string {
  const { code } = transformFileSync(peer(`${name}.ts`), {
    swcrc: false,
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    },
    module: { type: 'es6' },
  });
  mkdirSync(CACHE, { recursive: true });
  const file = `${CACHE}/${name}.mjs`;
  writeFileSync(file, code);
  return file;
}
