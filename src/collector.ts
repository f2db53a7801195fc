import { setFlagsFromString } from 'node:v8';

/**
 * While little is allocated, V8 lowers the limit at which it collects the whole heap, down to little above what lives.
 * The first seconds of traffic after a quiet time then pay for a full collection, which takes 20 to 75 ms from whoever
 * is under way. Without that the limit stays where the last full collection has put it (decision 11).
 *
 * For the whole process, at its start. A flag that V8 does not know any more is a line on stderr and nothing else.
 */
export const keepHeapLimit = (): void =>
  setFlagsFromString('--no-scavenger-updates-allocation-limit');
