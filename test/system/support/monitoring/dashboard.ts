import { readFileSync } from 'node:fs';
import { ROOT } from '../../../support/programs.ts';

/** The dashboard for Grafana, and what its panels ask Prometheus. */

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Place;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string }[];
  };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

export interface Question {
  readonly panel: string;
  readonly expr: string;
  readonly legend: string;
}

export const dashboard: Dashboard = JSON.parse(
  readFileSync(`${ROOT}deploy/grafana/dashboards/tributary.json`, 'utf8'),
) as Dashboard;

/** Everything that its panels ask, as it stands there. */
export const questions: readonly Question[] = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ panel: title, expr, legend: legendFormat })),
);

/** What Grafana sends when all replicas and sources are chosen. */
export function sent(expr: string, window = '5m'): string {
  return expr
    .replaceAll(/\$__(rate_interval|range)\b/g, window)
    .replaceAll(/\$(replica|source)\b/g, '.*');
}
