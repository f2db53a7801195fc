import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Deadline } from '../../context/deadline.ts';
import { Trail } from '../call/call-context.ts';
import { Flights, Question } from './flights.ts';
import { Flight, type Passenger } from './flight.ts';

interface Traveller extends Passenger<string> {
  readonly heard: string[];
}

const QUESTION = new Question('/things/1', '');

class LoggedFlights extends Flights<string> {
  private readonly log: string[];

  constructor(log: string[]) {
    super();
    this.log = log;
  }

  override remove(flight: Flight<string>): void {
    super.remove(flight);
    this.log.push('over');
  }
}

function airport() {
  const clock = new VirtualClock();
  const log: string[] = [];
  const traveller = (totalMs = 1_000, onHearing: () => void = () => undefined): Traveller => {
    const heard: string[] = [];
    const hear = (word: string): void => {
      heard.push(word);
      onHearing();
    };
    const deadline = new Deadline(clock, clock.now(), totalMs, 0);
    return { deadline, heard, landed: hear, failed: (error) => hear(`failed: ${String(error)}`) };
  };
  const takeOff = (first: Traveller): Flight<string> => {
    const flight = new Flight<string>(QUESTION, first, new Trail(), new LoggedFlights(log));
    flight.call = { unsubscribe: () => void log.push('aborted') };
    return flight;
  };
  return { clock, log, traveller, takeOff };
}

describe('a flight', () => {
  it.each(['next', 'error'] as const)('that ends with %s tells everybody on board, once', (how) => {
    const { log, traveller, takeOff } = airport();
    const [a, b, c] = [traveller(), traveller(), traveller()];
    const flight = takeOff(a);
    flight.board(b);
    flight.board(c);
    flight[how]('it');
    flight.next('again');
    flight.error('again');
    const word = how === 'next' ? 'it' : 'failed: it';
    expect([a.heard, b.heard, c.heard]).toEqual([[word], [word], [word]]);
    expect(log).toEqual(['over']);
  });

  it('is over before anybody hears of it', () => {
    const { log, traveller, takeOff } = airport();
    const flight = takeOff(traveller(1_000, () => log.push('told')));
    flight.board(traveller(1_000, () => log.push('told')));
    flight.next('it');
    expect(log).toEqual(['over', 'told', 'told']);
  });

  it('tells nothing to who has left, and goes on for the rest', () => {
    const { log, traveller, takeOff } = airport();
    const [leader, other] = [traveller(), traveller()];
    const flight = takeOff(leader);
    flight.board(other);
    flight.leave(leader);
    expect(log).toEqual([]);
    flight.next('it');
    expect([leader.heard, other.heard]).toEqual([[], ['it']]);
  });

  it('is aborted when the last one has left, whoever that is', () => {
    const { log, traveller, takeOff } = airport();
    const [leader, other] = [traveller(), traveller()];
    const flight = takeOff(leader);
    flight.board(other);
    flight.leave(other);
    flight.leave(other);
    expect(log).toEqual([]);
    flight.leave(leader);
    flight.leave(leader);
    expect(log).toEqual(['over', 'aborted']);
  });

  it('is not aborted by those who leave because it is over', () => {
    const { log, traveller, takeOff } = airport();
    const [a, b] = [traveller(), traveller()];
    const flight = takeOff(a);
    flight.board(b);
    flight.error('it');
    flight.leave(a);
    flight.leave(b);
    expect(log).toEqual(['over']);
  });

  it('may end because somebody leaves while everybody is told', () => {
    const { log, traveller, takeOff } = airport();
    const b = traveller();
    const a = traveller(1_000, () => flight.leave(b));
    const flight = takeOff(a);
    flight.board(b);
    flight.next('it');
    expect(log).toEqual(['over']);
    expect(a.heard).toEqual(['it']);
  });

  it('runs with the longest deadline of those on board', () => {
    const { traveller, takeOff } = airport();
    const [short, long] = [traveller(100), traveller(300)];
    const flight = takeOff(short);
    expect(flight.deadline.leftMs()).toBe(100);
    flight.board(long);
    expect(flight.deadline.leftMs()).toBe(300);
    flight.leave(long);
    expect(flight.deadline.leftMs()).toBe(100);
  });
});

describe('a flight is boarded', () => {
  it('until its first passenger would have given up, when everybody has as long', () => {
    const { clock, traveller, takeOff } = airport();
    const flight = takeOff(traveller(1_000));
    clock.advance(999);
    expect(flight.takes(traveller(1_000))).toBe(true);
    flight.board(traveller(1_000));
    clock.advance(1);
    expect(flight.takes(traveller(1_000))).toBe(false);
  });

  it('for as long as the one who had longest when boarding would have waited from the start', () => {
    const { clock, traveller, takeOff } = airport();
    const flight = takeOff(traveller(100));
    clock.advance(50);
    flight.board(traveller(1_000));
    clock.advance(900);
    flight.board(traveller(80));
    expect(flight.takes(traveller(10))).toBe(true);
    clock.advance(50);
    expect(flight.takes(traveller(10))).toBe(false);
  });
});
