import { collectDefaultMetrics, Registry } from 'prom-client';

/** Sums of what is there by type as well, under names that Prometheus keeps for counters. */
const ILL_NAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

let registry: Registry | undefined;

/**
 * Node's own metrics. They are of the process, not of an app in it, and the observers behind them cannot be stopped: so
 * there is one set of them, made when first asked for.
 */
export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
    for (const name of ILL_NAMED) registry.removeSingleMetric(name);
  }
  return registry;
}
