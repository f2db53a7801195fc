import { SOURCES } from '../../../src/clients/sources.ts';
import { ALL_SOURCES_PREFIX } from '../../../src/config/config.ts';
import { SERVICE_VARIABLES, SOURCE_VARIABLES } from '../../../src/config/env.schema.ts';

/** Every variable that the service reads. */
export function knownVariables(): ReadonlySet<string> {
  const prefixes = [ALL_SOURCES_PREFIX, ...SOURCES.map(({ source }) => source.envPrefix)];
  const ofSources = Object.keys(SOURCE_VARIABLES).flatMap((knob) =>
    prefixes.map((prefix) => `${prefix}_${knob}`),
  );
  return new Set([...Object.keys(SERVICE_VARIABLES), ...ofSources]);
}
