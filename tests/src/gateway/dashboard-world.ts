/** What the tests of the dashboard in a browser share: a page in front of a server with data, and what one does on it. */
import type { Browser, Locator, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { stopAllOnExit } from '../../../compat-suite/started-server.js';
import type { GatewayOptions } from '../../../src/gateway/options.js';
import type { Options } from '../../../src/index.js';
import { hasChromium, startBrowser, type Watched, watchedPage } from './browser.js';
import { OWN, seed } from './dashboard-data.js';
import { type Running, running } from './running.js';

export const SCREENS = ['Overview', 'Keys', ...(OWN ? ['Queues', 'Topics'] : []), 'Slow log', 'Clients', 'Console'];
/** Why a test is left out; false when it is not. */
export const NO_BROWSER = hasChromium ? false : 'there is no Chromium';

t.setTimeout(180_000);
stopAllOnExit();
let started: Promise<Browser> | undefined;
t.teardown(async () => (await started)?.close());

/** The browser of this file, started when it is first needed. */
export function browser(): Promise<Browser> {
  return (started ??= startBrowser());
}

export interface World extends Watched {
  readonly run: Running;
  goTo(screen: string): Promise<void>;
}

export interface Setting {
  readonly gateway?: GatewayOptions;
  readonly server?: Options;
  /** Why not. */
  readonly skip?: string | false;
}

/** A test with a page in front of a server with data. At its end there must be no complaint. */
export function look(name: string, setting: Setting, body: (test: Test, world: World) => Promise<void>): void {
  const { gateway = {}, server = {}, skip = false } = setting;
  t.test(name, { skip: NO_BROWSER || skip }, async (test) => {
    const run = await running(gateway, server);
    const watched = await watchedPage(await browser(), run.url);
    const { page, context, complaints } = watched;
    const goTo = async (screen: string): Promise<void> => {
      await page.locator('.side nav').getByRole('link', { name: screen, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: screen, exact: true }).waitFor();
    };
    try {
      await seed(run.redis.port, server.requirepass);
      await page.goto(run.url);
      await body(test, { ...watched, run, goTo });
      test.same(complaints, [], 'nothing to complain of');
    } finally {
      await context.close();
      await run.close();
    }
  });
}

export function inDialog(page: Page): Locator {
  return page.locator('dialog[open]');
}

/** Fills in the dialog that is open, sends it, and waits until it has closed. */
export async function answer(page: Page, values: Readonly<Record<string, string>>, submit: string): Promise<void> {
  const dialog = inDialog(page);
  for (const [name, value] of Object.entries(values)) {
    const field = dialog.locator(`[name="${name}"]`);
    if ((await dialog.locator(`select[name="${name}"]`).count()) > 0) await field.selectOption(value);
    else await field.fill(value);
  }
  await dialog.getByRole('button', { name: submit, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

export async function openKey(page: Page, key: string): Promise<void> {
  await page.locator('[role=option]', { hasText: key }).first().click();
  await page.locator('.split').getByRole('heading', { name: key, exact: true }).waitFor();
}
