import type { Environment } from './config.ts';

/** The only place that reads the process' environment. */
export const readEnvironment = (): Environment => process.env;
