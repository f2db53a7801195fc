/** Numbers as people read them: short, and of a width that does not jump. */

/** `0.4 ms`, `38 ms`, `1.44 s`, `−8.3 ms` */
export function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value < 0) return `−${ms(-value)}`;
  if (value < 9.95) return `${value.toFixed(1)} ms`;
  if (value < 999.5) return `${Math.round(value)} ms`;
  return `${(value / 1000).toFixed(2)} s`;
}

/** Of a second, a minute, an hour: `4 s`, `2 min`, `3 h`. */
export function duration(value: number): string {
  const seconds = Math.max(0, Math.round(value / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** Per second: `0`, `0.4`, `19.8`, `1 240`. */
export function rate(value: number): string {
  return value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : grouped(value);
}

/** `38 %`; what is there at all is never 0 %, and what is not all of it never 100 %. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return '< 1 %';
  if (share < 1 && share > 0.995) return '> 99 %';
  return `${Math.round(share * 100)} %`;
}

/** `4096` as `4 096`, with a space that does not break. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `14:03:21`, in the reader's own time. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
