/** The page of /docs in a browser: found by search, tried by keyboard, light and dark, nothing from elsewhere. Skipped without Chromium. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import t from 'tap';
import { running } from '../running.js';

const CHROMIUM = '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : `${CHROMIUM} is not installed`;

t.test('what the page is sent with', async (t) => {
  const { url, close } = await running();
  for (const [path, type] of [
    ['/docs', 'text/html; charset=utf-8'],
    ['/docs/docs.css', 'text/css; charset=utf-8'],
    ['/docs/docs.js', 'text/javascript; charset=utf-8'],
    ['/docs/icon.svg', 'image/svg+xml'],
  ]) {
    const response = await fetch(url + path);
    t.equal(response.status, 200, path);
    t.equal(response.headers.get('content-type'), type);
    t.match(response.headers.get('content-security-policy'), /^default-src 'self';/);
    t.equal(response.headers.get('x-content-type-options'), 'nosniff');
  }
  await close();
});

t.test('in a browser', { skip }, async (t) => {
  const { url, close } = await running({}, { requirepass: 'secret' });
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  t.teardown(async () => {
    await browser.close();
    await close();
  });
  const page = await browser.newPage({ colorScheme: 'light' });
  const wrong: string[] = [];
  page.on('console', (message) => {
    // The browser's own line for a status of 4xx that the form has asked for.
    if (message.type() === 'error' && !message.text().includes('401')) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) wrong.push(request.url());
  });
  await page.goto(`${url}/docs`);
  await page.waitForSelector('nav button');
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const operations = Object.values(paths).reduce((n, methods) => n + Object.keys(methods).length, 0);
  t.equal(await page.locator('nav button').count(), operations, 'every operation is listed');

  await find(page, '/kv/set');
  t.equal(await page.locator('main h2').textContent(), 'POST /api/v1/kv/set');
  t.match(await page.locator('main pre').nth(1).textContent(), /"required": \[\s+"key",\s+"value"/);
  const fill = async (): Promise<void> => {
    await page.fill('#field-key', '<img src=x>');
    await page.fill('#field-value', 'a value');
    await page.selectOption('#field-nx', 'true');
    await page.press('#field-value', 'Enter');
  };
  await fill();
  t.match(await output(page, /^401/), /UNAUTHORIZED/);
  await page.fill('#token', 'secret');
  await fill();
  t.match(await output(page, /^200/), /"key": "<img src=x>",\s+"written": true/);
  t.equal(await page.locator('main img').count(), 0, 'what comes is text');

  await find(page, '/kv/get/{key}');
  await page.fill('#field-key', '<img src=x>');
  await page.press('#field-key', 'Enter');
  t.match(await output(page, /^200/), /"value": "a value"/);
  await find(page, 'kv/mget');
  await page.fill('#field-keys', '["<img src=x>", "none"]');
  await page.focus('main button[type=submit]');
  await page.keyboard.press('Enter');
  t.match(await output(page, /^200/), /"a value",\s+null/);

  const back = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await back();
  await page.emulateMedia({ colorScheme: 'dark' });
  t.not(await back(), light);
  await page.setViewportSize({ width: 400, height: 700 });
  t.notOk(
    await page.evaluate('document.documentElement.scrollWidth > innerWidth'),
    'nothing is cut off on a small screen',
  );
  t.same(wrong, []);
});

/** By keyboard alone: `/`, words, down to the first that is shown, Enter. */
async function find(page: Page, words: string): Promise<void> {
  await page.locator('main').focus();
  await page.keyboard.press('/');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(words);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForSelector('main h2');
}

async function output(page: Page, wanted: RegExp): Promise<string> {
  const element = page.locator('main pre').first();
  const text = async (): Promise<string> => (await element.textContent()) ?? '';
  for (let i = 0; i < 200 && !wanted.test(await text()); i++) await page.waitForTimeout(20);
  return text();
}
