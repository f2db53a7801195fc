import { el } from '../../../src/management/console/page/dom/dom.ts';

/** What a section's data looks like. It comes from sources that may say anything: it is only ever text. */

interface User {
  readonly name: string;
  readonly email: string;
  readonly plan?: string;
  readonly createdAt?: string;
}

interface Order {
  readonly id: string;
  readonly status: string;
  readonly totalCents: number;
  readonly currency: string;
  readonly placedAt: string;
  readonly items?: readonly unknown[];
}

interface Recommendation {
  readonly title: string;
  readonly score: number;
  readonly reason?: string;
}

export const DRAW: Readonly<Record<string, (data: unknown) => readonly HTMLElement[]>> = {
  user: (data) => drawUser(data as User),
  orders: (data) => drawOrders(data as readonly Order[]),
  recommendations: (data) => drawRecommendations(data as readonly Recommendation[]),
};

/** Of a source that nobody has drawn yet. */
export const drawAnything = (data: unknown): readonly HTMLElement[] => [
  el('pre', { class: 'anything' }, JSON.stringify(data, null, 2)),
];

function drawUser({ name, email, plan, createdAt }: User): readonly HTMLElement[] {
  const initials = name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('');
  const since = createdAt === undefined ? '' : ` · since ${createdAt.slice(0, 10)}`;
  return [
    el(
      'div',
      { class: 'person' },
      el('span', { class: 'avatar', 'aria-hidden': true }, initials),
      el(
        'div',
        {},
        el('p', { class: 'person-name' }, name),
        el('p', { class: 'quiet' }, email),
        el('p', { class: 'quiet' }, `${plan ?? 'no'} plan${since}`),
      ),
    ),
  ];
}

function drawOrders(orders: readonly Order[]): readonly HTMLElement[] {
  if (orders.length === 0) return [el('p', { class: 'quiet' }, 'No orders yet.')];
  return [
    el(
      'ul',
      { class: 'orders' },
      ...orders.map(({ id, status, totalCents, currency, placedAt, items }) =>
        el(
          'li',
          {},
          el('span', { class: 'order-id' }, id),
          el(
            'span',
            { class: 'quiet' },
            `${placedAt.slice(0, 10)} · ${items?.length ?? 0} items · ${status}`,
          ),
          el('span', { class: 'number' }, `${(totalCents / 100).toFixed(2)} ${currency}`),
        ),
      ),
    ),
  ];
}

function drawRecommendations(list: readonly Recommendation[]): readonly HTMLElement[] {
  return [
    el(
      'ul',
      { class: 'tips' },
      ...list.slice(0, 6).map(({ title, score, reason }) => {
        const bar = el('span', { class: 'tip-bar', 'aria-hidden': true });
        bar.style.setProperty('--score', String(score));
        return el(
          'li',
          {},
          el('span', {}, title),
          el('span', { class: 'quiet' }, reason ?? ''),
          bar,
        );
      }),
    ),
  ];
}
