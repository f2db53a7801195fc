import { expect, it } from '@jest/globals';
import { Subject, throwError, type Observable } from 'rxjs';
import { askDashboard, type Answers, type Around } from '../../test/support/dashboard.ts';
import type { SourceName } from '../clients/sources.ts';
import { CircuitOpenError, SourceStatusError } from '../errors/errors.ts';
import type { Fetched } from '../outbound/outbound.interceptor.ts';
import { DashboardFailedError, UserNotFoundError } from './dashboard.errors.ts';

/** The same sections one by one, as they land. */

const THREE: readonly SourceName[] = ['user', 'orders', 'recommendations'];

function landing(answers: Answers, required: readonly SourceName[] = [], around: Around = {}) {
  const { service, request, context, ...asked } = askDashboard(answers, required, {
    asked: THREE,
    ...around,
  });
  const errors: unknown[] = [];
  const landed: string[] = [];
  const subscription = service.landings(request, context).subscribe({
    next: ({ source, status }) => landed.push(`${source} ${status}`),
    error: (error: unknown) => errors.push(error),
    complete: () => landed.push('end'),
  });
  return { ...asked, subscription, landed, errors };
}

const three = () => ({
  user: new Subject<Fetched<unknown>>(),
  orders: new Subject<Fetched<unknown>>(),
  recommendations: new Subject<Fetched<unknown>>(),
});
const asAnswers = (subjects: ReturnType<typeof three>): Answers =>
  Object.fromEntries(Object.entries(subjects).map(([name, subject]) => [name, () => subject]));

it('each section comes at once, in its own time, and the last one ends it', () => {
  const subjects = three();
  const { landed, deadline, clock } = landing(asAnswers(subjects));
  subjects.recommendations.next({ value: 'r' });
  expect(landed).toEqual(['recommendations fresh']);
  subjects.user.next({ value: 'u' });
  clock.advance(1_440);
  expect(landed).toEqual(['recommendations fresh', 'user fresh', 'orders missing', 'end']);
  deadline.dispose();
  expect(clock.pending).toBe(0);
});

it.each<[what: string, required: readonly SourceName[], env: Readonly<Record<string, string>>]>([
  ['the caller', ['orders'], {}],
  ['the service', [], { ORDER_SERVICE_REQUIRED: 'true' }],
])('one that %s needs and that is missing fails it at the end', (_who, required, env) => {
  const answers = { orders: () => throwError(() => new SourceStatusError(500)) };
  const { landed, errors } = landing(answers, required, { env });
  expect(landed).toEqual(['user fresh', 'orders missing', 'recommendations fresh']);
  expect(errors).toEqual([expect.any(DashboardFailedError)]);
  expect(errors).toMatchObject([{ status: 502, message: 'orders: upstream_error' }]);
});

it('nothing comes when a needed one is missing before any is there, whatever still comes', () => {
  const subjects = three();
  const { landed, errors } = landing(asAnswers(subjects), ['orders']);
  subjects.orders.error(new CircuitOpenError(5));
  subjects.user.next({ value: 'u' });
  expect(errors).toEqual([]);
  subjects.recommendations.error(new SourceStatusError(500));
  expect(landed).toEqual([]);
  expect(errors).toMatchObject([{ status: 503 }]);
});

it('nothing comes where all are missing', () => {
  const failing = (): Observable<never> => throwError(() => new SourceStatusError(500));
  const { landed, errors } = landing({
    user: failing,
    orders: failing,
    recommendations: failing,
  });
  expect(landed).toEqual([]);
  expect(errors).toMatchObject([{ status: 502 }]);
});

it('no such user ends it at once, and the rest is cancelled', () => {
  const subjects = three();
  const { landed, errors } = landing(asAnswers(subjects));
  subjects.orders.next({ value: 'o' });
  subjects.user.error(new SourceStatusError(404));
  expect(landed).toEqual(['orders fresh']);
  expect(errors).toEqual([expect.any(UserNotFoundError)]);
  expect((errors[0] as UserNotFoundError).sections.map(({ source }) => source)).toEqual(THREE);
  expect(subjects.recommendations.observed).toBe(false);
});

it('unsubscribing cancels every leg', () => {
  const subjects = three();
  landing(asAnswers(subjects)).subscription.unsubscribe();
  for (const subject of Object.values(subjects)) expect(subject.observed).toBe(false);
});

it('sections are given up as for the joined answer', () => {
  expect(landing({}, ['orders'], { isTight: true }).shed).toEqual(['user', 'recommendations']);
});
