import { afterEach, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { ShedLog } from './shed.log.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

it('the first shed is logged at once, the others as a number, a line every 10 s at most', () => {
  const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
  const clock = new VirtualClock();
  const log = new ShedLog(clock);
  for (let n = 0; n < 1_000; n += 1) log.shed('in_flight');
  clock.advance(9_999);
  log.shed('in_flight');
  expect(warned.mock.calls).toEqual([['1 request(s) shed, the last for in_flight']]);
  clock.advance(1);
  log.shed('event_loop');
  expect(warned.mock.calls[1]).toEqual(['1001 request(s) shed, the last for event_loop']);
});
