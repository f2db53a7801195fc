import { describe, expect, it } from '@jest/globals';
import { Ejection } from './ejection.ts';

/** `+` answers, `-` fails, a digit lets so many seconds pass. */
function after(course: string, ejection = new Ejection(), start = 0) {
  let now = start;
  for (const step of course) {
    if (step === '+') ejection.answered(now);
    else if (step === '-') ejection.failed(now);
    else now += Number(step) * 1_000;
  }
  return { ejection, now, isDue: ejection.isDue(now) };
}

describe('Ejection', () => {
  it.each([
    ['at once', '', false],
    ['after four failures in a row', '----', false],
    ['after five failures in a row', '-----', true],
    ['after five failures in a row, however far apart', '-9-9-9-9-', true],
    ['after four, an answer, and four', '----+----', false],
    ['when half of ten went well', '-+-+-+-+-+', false],
    ['when fewer than half of ten went well', '--+-+-+-+-', true],
    ['when fewer than half of nine went well', '--+-+-+--', false],
    ['when what went badly is more than 5 s ago', '---+---+---+6+', false],
    ['when what went badly is within 4 s', '---+---+1---+3+', true],
    ['when ten are spread over more than 5 s', '---+--6+--+-', false],
  ])('is due or not %s', (_when, course, isDue) => {
    expect(after(course).isDue).toBe(isDue);
  });

  it('is for 5 s at first, then 5 s longer each time, up to a minute', () => {
    const ejection = new Ejection();
    const times: number[] = [];
    let now = 0;
    for (let time = 1; time <= 14; time += 1) {
      times.push(ejection.begin(now) / 1_000);
      expect(ejection.until).toBe(now + (times.at(-1) ?? 0) * 1_000);
      now = ejection.until ?? 0;
      ejection.end(now);
    }
    expect(times).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 60, 60]);
  });

  it('is shorter again by one step for each minute that it was well', () => {
    const ejection = new Ejection();
    let now = 0;
    const eject = (): number => {
      const forMs = ejection.begin(now);
      now += forMs;
      ejection.end(now);
      return forMs / 1_000;
    };
    expect([eject(), eject(), eject()]).toEqual([5, 10, 15]);
    now += 59_999;
    expect(eject()).toBe(20);
    now += 120_000;
    expect(eject()).toBe(15);
    now += 3_600_000;
    expect(eject()).toBe(5);
  });

  it('is not due again while it lasts, and starts from nothing when it is over', () => {
    const { ejection, now } = after('-----');
    ejection.begin(now);
    expect(after('-----', ejection, now).isDue).toBe(false);
    ejection.end(now + 5_000);
    expect(ejection.until).toBeUndefined();
    expect(after('----', ejection, now + 5_000).isDue).toBe(false);
    expect(after('-', ejection, now + 5_000).isDue).toBe(true);
  });

  it('is not due for what came in while it lasted', () => {
    const { ejection } = after('-----');
    ejection.begin(0);
    after('----------', ejection, 4_900);
    ejection.end(5_000);
    expect(after('+', ejection, 5_000).isDue).toBe(false);
  });
});
