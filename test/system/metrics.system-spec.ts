import { spawnSync } from 'node:child_process';
import { expect } from '@jest/globals';
import { serviceWithTraffic } from '../support/metrics-traffic.ts';
import { has, onlyIf } from '../support/programs.ts';
import { textOf } from '../support/scrape.ts';

/** Prometheus' own tool on what a service says that has been through a little of everything. */

const itWithPromtool = onlyIf(has('promtool', '--version'), 'promtool is not installed');

const check = (input: string) => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input,
    encoding: 'utf8',
  });
  return { status, says: (stdout + stderr).trim() };
};

itWithPromtool('promtool finds nothing wrong with the metrics', async () => {
  const service = await serviceWithTraffic();
  const text = await textOf(service);
  await service.stop();
  expect(check(text)).toEqual({ status: 0, says: '' });
  // It does look.
  expect(check(text.replace(/^# HELP aggregator_in_flight .*\n/m, '')).says).toContain(
    'no help text',
  );
});
