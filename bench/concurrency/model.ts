import { startModel, type ModelName } from './pool.ts';

/** One model in a process of its own: says when it is ready; takes bursts, says how long each request of them took. */

export interface Burst {
  readonly url: string;
  readonly atOnce: number;
  /** Requests that are not done by then are not counted; with a pool, most of them were never begun. */
  readonly limitMs: number;
}

/** Those that were done within the limit, in ms since all of them came. */
export interface Done {
  readonly tookMs: readonly number[];
}

const model = await startModel(process.argv[2] as ModelName, Number(process.argv[3]));

async function run({ url, atOnce, limitMs }: Burst): Promise<void> {
  const tookMs: number[] = [];
  let isOver = false;
  const began = performance.now();
  const all = Array.from({ length: atOnce }, async () => {
    await model.run(url);
    if (!isOver) tookMs.push(performance.now() - began);
  });
  await Promise.race([
    Promise.all(all),
    new Promise<void>((resolve) => void setTimeout(resolve, limitMs).unref()),
  ]);
  isOver = true;
  model.forget();
  process.send?.({ tookMs } satisfies Done);
}

process.on('message', (burst: Burst) => void run(burst));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
