import { svg } from './dom.ts';

/** States have a shape each, so that none depends on its colour. */
export type IconName = 'ok' | 'warn' | 'bad' | 'idle' | 'lost' | 'half';

const SHAPES: Readonly<Record<IconName, readonly string[]>> = {
  ok: ['M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13z', 'M5 8.2l2.1 2.1L11.2 6'],
  warn: ['M8 1.8L15 14H1z', 'M8 6.3v3.6M8 11.6v.6'],
  bad: [
    'M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z',
    'M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  ],
  idle: ['M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13z', 'M8 4.5V8l2.3 1.6'],
  lost: [
    'M2 2l12 12',
    'M1.5 6.2A9.5 9.5 0 0 1 5 4M8 3.3a9.5 9.5 0 0 1 6.5 2.9M4 9a6 6 0 0 1 2.5-1.5M10 7.7A6 6 0 0 1 12 9M8 12.3v.4',
  ],
  half: ['M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13z', 'M8 1.5v13'],
};

export function icon(name: IconName): SVGElement {
  const element = svg('svg', {
    viewBox: '0 0 16 16',
    class: `icon icon-${name}`,
    'aria-hidden': true,
  });
  element.append(...SHAPES[name].map((d) => svg('path', { d })));
  return element;
}

/** An icon that changes its shape only when its name does. */
export function changingIcon(): { readonly root: HTMLElement; show(name: IconName): void } {
  const root = document.createElement('span');
  root.className = 'icon-place';
  let shown: IconName | undefined;
  return {
    root,
    show(name) {
      if (name === shown) return;
      shown = name;
      root.replaceChildren(icon(name));
    },
  };
}
