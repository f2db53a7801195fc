import { fileURLToPath } from 'node:url';

/** Where contenders that must be built are built, below the packages they import. Never committed. */
export const CACHE = fileURLToPath(new URL('../../.cache/bench', import.meta.url));
