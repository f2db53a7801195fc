/** Colours come from the style sheet; a canvas needs them spelled out. */
export type ColourName =
  | 'ink-3'
  | 'grid'
  | 'good'
  | 'good-soft'
  | 'stale'
  | 'bad'
  | 'accent'
  | 'accent-2'
  | 'accent-3'
  | 'limit';

export type Palette = (name: ColourName) => string;

/** As of now: to be read again when the theme changes. */
export function readPalette(): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const read = new Map<ColourName, string>();
  return (name) => {
    const known = read.get(name);
    if (known !== undefined) return known;
    document.body.append(probe);
    probe.style.color = `var(--${name})`;
    const colour = getComputedStyle(probe).color;
    probe.remove();
    read.set(name, colour);
    return colour;
  };
}
