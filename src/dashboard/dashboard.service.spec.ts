import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { concat, EMPTY, NEVER, Observable, of, Subject, tap, throwError } from 'rxjs';
import { askDashboard, value, type Answers, type Around } from '../../test/support/dashboard.ts';
import { SOURCES, type SourceName } from '../clients/sources.ts';
import { CircuitOpenError, SourceStatusError } from '../errors/errors.ts';
import type { Fetched } from '../outbound/outbound.interceptor.ts';
import { DashboardFailedError, UserNotFoundError } from './dashboard.errors.ts';
import type { Section } from './section.ts';

/** The join: one section a leg, whatever the clients do. */

const ALL_FRESH = Object.fromEntries(SOURCES.map(({ source }) => [source.name, 'fresh']));

function joined(answers: Answers, required: readonly SourceName[] = [], around: Around = {}) {
  const { service, request, context, ...asked } = askDashboard(answers, required, around);
  const errors: unknown[] = [];
  const emitted: Section[][] = [];
  const answer = service
    .sections(request, context)
    .pipe(tap((sections) => service.assertAnswerable(sections, request)));
  const subscription = answer.subscribe({
    next: (sections) => emitted.push([...sections]),
    error: (error: unknown) => errors.push(error),
  });
  const outcomes = (): Partial<Record<SourceName, string>> =>
    Object.fromEntries(
      (emitted[0] ?? []).map((section) => [
        section.source,
        section.status === 'missing' ? section.reason : section.status,
      ]),
    );
  return { ...asked, subscription, emitted, errors, outcomes };
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('every leg ends with one section', () => {
  it.each<[string, () => Observable<Fetched<unknown>>, string]>([
    ['a value', value, 'fresh'],
    ['a value, and then nothing', () => concat(value(), NEVER), 'fresh'],
    ['several values', () => concat(value(), value()), 'fresh'],
    ['a refusal', () => throwError(() => new CircuitOpenError(5)), 'circuit_open'],
    ['a failure', () => throwError(() => new SourceStatusError(500)), 'upstream_error'],
  ])('of a client that gives %s', (_what, orders, outcome) => {
    const { outcomes, clock, deadline } = joined({ orders });
    expect(outcomes()).toEqual({ ...ALL_FRESH, orders: outcome });
    deadline.dispose();
    expect(clock.pending).toBe(0);
  });

  it.each<[string, () => Observable<Fetched<unknown>>]>([
    ['ends without a value', () => EMPTY],
    ['fails with a bug', () => throwError(() => new TypeError('a bug'))],
    [
      'throws at once',
      () => {
        throw new TypeError('a bug');
      },
    ],
  ])('of a client that %s: internal_error, and the log says which', (_what, orders) => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    expect(joined({ orders }).outcomes()).toEqual({ ...ALL_FRESH, orders: 'internal_error' });
    expect(logged).toHaveBeenCalledTimes(1);
  });

  it('of a client that hangs: timeout, at the deadline less the reserve, and it is cancelled', () => {
    let isCancelled = false;
    const { clock, emitted, outcomes } = joined({
      orders: () => new Observable(() => () => (isCancelled = true)),
    });
    clock.advance(1_439);
    expect(emitted).toHaveLength(0);
    clock.advance(1);
    expect(outcomes()).toEqual({ ...ALL_FRESH, orders: 'timeout' });
    expect(emitted[0]?.find(({ source }) => source === 'orders')).toMatchObject({
      message: 'no answer within 1440 ms',
      elapsedMs: 1_440,
    });
    expect(isCancelled).toBe(true);
  });

  it('of clients that all hang: all are missing, and nothing is answered', () => {
    const { clock, errors } = joined(
      Object.fromEntries(SOURCES.map(({ source }) => [source.name, () => NEVER])),
    );
    clock.advance(1_440);
    expect(errors).toEqual([expect.any(DashboardFailedError)]);
    expect(errors[0]).toMatchObject({ status: 504 });
    expect(clock.pending).toBe(0);
  });
});

it('a remembered value is stale, with its age and what it stands in for', () => {
  const remembered = { reason: 'circuit_open', ageMs: 61_023 } as const;
  const { emitted } = joined({ user: () => of({ value: 'old', remembered }) });
  expect(emitted[0]?.[0]).toMatchObject({ status: 'stale', data: { value: 'old' }, ...remembered });
});

it('unsubscribing cancels every leg', () => {
  const cancelled: string[] = [];
  const hang = (name: string) => (): Observable<never> =>
    new Observable(() => () => void cancelled.push(name));
  const { subscription } = joined({
    user: hang('user'),
    orders: hang('orders'),
    recommendations: hang('recommendations'),
  });
  subscription.unsubscribe();
  expect(cancelled.toSorted()).toEqual(['orders', 'recommendations', 'user']);
});

it('no such user ends it at once: what landed is kept, the rest is skipped and cancelled', () => {
  const user = new Subject<Fetched<unknown>>();
  let isCancelled = false;
  const { errors } = joined({
    user: () => user,
    orders: value,
    recommendations: () => new Observable(() => () => (isCancelled = true)),
  });
  expect(errors).toEqual([]);
  user.error(new SourceStatusError(404));
  expect(errors).toEqual([expect.any(UserNotFoundError)]);
  const { sections } = errors[0] as UserNotFoundError;
  expect(sections).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ source: 'user', status: 'missing', reason: 'not_found' }),
      expect.objectContaining({ source: 'orders', status: 'fresh' }),
      expect.objectContaining({ source: 'recommendations', status: 'missing', reason: 'skipped' }),
    ]),
  );
  expect(isCancelled).toBe(true);
});

describe('with the process close to its limits', () => {
  it.each<[string, readonly SourceName[], Around, readonly SourceName[]]>([
    [
      'nothing required, all but the one that knows the users',
      [],
      {},
      ['orders', 'recommendations'],
    ],
    ['a caller that requires some, all others', ['orders'], {}, ['user', 'recommendations']],
    [
      'a service that requires some, all others',
      [],
      { env: { RECOMMENDATION_SERVICE_REQUIRED: 'true' } },
      ['user', 'orders'],
    ],
    [
      'both, all others',
      ['orders'],
      { env: { RECOMMENDATION_SERVICE_REQUIRED: 'true' } },
      ['user'],
    ],
    ['one asked, none', [], { asked: ['recommendations'] }, []],
    ['two asked, the second', [], { asked: ['orders', 'recommendations'] }, ['recommendations']],
  ])('with %s is given up', (_what, required, around, shed) => {
    expect(joined({}, required, { ...around, isTight: true }).shed).toEqual(shed);
  });

  it('nothing is given up otherwise', () => {
    expect(joined({}, ['orders']).shed).toEqual([]);
  });
});
