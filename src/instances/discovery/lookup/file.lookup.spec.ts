import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FileLookup } from './file.lookup.ts';

describe('the file lookup', () => {
  let folder: string;
  let path: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'file-lookup-'));
    path = join(folder, 'orders.json');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const lookup = () => new FileLookup({ scheme: 'file', path });
  const write = (content: unknown): void =>
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const problem = (): Promise<string> =>
    lookup()
      .find()
      .then(
        () => 'none',
        (error: Error) => error.message,
      );

  it('has an instance for each address, with its weight where one is said', async () => {
    write(['http://A:80/', 'https://b:2', { url: 'http://c:3', weight: 2.5 }, { url: 'http://d' }]);
    expect(await lookup().find()).toEqual([
      { origin: 'http://a', weight: 1 },
      { origin: 'https://b:2', weight: 1 },
      { origin: 'http://c:3', weight: 2.5 },
      { origin: 'http://d', weight: 1 },
    ]);
  });

  it('sees a file that was written anew, or replaced by another one', async () => {
    const reader = lookup();
    write(['http://a:1']);
    await reader.find();
    write(['http://b:1']);
    expect(await reader.find()).toMatchObject([{ origin: 'http://b:1' }]);
    writeFileSync(`${path}.new`, '["http://c:1"]');
    renameSync(`${path}.new`, path);
    expect(await reader.find()).toMatchObject([{ origin: 'http://c:1' }]);
  });

  it('is read again within 5 s, the jitter included', () => {
    expect(lookup().refreshMs * 1.2).toBeLessThan(5_000);
  });

  it.each([
    ['half of one', '["http://a:1", "htt', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['an object', { a: 'http://a:1' }, 'not as expected at []'],
    ['a number among them', ['http://a:1', 2], 'not as expected at [1]'],
    ['a weight of 0', [{ url: 'http://a:1', weight: 0 }], 'not as expected at [0'],
    ['a negative weight', [{ url: 'http://a:1', weight: -1 }], 'not as expected at [0'],
    ['a misspelt weight', [{ url: 'http://a:1', wieght: 1 }], 'not as expected at [0'],
    ['another scheme', ['http://a:1', 'dns://b:1'], 'at [1]'],
    ['a path', ['http://a:1/users'], 'at [0]'],
    ['a word', ['orders'], 'at [0]'],
  ])('that has %s fails', async (_what, content, expected) => {
    write(content);
    expect(await problem()).toContain(expected);
  });

  it('quotes nothing of what is wrong', async () => {
    for (const content of [['http://u:s3cret@a:1'], '["s3cret', { s3cret: 's3cret' }, ['s3cret']]) {
      write(content);
      expect(await problem()).toMatch(/^not (?!.*s3cret)/);
    }
  });

  it('that is an empty list is one', async () => {
    write([]);
    expect(await lookup().find()).toEqual([]);
  });

  it('that is not there fails, and so does a folder, and one that is far too large', async () => {
    rmSync(path, { force: true });
    expect(await problem()).toContain('ENOENT');
    await expect(new FileLookup({ scheme: 'file', path: folder }).find()).rejects.toThrow(
      'not a file',
    );
    write(' '.repeat(1_048_577));
    expect(await problem()).toContain('not a file of at most');
  });
});
