import { existsSync, mkdirSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { ROOT } from '../../support/programs.ts';

/** Debian's Chromium, and what every page of ours must hold whatever it shows. */

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const ARTIFACTS = `${ROOT}test-artifacts`;
/** Longest wait for something to be seen: the machine may be busy with other things. */
const PATIENCE_MS = 15_000;

export const hasChromium = existsSync(CHROMIUM);

/** With a profile of its own that goes with it. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/** A page that keeps account of what it must not do. */
export class WatchedPage {
  readonly page: Page;
  /** Errors in its console, and exceptions. */
  readonly errors: string[] = [];
  /** Requests to anybody else. */
  readonly strangers: string[] = [];

  private constructor(page: Page, origin: string) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !url.startsWith('data:')) this.strangers.push(url);
    });
  }

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<WatchedPage> {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    const watched = new WatchedPage(await context.newPage(), new URL(url).origin);
    await watched.page.goto(url);
    return watched;
  }

  /** Waits until an element says so. */
  async says(selector: string, text: string | RegExp): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }

  /** Kept for people to look at. */
  async shoot(name: string): Promise<void> {
    mkdirSync(ARTIFACTS, { recursive: true });
    await this.page.evaluate('scrollTo(0, 0)');
    await this.page.screenshot({ path: `${ARTIFACTS}/${name}.png` });
  }

  /** How far it can be scrolled sideways, in px, at this width. */
  async overhangAt(width: number): Promise<number> {
    await this.page.setViewportSize({ width, height: 780 });
    return this.page.evaluate('document.documentElement.scrollWidth - innerWidth');
  }

  /** What assistive technology would trip over; empty when nothing. */
  problems(): Promise<readonly string[]> {
    return this.page.evaluate(FIND_PROBLEMS);
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

/** Runs in the page: names of controls, one h1, no level skipped, unique ids, landmarks, language and title. */
const FIND_PROBLEMS = `(() => {
  const problems = [];
  const visible = (element) => element.checkVisibility();
  const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);
  for (const control of all('button, a[href], input, select, summary, [role=meter], [role=img]')) {
    const labels = [...(control.labels ?? [])].map((label) => label.textContent).join('');
    const name = control.getAttribute('aria-label') ?? (labels || control.textContent);
    if (!name.trim()) problems.push('no name: ' + control.outerHTML.slice(0, 80));
  }
  const levels = all('h1, h2, h3, h4').map((heading) => Number(heading.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) problems.push('not one h1');
  levels.forEach((level, at) => {
    if (level > (levels[at - 1] ?? 0) + 1) problems.push('h' + level + ' after h' + levels[at - 1]);
  });
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) problems.push('twice: #' + id);
  for (const landmark of ['header', 'main'])
    if (document.querySelectorAll('body > ' + landmark).length !== 1) problems.push('not one ' + landmark);
  if (!document.documentElement.lang || !document.title) problems.push('no language or title');
  for (const image of all('img')) if (!image.hasAttribute('alt')) problems.push('no alt');
  return problems;
})()`;
