import { describe, expect, it } from '@jest/globals';
import { judge, toTable, type SoakSample } from './report.ts';

const sample = (at: number, over: Partial<SoakSample> = {}): SoakSample => ({
  at,
  heapMiB: 50,
  externalMiB: 3,
  rssMiB: 120,
  sockets: 60,
  timers: 20,
  listeners: 12,
  listenersPerSocket: 8,
  files: 80,
  ...over,
});

const soak = (over: (n: number) => Partial<SoakSample>): SoakSample[] =>
  Array.from({ length: 60 }, (_, n) => sample(n / 60, over(n)));

const rest = { before: sample(0, { sockets: 3 }), after: sample(1, { sockets: 9 }) };

const notFlat = (samples: readonly SoakSample[]): string[] =>
  judge(samples, rest)
    .filter((verdict) => !verdict.isFlat)
    .map(({ name }) => name);

describe('a soak', () => {
  it('is flat where nothing grows, whatever the first third did', () => {
    expect(
      notFlat(soak((n) => ({ heapMiB: n < 20 ? n : 50, sockets: n < 20 ? n * 9 : 60 }))),
    ).toEqual([]);
  });

  it('finds a heap that leaks 8 MiB an hour', () => {
    const verdicts = judge(
      soak((n) => ({ heapMiB: 50 + (8 * n) / 60 })),
      rest,
    );
    expect(verdicts[0]).toMatchObject({ name: 'heap after GC, MiB', isFlat: false });
    expect(verdicts[0]?.perUnit).toBeCloseTo(8);
  });

  it('finds a single listener that stays', () => {
    expect(notFlat(soak((n) => ({ listeners: n < 40 ? 12 : 13 })))).toEqual([
      'listeners of process and servers',
    ]);
  });

  it('does not mistake ups and downs for growth', () => {
    expect(
      notFlat(soak((n) => ({ timers: n % 7 === 0 ? 60 : 5, files: n % 2 === 0 ? 60 : 90 }))),
    ).toEqual([]);
  });

  it('leaves out what the system does not tell', () => {
    const table = toTable(
      judge(
        soak(() => ({ files: undefined })),
        rest,
      ),
    );
    expect(table).not.toContain('open files');
    expect(table).toContain(
      '| sockets in use | flat | 60.0 | 0.0 | 0.0 | 0.00 | 0.0 | 20.0 | 3.0 | 9.0 |',
    );
  });
});
