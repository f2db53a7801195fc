import type { FastifyReply, FastifyRequest } from 'fastify';
import { Subscriber, type Observable } from 'rxjs';
import { whenGone } from '../../context/request/when-gone.ts';

/**
 * Who waits for what a request is answered with: sends the first value, and cancels everything when the caller hangs
 * up before it comes.
 *
 * Nest does the same with an Observable that a controller returns, for any that there may be, in nine subscribers and
 * 12 KB a request. This is one.
 */
export abstract class Answering<T> extends Subscriber<T> {
  protected readonly request: FastifyRequest;
  protected readonly reply: FastifyReply;
  private answered: (() => void) | undefined;
  private failed: ((error: unknown) => void) | undefined;

  constructor(request: FastifyRequest, reply: FastifyReply) {
    super();
    this.request = request;
    this.reply = reply;
  }

  /**
   * Subscribes, unless nobody is there any more. What it returns is for Nest, which hands errors to its filters; it
   * never settles where nobody is left to be answered.
   */
  answerWith(source: Observable<T>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.request.socket.destroyed) return this.unsubscribe();
      this.answered = resolve;
      this.failed = reject;
      whenGone(this.request, this.reply, () => this.unsubscribe());
      source.subscribe(this);
    });
  }

  protected abstract send(value: T): void;

  protected override _next(value: T): void {
    try {
      this.send(value);
    } catch (bug) {
      return this.error(bug);
    }
    this.answered?.();
    this.complete();
  }

  protected override _error(error: unknown): void {
    this.failed?.(error);
    this.unsubscribe();
  }

  protected override _complete(): void {
    this.unsubscribe();
  }
}
