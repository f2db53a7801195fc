import type { Logger } from 'pino';
import type { App } from './app.ts';
import type { ServiceOptions } from './config/env.schema.ts';

type ShutdownOptions = Pick<ServiceOptions, 'DRAIN_DELAY_MS' | 'SHUTDOWN_TIMEOUT_MS'>;

/** Ctrl-C reaches an npm script's process twice, from the terminal and from npm: within this time it is one signal. */
const SAME_SIGNAL_MS = 50;

const SWEEP_MS = 50;

/** Half of a request that is there when the port closes has this long to become a whole one. */
const HALF_SENT_MS = 1_000;

/**
 * Leaving without failing a request: readiness says so first, requests are still taken while the load balancer looks
 * away, then the port closes and what is in flight finishes. A second signal exits at once.
 */
export function exitOnSignals(app: App, options: ShutdownOptions, logger: Logger): void {
  let leavingSince: number | undefined;
  const leave = (signal: 'SIGTERM' | 'SIGINT'): void => {
    const now = performance.now();
    if (leavingSince !== undefined)
      return now - leavingSince > SAME_SIGNAL_MS ? process.exit(1) : undefined;
    leavingSince = now;
    logger.info({ signal }, 'shutting down');
    const drainMs = signal === 'SIGTERM' ? options.DRAIN_DELAY_MS : 0;
    void leaveWith(shutDown(app, drainMs, options.SHUTDOWN_TIMEOUT_MS), logger);
  };
  process.on('SIGTERM', leave);
  process.on('SIGINT', leave);
}

async function leaveWith(finished: Promise<boolean>, logger: Logger): Promise<void> {
  const isClean = await finished;
  if (isClean) logger.info('bye');
  else logger.error('requests in flight had to be cut');
  process.exit(isClean ? 0 : 1);
}

/** Resolves to whether every request in flight could finish; what never became a whole one is not in flight. */
export async function shutDown(
  { nest, lifecycle, server, connections, management, tracing }: App,
  drainMs: number,
  timeoutMs: number,
): Promise<boolean> {
  lifecycle.drain();
  await new Promise((resolve) => setTimeout(resolve, drainMs));
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<'too long'>((resolve) => {
    timer = setTimeout(() => resolve('too long'), timeoutMs);
  });
  const closedAt = performance.now();
  // Connections whose last request was under way when the drain began are closed when they fall idle.
  const sweep = setInterval(() => {
    if (performance.now() - closedAt < HALF_SENT_MS) server.closeIdleConnections();
    else connections.closeOthers();
  }, SWEEP_MS);
  // The spans go last: those of the last answers are among them.
  const left = nest.close().then(() => tracing?.stop());
  const outcome = await Promise.race([left, tooLong]);
  clearInterval(sweep);
  clearTimeout(timer);
  const isClean = outcome !== 'too long' || connections.busy === 0;
  server.closeAllConnections();
  // Last, so that all of it could be watched.
  await management.close();
  return isClean;
}
