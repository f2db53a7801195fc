import { WINDOW_MS } from '../../view/history.ts';
import type uPlot from '../vendor/uplot.js';
import type { ChartOptions } from './chart.ts';
import type { Palette } from './palette.ts';

/** How all charts look: two quiet axes, time to the left, no furniture. */

const FONT = '10.5px system-ui, sans-serif';
const AXIS_PX = 46;
/** Half of the word at the right end of the time axis. */
const EDGE_PX = 12;
/** All charts show the same second under the pointer. */
const SYNC = 'seconds';

export function plotOptions(
  { format, atLeast }: ChartOptions,
  palette: Palette,
): Pick<uPlot.Options, 'axes' | 'cursor' | 'legend' | 'padding' | 'scales'> {
  const grid = { stroke: palette('grid'), width: 1 };
  const axis = { font: FONT, stroke: palette('ink-3'), ticks: { show: false }, grid };
  return {
    legend: { show: false },
    padding: [6, EDGE_PX, 0, 0],
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: false, y: false },
      sync: { key: SYNC, setSeries: false },
    },
    scales: {
      x: { time: false },
      y: { range: (_plot, _least, most) => [0, Math.max(atLeast, (most ?? 0) * 1.08)] },
    },
    axes: [
      { ...axis, size: 18, gap: 3, grid: { show: false }, splits: everyHalfMinute, values: ago },
      {
        ...axis,
        size: AXIS_PX,
        gap: 4,
        splits: (_plot, _axis, _least, most) => twoSteps(most),
        values: (_plot, splits) => splits.map((split) => (split === 0 ? '0' : format(split))),
      },
    ],
  };
}

export function seriesOf(options: ChartOptions, palette: Palette): uPlot.Series[] {
  const { lines, isStacked = false } = options;
  const series = lines.map(({ label, colour, dash }) => {
    const stroke = palette(colour);
    return {
      label,
      stroke,
      width: isStacked ? 0 : 1.5,
      points: { show: false },
      ...(isStacked && { fill: stroke }),
      ...(dash !== undefined && { dash: [...dash] }),
    };
  });
  return isStacked ? series.toReversed() : series;
}

function everyHalfMinute(_plot: uPlot, _axis: number, least: number, most: number): number[] {
  const splits: number[] = [];
  for (let at = most; at >= least - 0.5; at -= 30) splits.unshift(at);
  return splits;
}

function ago(plot: uPlot, splits: number[]): string[] {
  const now = plot.scales['x']?.max ?? 0;
  const isNarrow = plot.width < 260;
  return splits.map((at) => {
    const seconds = Math.round(now - at);
    if (seconds === 0) return 'now';
    // At the very edge it would be cut.
    if (seconds >= WINDOW_MS / 1000 || (isNarrow && seconds % 60 !== 0)) return '';
    return `−${seconds} s`;
  });
}

/** The middle and the top of the scale, as round numbers. */
function twoSteps(most: number): number[] {
  const rough = most / 2;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [5, 2.5, 2, 1].map((factor) => factor * magnitude).find((size) => size <= rough);
  return step === undefined ? [0] : [0, step, 2 * step];
}
