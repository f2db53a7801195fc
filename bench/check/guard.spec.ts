import { describe, expect, it } from '@jest/globals';
import { judge, parseRecorded, type Recorded } from './guard.ts';

const recorded: Recorded = {
  ratio: 1,
  date: '2026-11-24T20:00:00.000Z',
  command: 'node bench/check.ts --record',
  versions: {},
};

describe('the regression guard', () => {
  it('passes down to nine tenths of what is recorded, and fails below', () => {
    expect(judge(0.9, recorded).passed).toBe(true);
    expect(judge(0.899, recorded).passed).toBe(false);
  });

  it('measures against the record, not against the bar', () => {
    expect(judge(1.1, { ...recorded, ratio: 1.3 }).passed).toBe(false);
    expect(judge(0.6, { ...recorded, ratio: 0.65 }).passed).toBe(true);
  });

  it('says both figures, and what was asked for', () => {
    const { message } = judge(0.8, recorded);
    expect(message).toContain('0.800');
    expect(message).toContain('recorded on 2026-11-24: 1.000');
    expect(message).toContain('0.900');
    expect(message).toContain('FAILED');
  });

  it.each([undefined, NaN])('fails when there is no ratio (%s)', (ratio) => {
    expect(judge(ratio, recorded)).toMatchObject({ passed: false });
  });

  it('fails, and says how to record, when nothing is recorded', () => {
    const { passed, message } = judge(1, undefined);
    expect(passed).toBe(false);
    expect(message).toContain('npm run bench:check -- --record');
  });

  it('reads what it wrote', () => {
    expect(parseRecorded(JSON.stringify(recorded))).toEqual(recorded);
  });

  it.each(['null', '{}', '{"ratio":"1","date":"x"}', '{"ratio":0,"date":"x"}', '{"ratio":1}'])(
    'does not take %s for a record',
    (text) => {
      expect(() => parseRecorded(text)).toThrow('bench/recorded.json');
    },
  );
});
