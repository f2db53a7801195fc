import { describe, expect, it } from '@jest/globals';
import { worthAsking } from './triage.ts';

const asked = (...names: string[]) =>
  names.map((name) => ({
    name: name.replace(/[!?]/, ''),
    isRequired: name.endsWith('!'),
    decidesExistence: name.endsWith('?'),
  }));

describe('under pressure', () => {
  it.each([
    ['only what is required', ['a?', 'b!', 'c', 'd!'], ['b', 'd']],
    ['with nothing required, what decides that there is an answer', ['a', 'b?', 'c'], ['b']],
    ['without that, the first', ['a', 'b'], ['a']],
    ['all of what is required', ['a!'], ['a']],
    ['nothing where nothing was asked', [], []],
  ])('it asks %s', (_what, names, worth) => {
    expect([...worthAsking(asked(...names))]).toEqual(worth);
  });
});
