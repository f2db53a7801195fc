/** Light, dark, or as the system says; remembered where the browser lets us. */

export type Theme = 'auto' | 'light' | 'dark';

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const KEY = 'tributary-theme';

export class ThemeSwitch {
  private readonly listeners: (() => void)[] = [];
  private current: Theme = remembered();

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.tell());
    this.apply();
  }

  get theme(): Theme {
    return this.current;
  }

  /** Called when colours may be others. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** From one to the next. */
  turn(): void {
    this.current = THEMES[(THEMES.indexOf(this.current) + 1) % THEMES.length] ?? 'auto';
    try {
      localStorage.setItem(KEY, this.current);
    } catch {
      // Where nothing may be kept, it holds until the page is closed.
    }
    this.apply();
    this.tell();
  }

  private apply(): void {
    document.documentElement.dataset['theme'] = this.current;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function remembered(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === kept) ?? 'auto';
  } catch {
    return 'auto';
  }
}
