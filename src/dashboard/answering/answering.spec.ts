import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Observable, of, Subject, throwError } from 'rxjs';
import { Answering } from './answering.ts';

/** As much of a request and its reply as is looked at. */
function exchange(isGone = false) {
  const socket = { destroyed: isGone };
  const raw = Object.assign(new EventEmitter(), { socket });
  const request = { socket, raw: { socket }, leaving: null } as unknown as FastifyRequest;
  return { request, reply: { raw } as unknown as FastifyReply, leave: () => raw.emit('close') };
}

class Noting extends Answering<string> {
  readonly sent: string[] = [];

  protected send(value: string): void {
    if (value === 'unsendable') throw new Error('unsendable');
    this.sent.push(value);
  }
}

function answering(source: Observable<string>, isGone = false) {
  const { request, reply, leave } = exchange(isGone);
  const noting = new Noting(request, reply);
  const outcome: string[] = [];
  noting.answerWith(source).then(
    () => outcome.push('answered'),
    (error: Error) => outcome.push(error.message),
  );
  return { sent: noting.sent, outcome, leave, settled: () => new Promise(setImmediate) };
}

describe('what is waited for', () => {
  it('is sent when it comes, once, and then nobody waits any more', async () => {
    const source = new Subject<string>();
    const { sent, outcome, settled } = answering(source);
    await settled();
    expect(outcome).toEqual([]);
    source.next('an answer');
    expect(source.observed).toBe(false);
    source.next('another one');
    await settled();
    expect(sent).toEqual(['an answer']);
    expect(outcome).toEqual(['answered']);
  });

  it('may be there at once', async () => {
    const { sent, outcome, settled } = answering(of('an answer'));
    await settled();
    expect(sent).toEqual(['an answer']);
    expect(outcome).toEqual(['answered']);
  });

  it('and fails, cannot begin or cannot be sent, is an error for the filters', async () => {
    const failing: Observable<string>[] = [
      throwError(() => new Error('no')),
      new Observable(() => {
        throw new Error('a bug');
      }),
      of('unsendable'),
    ];
    const heard = failing.map((source) => answering(source));
    await heard[0]?.settled();
    expect(heard.map(({ outcome }) => outcome)).toEqual([['no'], ['a bug'], ['unsendable']]);
  });
});

describe('a caller who leaves', () => {
  it('before it comes cancels it, and nothing is answered', async () => {
    const source = new Subject<string>();
    const { sent, outcome, leave, settled } = answering(source);
    leave();
    expect(source.observed).toBe(false);
    await settled();
    expect([...sent, ...outcome]).toEqual([]);
  });

  it('before anything begins: nothing does', () => {
    let isBegun = false;
    answering(new Observable(() => void (isBegun = true)), true);
    expect(isBegun).toBe(false);
  });
});
