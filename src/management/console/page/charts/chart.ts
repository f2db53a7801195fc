import { el, setText } from '../dom/dom.ts';
import { WINDOW_MS, stacked, type Column } from '../../view/history.ts';
import uPlot from '../vendor/uplot.js';
import { plotOptions, seriesOf } from './options.ts';
import { readPalette, type ColourName } from './palette.ts';

export interface Line {
  readonly label: string;
  readonly colour: ColourName;
  /** Told apart by more than their colour. */
  readonly dash?: readonly number[];
}

export interface ChartOptions {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Layers on top of each other, the first one at the bottom. */
  readonly isStacked?: boolean;
  /** A value as the legend and the axis say it. */
  readonly format: (value: number) => string;
  /** The axis reaches this far at least. */
  readonly atLeast: number;
  readonly heightPx?: number;
}

/** A chart of the last two minutes with a legend that shows the second under the pointer, or else the last one. */
export class Chart {
  readonly root: HTMLElement;
  private readonly options: ChartOptions;
  private readonly place = el('div', { class: 'plot' });
  private readonly values: readonly HTMLElement[];
  private plot: uPlot | undefined;
  private columns: readonly Column[] = [];
  private times: number[] = [];

  constructor(options: ChartOptions) {
    this.options = options;
    this.values = options.lines.map(() => el('span', { class: 'legend-value' }, '–'));
    const title = el('figcaption', { class: 'chart-title' }, options.title);
    this.root = el(
      'figure',
      { class: 'chart' },
      el('div', { class: 'chart-head' }, title, this.legend()),
      this.place,
    );
    new ResizeObserver(() => this.resize()).observe(this.place);
  }

  /** @param times in ms since 1970 @param columns one a line */
  show(times: readonly number[], columns: readonly Column[]): void {
    this.times = times.map((at) => at / 1000);
    this.columns = columns;
    if (this.plot === undefined) this.draw();
    else this.plot.setData(this.data(), false);
    this.rescale();
    this.showLegend(this.plot?.cursor.idx ?? null);
  }

  /** Colours changed. */
  redraw(): void {
    if (this.plot === undefined) return;
    this.plot.destroy();
    this.plot = undefined;
    this.draw();
    this.rescale();
  }

  private draw(): void {
    const width = this.place.clientWidth;
    if (width === 0) return;
    const { heightPx = 96 } = this.options;
    const palette = readPalette();
    this.plot = new uPlot(
      {
        ...plotOptions(this.options, palette),
        width,
        height: heightPx,
        series: [{}, ...seriesOf(this.options, palette)],
        hooks: { setCursor: [({ cursor }) => this.showLegend(cursor.idx ?? null)] },
      },
      this.data(),
      this.place,
    );
  }

  /** The tallest layer is drawn first, so that the others lie on it. */
  private data(): uPlot.AlignedData {
    const drawn =
      this.options.isStacked === true ? stacked(this.columns).toReversed() : this.columns;
    return [this.times, ...drawn] as uPlot.AlignedData;
  }

  private rescale(): void {
    const last = this.times.at(-1);
    if (last !== undefined) this.plot?.setScale('x', { min: last - WINDOW_MS / 1000, max: last });
  }

  private resize(): void {
    const width = this.place.clientWidth;
    const { heightPx = 96 } = this.options;
    if (width === 0) return;
    if (this.plot !== undefined) this.plot.setSize({ width, height: heightPx });
    else if (this.times.length > 0) {
      this.draw();
      this.rescale();
    }
  }

  private legend(): HTMLElement {
    const items = this.options.lines.map(({ label, colour, dash }, at) =>
      el(
        'span',
        { class: 'legend-item' },
        el('span', {
          class: `swatch swatch-${colour}${dash ? ' swatch-dashed' : ''}${this.options.isStacked === true ? ' swatch-layer' : ''}`,
        }),
        label,
        ' ',
        this.values[at],
      ),
    );
    return el('span', { class: 'legend' }, ...items);
  }

  private showLegend(index: number | null): void {
    const at = index ?? this.times.length - 1;
    for (const [line, element] of this.values.entries()) {
      const value = this.columns[line]?.[at];
      setText(element, value === null || value === undefined ? '–' : this.options.format(value));
    }
  }
}
