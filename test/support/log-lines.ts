import type { ServiceProcess } from './service-process.ts';
import { until } from './service.ts';

/** The log of a process, as machines read it. */

export interface Line extends Record<string, unknown> {
  readonly level: string;
  readonly msg: string;
}

/** Every line; fails where one is not a JSON object. */
export const linesOf = ({ output }: ServiceProcess): readonly Line[] =>
  output
    .split('\n')
    // What follows the last one is not there yet.
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

export const aboutRequests = (process: ServiceProcess): readonly Line[] =>
  linesOf(process).filter(({ requestId }) => requestId !== undefined);

export async function lineOf(process: ServiceProcess, requestId: string): Promise<Line> {
  const find = () => linesOf(process).find((line) => line['requestId'] === requestId);
  await until(() => find() !== undefined, `the line of ${requestId}`);
  return find() as Line;
}
