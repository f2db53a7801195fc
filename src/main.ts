import { buildApp } from './app.ts';
import { SOURCES } from './clients/sources.ts';
import { keepHeapLimit } from './collector.ts';
import { ConfigError, loadConfig, type Config } from './config/config.ts';
import { readEnvironment } from './config/environment.ts';
import { exitOnSignals } from './shutdown.ts';
import { createLogger } from './telemetry/logger.ts';
import { startTracing } from './telemetry/tracing/tracing.ts';

/** Connections that may wait to be accepted; the system has a limit of its own. Beyond it callers try again after a second. */
const BACKLOG = 16_384;

/** sysexits.h: the configuration is at fault, starting again will not help. */
const EX_CONFIG = 78;

function configOrExit(): Config {
  try {
    return loadConfig(
      readEnvironment(),
      SOURCES.map(({ source }) => source),
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EX_CONFIG);
  }
}

keepHeapLimit();
const config = configOrExit();
const logger = createLogger(config.service);
const tracing = await startTracing(config.service, logger);
const app = await buildApp(config, logger, tracing);
exitOnSignals(app, config.service, logger);
try {
  const { HOST, PORT, MANAGEMENT_HOST, MANAGEMENT_PORT } = config.service;
  await app.nest.listen({ port: PORT, host: HOST, backlog: BACKLOG });
  logger.info({ address: app.server.address() }, 'listening');
  await app.management.listen(MANAGEMENT_PORT, MANAGEMENT_HOST);
  logger.info({ address: app.management.address }, 'management listening');
} catch (error) {
  logger.fatal({ err: error }, 'cannot listen');
  process.exit(1);
}
