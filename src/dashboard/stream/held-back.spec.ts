import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { missing, present, type Section } from '../section.ts';
import { heldBack } from './held-back.ts';

/** When a stream begins. */

const here = (source: Section['source']): Section => present(source, { value: [] }, 1, 1);
const gone = (source: Section['source']): Section => missing(source, 'timeout', 1, 1);

function passing(needed?: Section['source']) {
  const sections = new Subject<Section>();
  const passed: string[] = [];
  const errors: unknown[] = [];
  const subscription = sections.pipe(heldBack(({ source }) => source === needed)).subscribe({
    next: ({ source, status }) => passed.push(`${source} ${status}`),
    error: (error: unknown) => errors.push(error),
    complete: () => passed.push('end'),
  });
  return { sections, passed, errors, subscription };
}

describe('sections', () => {
  it('that are there pass at once', () => {
    const { sections, passed } = passing();
    sections.next(here('user'));
    expect(passed).toEqual(['user fresh']);
    sections.next(gone('orders'));
    expect(passed).toEqual(['user fresh', 'orders missing']);
    sections.next(here('recommendations'));
    sections.complete();
    expect(passed.slice(2)).toEqual(['recommendations fresh', 'end']);
  });

  it('that are missing wait for the first one that is there, in their order', () => {
    const { sections, passed } = passing();
    sections.next(gone('recommendations'));
    sections.next(gone('orders'));
    expect(passed).toEqual([]);
    sections.next(here('user'));
    expect(passed).toEqual(['recommendations missing', 'orders missing', 'user fresh']);
  });

  it('do not pass any more once a needed one is missing before anything has passed', () => {
    const { sections, passed, errors } = passing('orders');
    sections.next(gone('orders'));
    sections.next(here('user'));
    sections.next(here('recommendations'));
    expect(passed).toEqual([]);
    sections.error('why');
    expect(errors).toEqual(['why']);
  });

  it('pass on, whatever is needed, once something has passed', () => {
    const { sections, passed } = passing('orders');
    sections.next(here('user'));
    sections.next(gone('orders'));
    sections.next(here('recommendations'));
    expect(passed).toEqual(['user fresh', 'orders missing', 'recommendations fresh']);
  });
});

it('unsubscribing passes through', () => {
  const { sections, subscription } = passing();
  subscription.unsubscribe();
  expect(sections.observed).toBe(false);
});
