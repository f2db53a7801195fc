import type { Address } from './instance.ts';

/** The instances of a `http://a:1,http://b:2` list; what is named twice counts once. */
export function fixedList(urls: string): readonly Address[] {
  const origins = new Set(urls.split(',').map((entry) => new URL(entry.trim()).origin));
  return [...origins].map((origin) => ({ origin, weight: 1 }));
}
