import { describe, expect, it } from '@jest/globals';
import { axisOf } from './axis.ts';
import { toSvg, type Chart } from './line-chart.ts';

const chart = (over: Partial<Chart> = {}): Chart => ({
  title: 'one source hangs',
  panels: [{ title: 'p99, ms', lines: [{ name: 'service', values: [0, 50, 100] }], most: 100 }],
  ...over,
});

const paths = (svg: string): string[] =>
  [...svg.matchAll(/<path d="([^"]*)" fill="none" stroke-width="1.75"/g)].map(([, d]) => d ?? '');

describe('an axis', () => {
  it('ends at a round number, with the values inside', () => {
    expect(axisOf(100)).toEqual({ most: 100, ticks: [0, 25, 50, 75, 100] });
    expect(axisOf(1_432)).toEqual({ most: 1_500, ticks: [0, 500, 1_000, 1_500] });
    expect(axisOf(0.7)).toEqual({ most: 0.8, ticks: [0, 0.2, 0.4, 0.6, 0.8] });
  });

  it('is there where nothing is drawn', () => {
    expect(axisOf(0)).toEqual({ most: 1, ticks: [0, 1] });
  });
});

describe('a line chart', () => {
  it('draws a value in the middle of its second, the greatest on top', () => {
    // 648 wide from 56, three seconds; 120 high
    expect(paths(toSvg(chart()))).toEqual(['M164 120L380 60L596 0']);
  });

  it('leaves a hole where there is no value', () => {
    const lines = [{ name: 'service', values: [100, undefined, 100] }];
    expect(paths(toSvg(chart({ panels: [{ title: '', lines, most: 100 }] })))).toEqual([
      'M164 0M596 0',
    ]);
  });

  it('keeps what is above the axis on its edge', () => {
    const lines = [{ name: 'service', values: [900] }];
    expect(paths(toSvg(chart({ panels: [{ title: '', lines, most: 100 }] })))).toEqual(['M380 0']);
  });

  it('shades what was wrong', () => {
    expect(toSvg(chart({ shaded: [1, 2] }))).toContain('<rect x="272" y="0" width="216"');
    expect(toSvg(chart())).not.toContain('<rect');
  });

  it('is well-formed whatever the names are', () => {
    const svg = toSvg(chart({ title: 'a < b & "c"' }));
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(svg).not.toContain('a < b');
  });

  it('stays small: three panels of four lines over a minute', () => {
    const lines = ['a', 'b', 'c', 'd'].map((name) => ({
      name,
      values: Array.from({ length: 60 }, (_, n) => Math.sin(n) * 1_000 + 1_000),
    }));
    const panels = ['x', 'y', 'z'].map((title) => ({ title, lines }));
    expect(toSvg(chart({ panels })).length).toBeLessThan(40_000);
  });
});
