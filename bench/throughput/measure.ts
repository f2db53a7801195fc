import { fileURLToPath } from 'node:url';
import type { SourceUrls } from '../bodies.ts';
import type { Ready } from '../contenders/prepare.ts';
import { nextMessage, startNode } from '../machine/children.ts';
import type { Pinning } from '../machine/pinning.ts';
import type { Options } from '../options.ts';
import { startAndSettle, takeTurn, type Bench, type Running, type Turn } from './turn.ts';

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export type ThroughputOptions = Bench['options'] & Pick<Options, 'rounds'>;

/** As many requests as a closed loop gets answered: all contenders up at once, short turns, one after the other. */
export async function measureThroughput(
  contenders: readonly Ready[],
  { rounds, ...options }: ThroughputOptions,
  pinning: Pinning,
): Promise<readonly Turn[]> {
  const sources = startNode([script('./sources.ts')], { cores: pinning.others, ipc: true });
  const urls = (await nextMessage(sources)) as SourceUrls;
  const load = startNode([script('./load.ts')], { cores: pinning.others, ipc: true });
  const bench: Bench = { options, pinning, urls, sources, load };
  const running: Running[] = [];
  for (const contender of contenders) running.push(await startAndSettle(bench, contender));
  const turns: Turn[] = [];
  for (let round = 1; round <= rounds; round += 1)
    for (const each of running) {
      const turn = await takeTurn(bench, each, round);
      turns.push(turn);
      process.stderr.write(`round ${round}/${rounds}  ${lineOf(turn)}\n`);
    }
  for (const { child } of running) child.kill('SIGKILL');
  sources.disconnect();
  load.disconnect();
  return turns;
}

const lineOf = ({ contender, requestsPerSecond, cpuMicros, othersBusy }: Turn): string =>
  `${contender.padEnd(32)} ${requestsPerSecond.toFixed(0)} req/s  ${cpuMicros?.toFixed(0) ?? '–'} µs/req  ` +
  `others ${((othersBusy ?? NaN) * 100).toFixed(0)} % busy`;
