import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Fifo } from './fifo.ts';

it('is an array that is pushed to and shifted from', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer())), (script) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      for (const item of script) {
        if (item === null) expect(fifo.shift()).toBe(model.shift());
        else {
          fifo.push(item);
          model.push(item);
        }
        expect(fifo.length).toBe(model.length);
      }
      while (model.length > 0) expect(fifo.shift()).toBe(model.shift());
      expect(fifo.shift()).toBeUndefined();
    }),
  );
});
