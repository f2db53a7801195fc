import type { LoggerService } from '@nestjs/common';
import pino, { type Bindings, type ChildLoggerOptions, type Logger } from 'pino';
import type { ServiceOptions } from '../config/env.schema.ts';

/** One pino logger for the process; Nest's `Logger` writes through it too. */
export function createLogger({
  LOG_LEVEL,
  LOG_FORMAT,
}: Pick<ServiceOptions, 'LOG_LEVEL' | 'LOG_FORMAT'>): Logger {
  return pino({
    level: LOG_LEVEL,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    ...(LOG_FORMAT === 'pretty' && {
      transport: {
        target: 'pino-pretty',
        options: { translateTime: 'SYS:HH:MM:ss.l', singleLine: true },
      },
    }),
  });
}

/**
 * For Fastify, which makes a child of its logger for itself and then one for each request. Nobody logs by request, so
 * all of those are the first one; a `childLoggerFactory` would do the same and be checked each time, which takes 1 µs.
 */
export function loggerOfFastify(logger: Logger): Logger {
  const child = (bindings: Bindings, options: ChildLoggerOptions): Logger => {
    const own = logger.child(bindings, options);
    return Object.assign(own, { child: () => own });
  };
  return Object.assign(Object.create(logger) as Logger, { child });
}

type Severity = 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal';

/** Nest's logging interface over pino. The last text argument is Nest's context, e.g. a class name. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  // What Nest says at "log" level is how it starts itself: of interest to its developers only.
  log = (message: unknown, ...rest: unknown[]): void => this.write('debug', message, rest);
  error = (message: unknown, ...rest: unknown[]): void => this.write('error', message, rest);
  warn = (message: unknown, ...rest: unknown[]): void => this.write('warn', message, rest);
  debug = (message: unknown, ...rest: unknown[]): void => this.write('debug', message, rest);
  verbose = (message: unknown, ...rest: unknown[]): void => this.write('trace', message, rest);
  fatal = (message: unknown, ...rest: unknown[]): void => this.write('fatal', message, rest);

  private write(severity: Severity, message: unknown, rest: unknown[]): void {
    const [context, ...details] = rest.toReversed().filter((detail) => detail !== undefined);
    const fields = { context, ...(details.length > 0 && { details }) };
    if (message instanceof Error)
      this.logger[severity]({ ...fields, err: message }, message.message);
    else
      this.logger[severity](
        fields,
        typeof message === 'string' ? message : JSON.stringify(message),
      );
  }
}
