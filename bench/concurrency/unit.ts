import { parentPort } from 'node:worker_threads';
import { fanOut } from './fan-out.ts';

/**
 * One member of a pool, a thread or a process: takes a request (an address), does nothing else until it is done, says
 * so. That it sleeps in `epoll_wait` instead of `read` makes no difference to the machine.
 */

function say(message: number | string): void {
  if (parentPort === null) process.send?.(message);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  else parentPort.postMessage(message);
}

const take = (url: string): void => void fanOut(url).then(say, () => say('failed'));

if (parentPort === null) {
  process.on('message', take);
  process.on('disconnect', () => process.exit(0));
} else parentPort.on('message', take);
say('ready');
