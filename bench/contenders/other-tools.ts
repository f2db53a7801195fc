import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CACHE } from './cache.ts';
import type { Contender, Missing, Program } from './contender.ts';

/** The contenders that need more than Node. Nothing else of the project depends on their tools. */

const peer = (name: string): string => fileURLToPath(new URL(`../peers/${name}`, import.meta.url));

export const GO: Contender = {
  key: 'go',
  name: 'Go net/http',
  env: {},
  prepare: go,
  goal: 0.8,
};

export const AIOHTTP: Contender = {
  key: 'aiohttp',
  name: 'aiohttp',
  env: {},
  prepare: () => python('aiohttp_app.py', ['aiohttp'], 'python3-aiohttp'),
  goal: 4,
};

export const FASTAPI: Contender = {
  key: 'fastapi',
  name: 'FastAPI + httpx',
  env: {},
  prepare: () =>
    python(
      'fastapi_app.py',
      ['fastapi', 'httpx', 'uvicorn'],
      'python3-fastapi, python3-httpx and python3-uvicorn',
    ),
  goal: 15,
};

export const NGINX: Contender = {
  key: 'nginx',
  name: 'nginx + lua',
  env: {},
  prepare: nginx,
};

function go(): Program | Missing {
  const version = output('go', ['version']);
  if (version === undefined) return { missing: '`go` on PATH (Debian: golang-go)' };
  mkdirSync(CACHE, { recursive: true });
  const binary = `${CACHE}/go-peer`;
  const build = spawnSync('go', ['build', '-o', binary, '.'], {
    cwd: peer('go'),
    stdio: 'inherit',
  });
  if (build.status !== 0) throw new Error('bench/peers/go does not build');
  return { command: [binary], version: version.trim() };
}

function python(script: string, modules: readonly string[], packages: string): Program | Missing {
  const versions = modules.map((name) => `${name}.__version__`).join(', ');
  const code = `import sys, ${modules.join(', ')}; print(sys.executable); print(sys.version.split()[0], ${versions})`;
  // The first on PATH may be one that the distribution's packages are unknown to.
  for (const candidate of ['python3', '/usr/bin/python3']) {
    const [executable, found] = output(candidate, ['-c', code])?.split('\n') ?? [];
    if (executable !== undefined && found !== undefined)
      return { command: [executable, peer(`python/${script}`)], version: `Python ${found}` };
  }
  return { missing: `${modules.join(', ')} for python3 (Debian: ${packages})` };
}

function nginx(): Program | Missing {
  const about = output('nginx', ['-V']);
  const modules = /--modules-path=(\S+)/.exec(about ?? '')?.[1];
  if (
    about === undefined ||
    modules === undefined ||
    !existsSync(`${modules}/ngx_http_lua_module.so`)
  )
    return { missing: '`nginx` on PATH and its Lua module (Debian: nginx, libnginx-mod-http-lua)' };
  return {
    command: ['sh', peer('nginx/start.sh'), modules, `${CACHE}/nginx`],
    version: about.split('\n')[0] ?? '',
  };
}

/** What a program prints, undefined when it is not there or fails. */
function output(program: string, args: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout + stderr : undefined;
}
