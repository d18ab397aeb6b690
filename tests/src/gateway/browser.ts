/** A headless Chromium that looks at a page and writes down everything that must not happen there. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);
export const VIEWPORT = { width: 1200, height: 760 };

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-lcd-text'] });
}

export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors on the console, exceptions, violations of the content policy, requests to elsewhere. */
  readonly complaints: string[];
}

/** A page in a context of its own. @param origin the only place that it may ask anything of */
export async function watchedPage(browser: Browser, origin: string): Promise<Watched> {
  const context = await browser.newContext({ viewport: VIEWPORT, colorScheme: 'light' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.setDefaultTimeout(10_000);
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (e) => console.error('policy', e.violatedDirective, e.blockedURI))",
  );
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (e) => complaints.push(`exception: ${e.stack ?? e.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') complaints.push(`request to ${url.href}`);
  });
  return { page, context, complaints };
}

/** What can be operated and has no name that a screen reader could say. */
export async function nameless(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('button, input, select, textarea, a, [role=option], [role=tab]')]
    .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.closest('label')?.textContent.trim()))
    .map((one) => one.outerHTML.slice(0, 200))`);
}
