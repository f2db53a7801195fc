import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { answer, type ManagementRoute } from './management-route.ts';

/** `GET /metrics`: for Prometheus, in its text format. */
export const metricsRoute = (metrics: Metrics): ManagementRoute => ({
  path: '/metrics',
  handle: async (_request, response) => answer(response, metrics.contentType, await metrics.text()),
});
