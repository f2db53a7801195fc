import { put, type Faults } from './state.ts';

/** One press for what takes several sliders. */
export interface Preset {
  readonly id: string;
  readonly label: string;
  readonly faults: Readonly<Record<string, Faults>>;
}

export const PRESETS: readonly Preset[] = [
  {
    id: 'down',
    label: 'recommendations down',
    faults: { recommendations: { errorRate: 1, errorStatus: 503 } },
  },
  { id: 'slow', label: 'orders hang', faults: { orders: { badAnswer: 'hang' } } },
  { id: 'bad', label: 'user sends bad data', faults: { user: { badAnswer: 'wrong_schema' } } },
  { id: 'fine', label: 'everything fine', faults: {} },
];

/** Every source as the preset says: those it does not name are put right. */
export async function apply({ faults }: Preset, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => put(`/faults/${name}`, faults[name] ?? {})));
}
