import { axisOf, type Axis } from './axis.ts';

/** Line charts as SVG by hand: a few panels above each other that share the time axis; readable on light and dark. */

export interface Line {
  readonly name: string;
  /** One value a second, the first at second 0; a hole where there is none. */
  readonly values: readonly (number | undefined)[];
}

export interface Panel {
  /** What is drawn, with its unit. */
  readonly title: string;
  readonly lines: readonly Line[];
  /** Upper end of the axis; left out, it follows from the values. */
  readonly most?: number;
}

export interface Chart {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** Seconds in which something was wrong: shaded. */
  readonly shaded?: readonly [from: number, to: number];
}

const WIDTH = 720;
const LEFT = 56;
const RIGHT = 16;
const TOP = 66;
const PANEL = 120;
const GAP = 38;

/** Grey that stands out from white and from black, and colours that the colour-blind can tell apart, dashed as well. */
const GREY = '#858585';
const STROKES = [
  'stroke="#2f81f7"',
  'stroke="#d9822b" stroke-dasharray="6 3"',
  'stroke="#a371b8" stroke-dasharray="2 3"',
  'stroke="#3d9a68" stroke-dasharray="8 3 2 3"',
];
const strokeOf = (index: number): string => STROKES[index % STROKES.length] ?? '';

/** A whole SVG document. */
export function toSvg({ title, panels, shaded }: Chart): string {
  const seconds = Math.max(1, ...panels.flatMap(({ lines }) => lines.map((l) => l.values.length)));
  const height = TOP + panels.length * (PANEL + GAP);
  const x = (second: number): number => LEFT + (second / seconds) * (WIDTH - LEFT - RIGHT);
  const body = panels.map((panel, index) => {
    const top = TOP + index * (PANEL + GAP);
    return `<g transform="translate(0 ${top})">\n${panelOf(panel, x, seconds, shaded)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}" font-family="system-ui, sans-serif" font-size="11" fill="${GREY}">`,
    `<text x="${LEFT}" y="18" font-size="14">${escape(title)}</text>`,
    legendOf(panels[0]?.lines ?? []),
    ...body,
    '</svg>\n',
  ].join('\n');
}

function legendOf(lines: readonly Line[]): string {
  const width = (WIDTH - LEFT - RIGHT) / Math.max(1, lines.length);
  return lines
    .map(({ name }, index) => {
      const left = LEFT + index * width;
      return `<path d="M${fixed(left)} 34h22" fill="none" stroke-width="2" ${strokeOf(index)}/><text x="${fixed(left + 27)}" y="38">${escape(name)}</text>`;
    })
    .join('');
}

function panelOf(
  { title, lines, most }: Panel,
  x: (second: number) => number,
  seconds: number,
  shaded: Chart['shaded'],
): string {
  const values = lines.flatMap((line) => line.values.filter((value) => value !== undefined));
  const axis = axisOf(most ?? Math.max(0, ...values));
  const y = (value: number): number => PANEL - (Math.min(value, axis.most) / axis.most) * PANEL;
  return [
    shaded === undefined
      ? ''
      : `<rect x="${fixed(x(shaded[0]))}" y="0" width="${fixed(x(shaded[1]) - x(shaded[0]))}" height="${PANEL}" fill="${GREY}" fill-opacity="0.15"/>`,
    `<text x="${LEFT}" y="-6">${escape(title)}</text>`,
    gridOf(axis, y),
    secondsOf(axisOf(seconds), x),
    ...lines.map(
      (line, index) =>
        `<path d="${pathOf(line, x, y)}" fill="none" stroke-width="1.75" stroke-linejoin="round" ${strokeOf(index)}/>`,
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

const gridOf = ({ ticks }: Axis, y: (value: number) => number): string =>
  ticks
    .map(
      (tick) =>
        `<path d="M${LEFT} ${fixed(y(tick))}H${WIDTH - RIGHT}" stroke="${GREY}" stroke-opacity="${tick === 0 ? 0.8 : 0.25}"/>` +
        `<text x="${LEFT - 6}" y="${fixed(y(tick) + 4)}" text-anchor="end">${tick}</text>`,
    )
    .join('');

const secondsOf = ({ ticks }: Axis, x: (second: number) => number): string =>
  ticks
    .filter((tick) => x(tick) <= WIDTH - RIGHT)
    .map(
      (tick) =>
        `<text x="${fixed(x(tick))}" y="${PANEL + 14}" text-anchor="middle">${tick} s</text>`,
    )
    .join('');

/** A second's value stands in its middle; after a hole a new line begins. */
function pathOf({ values }: Line, x: (at: number) => number, y: (value: number) => number): string {
  let pen = 'M';
  return values
    .map((value, second) => {
      const step = value === undefined ? '' : `${pen}${fixed(x(second + 0.5))} ${fixed(y(value))}`;
      pen = value === undefined ? 'M' : 'L';
      return step;
    })
    .join('');
}

const fixed = (value: number): string => String(Number(value.toFixed(1)));

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
