import type { InstanceRow } from '../../console.contract.ts';
import { duration, ms, percent } from '../../view/format.ts';
import { el, resize, setText } from '../dom/dom.ts';
import { changingIcon } from '../dom/icons.ts';

interface Row {
  readonly root: HTMLTableRowElement;
  show(row: InstanceRow): void;
}

/** Who gets the attempts, how quick they are, and who gets none. */
export class InstanceTable {
  readonly root: HTMLElement;
  private readonly body = el('tbody');
  private readonly none = el('p', { class: 'quiet' }, 'No instance is known.');
  private readonly rows: Row[] = [];

  constructor(source: string) {
    const head = (text: string, kind = ''): HTMLElement =>
      el('th', { scope: 'col', class: kind }, text);
    this.root = el(
      'div',
      { class: 'instances' },
      el(
        'table',
        {},
        el('caption', { class: 'unseen' }, `Instances of ${source}`),
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            head('instance'),
            head('share', 'share'),
            head('latency', 'number'),
            head('in flight', 'number'),
            head('state'),
          ),
        ),
        this.body,
      ),
      this.none,
    );
  }

  show(instances: readonly InstanceRow[]): void {
    this.none.hidden = instances.length > 0;
    resize(
      this.rows,
      instances.length,
      () => this.row(),
      ({ root }) => root.remove(),
    );
    for (const [at, instance] of instances.entries()) this.rows[at]?.show(instance);
  }

  private row(): Row {
    const row = instanceRow();
    this.body.append(row.root);
    return row;
  }
}

function instanceRow(): Row {
  const address = el('th', { scope: 'row', class: 'address' });
  const bar = el('span', { class: 'share-bar' });
  const share = el('span', { class: 'share-value' });
  const latency = el('td', { class: 'number' });
  const inFlight = el('td', { class: 'number' });
  const icon = changingIcon();
  const state = el('span');
  const track = el('span', { class: 'share-track', 'aria-hidden': true }, bar);
  const root = el(
    'tr',
    {},
    address,
    el('td', { class: 'share' }, track, share),
    latency,
    inFlight,
    el('td', { class: 'state' }, icon.root, state),
  );
  return {
    root,
    show(instance) {
      setText(address, instance.address);
      address.title = instance.address;
      bar.style.transform = `scaleX(${instance.share})`;
      setText(share, percent(instance.share));
      setText(latency, ms(instance.latencyMs));
      setText(inFlight, String(instance.inFlight));
      const { ejectedForMs } = instance;
      icon.show(ejectedForMs === null ? 'ok' : 'bad');
      setText(state, ejectedForMs === null ? 'in use' : `ejected, ${duration(ejectedForMs)} left`);
      root.dataset['state'] = ejectedForMs === null ? 'available' : 'ejected';
    },
  };
}
