/** Reads regular YAML by its lines: enough for our own files and for what programs print, without a parser. */

/** The lines nested under a key, at the shallowest place where it stands; '' without it. */
export function under(yaml: string, key: string): string {
  const lines = yaml.split('\n');
  // The shallowest: a service's name is also a key where others depend on it.
  const indent = Math.min(...lines.filter((line) => line.trim() === `${key}:`).map(indentOf));
  const at = lines.findIndex((line) => line.trim() === `${key}:` && indentOf(line) === indent);
  if (at === -1) return '';
  const rest = lines.slice(at + 1);
  // docker-compose 1 writes the items of a list at the depth of their key.
  const isNested = (line: string): boolean =>
    indentOf(line) > indent || (indentOf(line) === indent && line.trim().startsWith('- '));
  const end = rest.findIndex((line) => !isNested(line));
  return rest.slice(0, end === -1 ? undefined : end).join('\n');
}

/** The first `key: value` in it, without quotes. */
export function valueOf(yaml: string, key: string): string | undefined {
  const [, value] = new RegExp(`^\\s*${key}: (.*)$`, 'm').exec(yaml) ?? [];
  return value === undefined ? undefined : unquoted(value);
}

/** Every `NAME: value` in it. */
export function valuesOf(yaml: string): Readonly<Record<string, string>> {
  const lines = yaml.matchAll(/^\s*(\w+): (.*)$/gm);
  return Object.fromEntries([...lines].map(([, key, value]) => [key, unquoted(value)]));
}

/** `300ms` or `5s`, in ms; NaN for anything else. */
export function toMs(duration = ''): number {
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(duration) ?? [];
  return unit === 's' ? Number(amount) * 1000 : Number(amount);
}

const unquoted = (text = ''): string => text.replace(/^(['"])(.*)\1$/, '$2');
const indentOf = (line = ''): number => line.length - line.trimStart().length;
