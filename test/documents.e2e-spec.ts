import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { SERVICE_VARIABLES, SOURCE_VARIABLES } from '../src/config/env.schema.ts';
import { REASONS } from '../src/errors/reason.ts';
import { metricTables } from './support/metrics-docs.ts';
import { configurationTables, envExample } from './support/configuration-docs.ts';

/** The documents are true. `npm run docs` writes the parts that are made from the code. */

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);
const read = (path: string): string => readFileSync(at(path), 'utf8');
const madeBelow = (from: string): string =>
  `<!-- made from ${from} by \`npm run docs\`: do not edit below -->\n\n`;

interface Package {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly scripts: Record<string, string>;
}
const pkg = JSON.parse(read('package.json')) as Package;

/** Compares, or writes when asked to. */
function expectDocument(path: string, content: string): void {
  if (process.env.UPDATE_DOCS === '1') writeFileSync(at(path), content);
  expect(read(path)).toBe(content);
}

it('.env.example names every variable with its default', () => {
  expectDocument('.env.example', envExample());
});

it.each([
  ['docs/configuration.md', 'src/config/env.schema.ts', configurationTables()],
  ['docs/metrics.md', 'src/telemetry/metrics/metric-table.ts', metricTables()],
])('%s has the tables of %s', (path, from, tables) => {
  const [head] = read(path).split(madeBelow(from));
  expectDocument(path, `${head}${madeBelow(from)}${tables}`);
});

describe('the README', () => {
  const readme = read('README.md');

  it('gives every dependency a reason, and names none that is not there', () => {
    const named = [...readme.matchAll(/^\| `([^`]+)` +\| (?:runtime|development) +\|/gm)].map(
      ([, name]) => name ?? '',
    );
    const expected = [...Object.keys(pkg.dependencies), ...Object.keys(pkg.devDependencies)];
    expect(named.toSorted()).toEqual(expected.toSorted());
  });

  it('names every reason', () => {
    for (const reason of REASONS) expect(readme).toContain(`\`${reason}\``);
  });

  it('names only scripts that exist', () => {
    const named = [...readme.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(3);
    for (const name of named) expect(Object.keys(pkg.scripts)).toContain(name);
  });
});

describe('the runbook', () => {
  const runbook = read('docs/operations.md');

  it('names every reason', () => {
    for (const reason of REASONS) expect(runbook).toContain(`\`${reason}\``);
  });

  it('names only variables that exist', () => {
    const named = (pattern: RegExp): string[] =>
      [...runbook.matchAll(pattern)].map(([, name]) => name ?? '');
    const ofService = named(/`([A-Z]+_[A-Z_]*[A-Z])`/g);
    const ofSources = named(/`…_([A-Z_]+)`/g);
    expect(ofService.length).toBeGreaterThan(3);
    expect(ofSources.length).toBeGreaterThan(10);
    for (const name of ofService) expect(Object.keys(SERVICE_VARIABLES)).toContain(name);
    for (const name of ofSources) expect(Object.keys(SOURCE_VARIABLES)).toContain(name);
  });
});

it('every link between the documents leads somewhere', () => {
  for (const path of [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'docs/adding-a-source.md',
    'docs/configuration.md',
    'docs/discovery.md',
    'docs/metrics.md',
    'docs/security.md',
    'docs/operations.md',
    'docs/streaming.md',
  ]) {
    const links = [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      ([, target]) => target ?? '',
    );
    for (const target of links)
      expect(() => readFileSync(new URL(target, at(path)))).not.toThrow('ENOENT');
  }
});

it('the lock file names no host', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved"/);
});
