import { buildApp } from './app.ts';
import { SOURCES } from './clients/sources.ts';
import { ConfigError, loadConfig, type Config } from './config/config.ts';
import { readEnvironment } from './config/environment.ts';
import { exitOnSignals } from './shutdown.ts';
import { createLogger } from './telemetry/logger.ts';
import { startTracing } from './telemetry/tracing/tracing.ts';

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

const config = configOrExit();
const logger = createLogger(config.service);
const tracing = await startTracing(config.service, logger);
const app = await buildApp(config, logger, tracing);
exitOnSignals(app, config.service, logger);
try {
  await app.nest.listen({ port: config.service.PORT, host: config.service.HOST });
  logger.info({ address: app.server.address() }, 'listening');
} catch (error) {
  logger.fatal({ err: error }, 'cannot listen');
  process.exit(1);
}
