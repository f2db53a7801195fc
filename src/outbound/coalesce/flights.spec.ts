import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Trail } from '../call/call-context.ts';
import { Deadline } from '../../context/deadline.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Flight } from './flight.ts';
import { Flights, Question } from './flights.ts';

function takeOff(flights: Flights<string>, question: Question): Flight<string> {
  const clock = new VirtualClock();
  const deadline = new Deadline(clock, 0, 1_000, 0);
  const nobody = { deadline, landed: () => undefined, failed: () => undefined };
  return new Flight(question, nobody, new Trail(), flights);
}

describe('the flights under way', () => {
  it('are found by path and audience, both of them', () => {
    const flights = new Flights<string>();
    const flight = takeOff(flights, new Question('/a', 'b'));
    expect(flights.find(new Question('/a', 'b'))).toBe(flight);
    expect(flights.find(new Question('/a', ''))).toBeUndefined();
    expect(flights.find(new Question('/ab', ''))).toBeUndefined();
    expect(flights.find(new Question('b', '/a'))).toBeUndefined();
  });

  it('are told apart however long their questions are alike', () => {
    const flights = new Flights<string>();
    const same = 'x'.repeat(100);
    const first = takeOff(flights, new Question(`/1/${same}`, ''));
    const second = takeOff(flights, new Question(`/2/${same}`, ''));
    expect(flights.find(new Question(`/1/${same}`, ''))).toBe(first);
    expect(flights.find(new Question(`/2/${same}`, ''))).toBe(second);
  });

  it('of two with the same question, the later one is found, and the earlier one is not lost', () => {
    const flights = new Flights<string>();
    const question = new Question('/a', '');
    const earlier = takeOff(flights, question);
    const later = takeOff(flights, question);
    expect(flights.find(question)).toBe(later);
    later.next('it');
    expect(flights.find(question)).toBe(earlier);
    earlier.next('it');
    earlier.next('again');
    expect(flights.find(question)).toBeUndefined();
  });

  it('are what was added and not removed, in whatever order', () => {
    const paths = Array.from({ length: 3_000 }, (_, index) => `/users/${index}`);
    fc.assert(
      fc.property(fc.shuffledSubarray(paths, { minLength: 2_000 }), fc.nat(1_999), (order, cut) => {
        const flights = new Flights<string>();
        const all = order.map((path) => takeOff(flights, new Question(path, '')));
        for (const flight of all.toReversed().slice(0, cut)) flights.remove(flight);
        const left = new Set(all.slice(0, all.length - cut));
        for (const flight of all)
          expect(flights.find(flight.question)).toBe(left.has(flight) ? flight : undefined);
      }),
      { numRuns: 3, seed: 7 },
    );
  });
});
