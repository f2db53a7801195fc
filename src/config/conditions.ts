import type { ServiceOptions } from './env.schema.ts';

const NEEDED_WITH_JWT = ['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE'] as const;

/**
 * What must hold between variables, as one problem a line. Checked together with the variables themselves, so one that
 * was refused is undefined here: it is on the list already, and nothing more is said of it.
 */
export function brokenConditions(
  service: Partial<ServiceOptions>,
  isRefused: (name: string) => boolean,
): readonly string[] {
  if (service.AUTH_MODE !== 'jwt') return [];
  return NEEDED_WITH_JWT.filter((name) => service[name] === undefined && !isRefused(name)).map(
    (name) => `${name} is not set: needed with AUTH_MODE=jwt`,
  );
}
