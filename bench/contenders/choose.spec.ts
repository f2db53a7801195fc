import { describe, expect, it } from '@jest/globals';
import { chooseContenders, type Choice } from './choose.ts';
import { HAND_WRITTEN } from './node.ts';
import { prepared } from './prepare.ts';

const usual: Choice = { only: undefined, all: false, withAxios: false, service: 'dist/main.js' };

const keys = (choice: Partial<Choice>): readonly string[] =>
  chooseContenders({ ...usual, ...choice }).map(({ key }) => key);

describe('who takes part', () => {
  it('is whoever needs nothing but Node, unless told otherwise', () => {
    expect(keys({})).toEqual([
      ...['hand-written', 'tributary', 'node-http', 'usual-nest', 'express-axios'],
    ]);
    expect(keys({ withAxios: true })).toContain('tributary-axios');
  });

  it('is everybody when asked', () => {
    expect(keys({ all: true })).toEqual(
      expect.arrayContaining(['tributary', 'go', 'aiohttp', 'fastapi', 'nginx']),
    );
  });

  it('is who is named, and the bar in any case', () => {
    expect(keys({ only: ['go', 'tributary'] })).toEqual(['hand-written', 'tributary', 'go']);
  });

  it('is nobody unheard of', () => {
    expect(() => keys({ only: ['rust'] })).toThrow('there is no rust; there are hand-written, ');
  });

  it('is nobody whose tools are missing, and one line says which', () => {
    const lines: string[] = [];
    const go = { ...HAND_WRITTEN, key: 'go', prepare: () => ({ missing: '`go` on PATH' }) };
    const ready = prepared([go, HAND_WRITTEN], (line) => lines.push(line));
    expect(ready.map(({ contender }) => contender.key)).toEqual(['hand-written']);
    expect(lines).toEqual(['skipped go: it needs `go` on PATH']);
  });
});
