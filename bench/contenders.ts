import { fileURLToPath } from 'node:url';
import type { SourceUrls } from './bodies.ts';

/** Who is measured: a Node script that serves `/dashboard/<id>` on HOST and PORT from the sources it is told of. */
export interface Contender {
  readonly name: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The one all others are compared with. */
export const HAND_WRITTEN: Contender = {
  name: 'hand-written (fastify + undici)',
  script: fileURLToPath(new URL('./peers/fastify-undici.ts', import.meta.url)),
  env: {},
};

/** @param script the built service */
export const tributary = (script: string): Contender => ({
  name: 'tributary',
  script,
  env: { LOG_LEVEL: 'warn' },
});

/** @param script the built service */
export const tributaryWithAxios = (script: string): Contender => ({
  name: 'tributary (axios)',
  script,
  env: { LOG_LEVEL: 'warn', TRANSPORT: 'axios' },
});

export interface Ports {
  readonly port: number;
  /** Several contenders are up at once, and the service has a second listener. */
  readonly managementPort: number;
}

/** The whole environment of a contender. */
export function environmentOf(
  { env }: Contender,
  { port, managementPort }: Ports,
  urls: SourceUrls,
): Readonly<Record<string, string>> {
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    MANAGEMENT_PORT: String(managementPort),
    USER_SERVICE_URL: urls.user,
    ORDER_SERVICE_URL: urls.orders,
    RECOMMENDATION_SERVICE_URL: urls.recommendations,
    ...env,
  };
}
