/** The dashboard where not everything may be done: with a login, in front of a gateway with limits, in front of a plain Redis. */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { StartedServer } from '../../../compat-suite/started-server.js';
import { startGateway } from '../../../src/gateway/gateway.js';
import { watchedPage } from './browser.js';
import { command, OWN } from './dashboard-data.js';
import { answer, browser, look, NO_BROWSER, openKey, SCREENS } from './dashboard-world.js';

look(
  'a login',
  { gateway: { anonymous: false }, server: { requirepass: 'a: secret' } },
  async (t, { page, complaints }) => {
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    t.equal(await page.getByRole('alert').count(), 0, 'the first visit is no mistake');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('WRONGPASS').waitFor();
    // The browser itself tells of each 401.
    t.ok(complaints.every((line) => line.includes('401')));
    complaints.length = 0;
    await page.getByLabel('Password').fill('a: secret');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    t.equal(await page.evaluate('sessionStorage.length > 0 && !JSON.stringify(localStorage).includes("login")'), true);
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    complaints.length = 0;
  },
);

look('a gateway that only reads hides what changes', { gateway: { readOnly: true } }, async (t, { page, goTo }) => {
  await page.getByText('Read only').waitFor();
  const changing = page.locator('main').getByRole('button', {
    name: /New|Save|Delete|Edit|Remove|Add|Rename|Expiry|Publish|Purge|Requeue|Empty|^End/,
  });
  for (const screen of SCREENS) {
    await goTo(screen);
    t.equal(await changing.count(), 0, screen);
  }
  await goTo('Keys');
  for (const key of ['greeting', 'user:1', 'jobs', 'tags', 'board', ...(OWN ? ['mail', 'events'] : [])]) {
    await openKey(page, key);
    await page.locator('.split textarea, .split table').first().waitFor();
    t.equal(await changing.count(), 0, key);
  }
  await goTo('Console');
  await page.getByLabel('Command', { exact: true }).fill('set a b');
  await page.keyboard.press('Enter');
  await page
    .locator('.output')
    .getByText(/not allowed here/)
    .waitFor();
});

look('a gateway with limits shows what it may', { gateway: { prefixes: ['user:'] } }, async (_t, { page, goTo }) => {
  await page.getByRole('alert').first().waitFor();
  await goTo('Keys');
  await openKey(page, 'user:1');
  await page.getByRole('cell', { name: 'ann' }).waitFor();
});

const installed = spawnSync('redis-server', ['--version']).status === 0;
t.test('a Redis', { skip: NO_BROWSER || (!installed && 'redis-server is not installed') }, async (t) => {
  const server = await StartedServer.start('redis', 'redis-server --port {port} --dir {dir} --save ""');
  const gateway = await startGateway({ url: `redis://127.0.0.1:${server.port}`, port: 0 }, '0');
  const url = `http://127.0.0.1:${gateway.port}`;
  const { page, context, complaints } = await watchedPage(await browser(), url);
  await command(server.port, 'HSET', 'user:1', 'name', 'ann');
  await page.goto(url);
  await page.locator('.chart [aria-label^="Latency: p50"]').waitFor();
  t.same(await page.locator('.side nav a').allTextContents(), ['Overview', 'Keys', 'Slow log', 'Clients', 'Console']);
  await page.getByRole('link', { name: 'Keys' }).click();
  await openKey(page, 'user:1');
  await page.getByRole('button', { name: 'Edit name' }).click();
  await answer(page, { value: 'bea' }, 'Save');
  await page.getByRole('cell', { name: 'bea' }).waitFor();
  t.equal(await command(server.port, 'HGET', 'user:1', 'name'), 'bea');
  t.same(complaints, []);
  await context.close();
  await gateway.close();
  await server.stop();
});
