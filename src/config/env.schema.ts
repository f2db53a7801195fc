import { parseDnsServers } from './dns-servers.ts';
import { parseSourceUrl } from './url/source-url.ts';
import { parseTrustedProxies } from './trusted-proxies.ts';
import {
  checked,
  count,
  durationMs,
  flag,
  oneOf,
  optional,
  parsed,
  port,
  ratio,
  text,
} from './variable.ts';
import type { Values, Variable } from './variable.ts';

/** Every knob of the service: bound, default and one sentence. `.env.example` and the docs are made from this file. */

export const SERVICE_VARIABLES = {
  HOST: text('0.0.0.0', 'Address the service listens on.'),
  PORT: port(3000, 'Port the service listens on; 0 takes a free one.'),
  MANAGEMENT_HOST: text(
    '127.0.0.1',
    'Address of the private listener: metrics, the state of the sources. Whoever can reach it may read it.',
  ),
  MANAGEMENT_PORT: port(9464, 'Port of the private listener; 0 takes a free one.'),
  DEADLINE_MS: durationMs(1500, 'From the arrival of a request to the last byte of its answer.'),
  DEADLINE_RESERVE_MS: durationMs(
    60,
    'Part of the deadline kept for joining and writing the answer; at most half of it.',
    0,
  ),
  MAX_IN_FLIGHT: count(4096, 'Dashboards under way at once; more are shed with a 503.'),
  MAX_EVENT_LOOP_DELAY_MS: durationMs(
    200,
    'Lateness of the event loop over the last second from which on dashboards are shed.',
  ),
  TRANSPORT: oneOf(['undici', 'axios'], 'undici', 'HTTP client that carries the attempts.'),
  DNS_SERVERS: parsed(
    parseDnsServers,
    'ip[:port],…',
    "DNS servers asked for dns:// and srv:// sources; unset: the system's.",
    '',
  ),
  REDIS_URL: optional(
    redisUrlProblem,
    'redis://… or rediss://…',
    'Redis in which the replicas share their last good answers; unset: each keeps its own.',
  ),
  AUTH_MODE: oneOf(
    ['none', 'jwt'],
    'none',
    'Whether a dashboard needs a bearer token; with none anybody may read any.',
  ),
  JWT_JWKS_URL: optional(
    httpUrlProblem,
    'http://… or https://…',
    "Where the issuer's keys are (a JSON Web Key Set); needed with AUTH_MODE=jwt.",
  ),
  JWT_ISSUER: optional(anyText, 'not empty', 'The iss of a token; needed with AUTH_MODE=jwt.'),
  JWT_AUDIENCE: optional(
    anyText,
    'not empty',
    'What the aud of a token must be or hold; needed with AUTH_MODE=jwt.',
  ),
  JWT_ADMIN_SCOPE: checked(
    scopeProblem,
    'one scope, without spaces',
    'The scope of a token that may read every dashboard.',
    'dashboard:read:any',
  ),
  TRUST_PROXY: parsed(
    parseTrustedProxies,
    'false, or 10.0.0.0/8,192.0.2.1,…',
    'Proxies whose X-Forwarded-For is believed when the client address matters.',
    'false',
  ),
  RATE_LIMIT_RPS: count(
    0,
    'Dashboards a second that one caller (token subject, else client address) may ask for; 0: any number.',
  ),
  RATE_LIMIT_BURST: count(0, 'How many of them may come at once; 0: twice RATE_LIMIT_RPS.'),
  EXPLAIN: oneOf(
    ['off', 'on'],
    'off',
    'Whether a caller may ask how an answer came about (`?explain=true`).',
  ),
  FORWARD_AUTHORIZATION: flag(
    false,
    "Whether the caller's authorization header is sent on to the sources.",
  ),
  DRAIN_DELAY_MS: durationMs(
    5000,
    'After SIGTERM: how long requests are still taken while readiness says 503.',
    0,
  ),
  SHUTDOWN_TIMEOUT_MS: durationMs(
    10_000,
    'After the drain: how long requests in flight may take to finish.',
    0,
  ),
  LOG_LEVEL: oneOf(
    ['info', 'fatal', 'error', 'warn', 'debug', 'trace', 'silent'],
    'info',
    'Least severe level that is logged.',
  ),
  LOG_FORMAT: oneOf(['json', 'pretty'], 'json', 'One JSON object a line, or lines for people.'),
  LOG_REQUESTS: oneOf(
    ['incomplete', 'all', 'none'],
    'incomplete',
    'Which requests have a line in the log: those that were not a plain success, all, or none.',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    httpUrlProblem,
    'http://… or https://…',
    'Collector that gets the traces (docs/tracing.md); unset: no tracing. More `OTEL_*` as OpenTelemetry says.',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(
    httpUrlProblem,
    'http://… or https://…',
    'The whole URL for traces, instead of the one above.',
  ),
  OTEL_TRACES_EXPORTER: text('otlp', 'How traces leave; none: no tracing.'),
  OTEL_SDK_DISABLED: text('false', 'With true there is no tracing, whatever else is set.'),
} satisfies Record<string, Variable<unknown>>;

/** The knobs that every source has, each under the source's own prefix, e.g. `USER_SERVICE_MAX_QUEUE`. */
export const SOURCE_VARIABLES = {
  URL: parsed(
    parseSourceUrl,
    'http://host:port[,…], or one dns://, srv://, consul:// or file:// address',
    'Instances of the source, or where to find them (docs/discovery.md).',
  ),
  MAX_CONCURRENT: count(
    1000,
    'Attempts in flight at once from this process, counted at the source.',
  ),
  ADAPTIVE: oneOf(
    ['off', 'on'],
    'off',
    'Whether the number of permits below MAX_CONCURRENT follows what the source can carry.',
  ),
  MAX_QUEUE: count(50, 'Attempts that may wait for a permit beyond that.'),
  MAX_QUEUE_WAIT_MS: durationMs(75, 'Longest wait for a permit.', 0),
  ATTEMPT_TIMEOUT_MS: durationMs(
    0,
    'Longest single attempt; 0 adapts it to how long answers take.',
    0,
  ),
  CONNECT_TIMEOUT_MS: durationMs(250, 'Longest wait for a connection.'),
  MAX_RESPONSE_BYTES: count(1_048_576, 'Largest body that is read.', 0, 1_073_741_824),
  BREAKER_MIN_CALLS: count(20, 'Verdicts needed within the window before the breaker may open.'),
  BREAKER_WINDOW_MS: durationMs(10_000, 'How far back the breaker looks.'),
  BREAKER_FAILURE_RATIO: ratio(
    0.5,
    'Share of failures in the window from which the breaker opens.',
  ),
  BREAKER_OPEN_MS: durationMs(1000, 'First time it stays open; doubles to 30 s, ±20 %.'),
  RETRIES: count(1, 'Most attempts after a failed one.'),
  HEDGE: oneOf(
    ['off', 'on'],
    'off',
    'Whether a slow attempt gets a second one beside it, at another instance.',
  ),
  STALE_MS: durationMs(
    0,
    'Age up to which the last good answer stands in for a failure; 0: never.',
    0,
  ),
  FRESH_MS: durationMs(
    0,
    'Age up to which the last good answer is given without asking; 0: always asks.',
    0,
  ),
  COALESCE: oneOf(['on', 'off'], 'on', 'Whether identical calls in flight at once become one.'),
  REQUIRED: flag(false, 'Whether a dashboard without this section is a failure.'),
} satisfies Record<string, Variable<unknown>>;

export type ServiceOptions = Values<typeof SERVICE_VARIABLES>;
export type SourceOptions = Values<typeof SOURCE_VARIABLES>;

/** What `config/` must know of a source; the list itself is `clients/sources.ts`. */
export interface SourceSettings {
  readonly name: string;
  /** Of its variables, e.g. `USER_SERVICE`. */
  readonly envPrefix: string;
  /** Where its defaults differ from the common ones, as they would stand in the environment. */
  readonly defaults?: Readonly<Partial<Record<keyof SourceOptions, string>>>;
}

function redisUrlProblem(value: string): string | undefined {
  const protocol = URL.parse(value)?.protocol;
  return protocol === 'redis:' || protocol === 'rediss:'
    ? undefined
    : 'must be a redis:// or rediss:// URL';
}

function httpUrlProblem(value: string): string | undefined {
  const protocol = URL.parse(value)?.protocol;
  return protocol === 'http:' || protocol === 'https:'
    ? undefined
    : 'must be an http:// or https:// URL';
}

function anyText(): undefined {
  return undefined;
}

function scopeProblem(value: string): string | undefined {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value)
    ? undefined
    : 'must be one scope, without spaces';
}
