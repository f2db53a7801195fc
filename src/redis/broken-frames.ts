import handlers from 'ioredis/built/DataHandler.js';

/**
 * ioredis takes what a reply makes its own code throw for a bug of whoever listens, and throws it again where nobody
 * can catch it: an answer too many that is nil, or a push message without a channel, would end the process. Thrown on,
 * it is what any other breach of the protocol is: the end of that connection.
 */
export function endConnectionOnBrokenFrames(): void {
  // Private in its types.
  const handler = handlers.default.prototype as unknown as { dispatch(run: () => void): void };
  handler.dispatch = (run) => run();
}
