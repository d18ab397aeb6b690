/**
 * The dashboard in a browser: every screen with data of every type, a value of each type changed, by mouse and by the keyboard alone;
 * nothing on the console, nothing against the content policy, nothing asked of another origin.
 *
 *   SCREENSHOTS=1 node dist/tests/src/gateway/dashboard.test.js        writes docs/screenshots/*.png
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { nameless } from './browser.js';
import { command, commands, OWN } from './dashboard-data.js';
import { answer, inDialog, look, openKey, SCREENS } from './dashboard-world.js';
import { palettePng } from './palette-png.js';

const SHOTS = process.env.SCREENSHOTS === '1';
const FOLDER = new URL('../../../../docs/screenshots/', import.meta.url).pathname;

look('every screen shows what the server has', {}, async (t, { page, goTo, run }) => {
  await command(run.redis.port, 'CONFIG', 'SET', 'slowlog-log-slower-than', '0');
  await command(run.redis.port, 'STRLEN', 'greeting');
  await command(run.redis.port, 'CONFIG', 'SET', 'slowlog-log-slower-than', '100000000');
  const shows: Readonly<Record<string, readonly string[]>> = {
    Overview: ['Commands/s', 'Hit rate', 'zset', 'Persistence', 'as SCAN gave them'],
    Keys: ['user:1', 'zset', OWN ? 'queue' : 'hash'],
    Queues: ['mail', 'In flight'],
    Topics: ['events', 'Partitions'],
    'Slow log': ['STRLEN greeting'],
    Clients: ['127.0.0.1', 'synap-gateway'],
    Console: ['Tab completes'],
  };
  for (const screen of SCREENS) {
    await goTo(screen);
    for (const text of shows[screen])
      await page.locator('main').getByText(text).filter({ visible: true }).first().waitFor();
    t.same(await nameless(page), [], `everything on ${screen} has a name`);
    t.equal(await page.title(), `${screen} · Synap`);
    await page.setViewportSize({ width: 375, height: 700 });
    const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    t.equal(wide, 0, `${screen} fits a phone`);
    await page.setViewportSize({ width: 1200, height: 760 });
  }
  await goTo('Overview');
  await page.locator('.chart canvas').nth(3).waitFor();
  await page.locator('.chart [aria-label^="Latency: p50"]').waitFor();
  await goTo('Slow log');
  await page.getByRole('button', { name: 'Empty' }).click();
  await answer(page, {}, 'Empty');
  await page.getByText('Nothing was slow.').waitFor();
  t.equal(await command(run.redis.port, 'SLOWLOG', 'LEN'), 0);
  await goTo('Clients');
  await page.getByLabel('Filter').fill('no such client');
  await page.getByText(/^0 of \d/).waitFor();
});

look('a value of each type is changed', {}, async (t, { page, goTo, run }) => {
  const { port } = run.redis;
  const button = (name: string): Locator => page.locator('.split').getByRole('button', { name, exact: true });
  const is = async (words: string[], expected: unknown): Promise<void> =>
    void t.same(await command(port, ...words), expected, words.join(' '));
  await goTo('Keys');

  await openKey(page, 'greeting');
  await page.getByLabel('Value', { exact: true }).fill('changed');
  await button('Save').click();
  await page.getByText('Saved').waitFor();
  await is(['GET', 'greeting'], 'changed');
  t.ok(Number(await command(port, 'TTL', 'greeting')) > 0, 'it still ends');
  await page.getByRole('tab', { name: 'Hex' }).click();
  await page.getByLabel('Value', { exact: true }).fill('68 69');
  await button('Save').click();
  await page.getByText('2 B', { exact: true }).waitFor();
  await is(['GET', 'greeting'], 'hi');

  await openKey(page, 'json');
  await page.getByRole('tab', { name: 'JSON', selected: true }).waitFor();
  t.match(await page.getByLabel('Value', { exact: true }).inputValue(), /\n {2}"a"/);
  await page.getByLabel('Value', { exact: true }).fill('{ "b":\n 2 }');
  await button('Save').click();
  await page.getByText('7 B', { exact: true }).waitFor();
  await is(['GET', 'json'], '{"b":2}');

  await openKey(page, 'user:1');
  await button('Edit name').click();
  await answer(page, { value: 'bea' }, 'Save');
  await page.getByRole('cell', { name: 'bea', exact: true }).waitFor();
  await is(['HGET', 'user:1', 'name'], 'bea');
  await button('Expiry name').click();
  await answer(page, { seconds: '500' }, 'Expiry');
  await page.getByText(/^8 min/).waitFor();
  await button('Add field').click();
  await answer(page, { field: 'new', value: 'x' }, 'Add');
  await button('Remove new').click();
  await answer(page, {}, 'Remove');
  await is(['HEXISTS', 'user:1', 'new'], 0);

  await openKey(page, 'jobs');
  await button('Edit 1').click();
  await answer(page, { value: 'B' }, 'Save');
  await button('Remove 0').click();
  await answer(page, {}, 'Remove');
  await button('Add at tail').click();
  await answer(page, { value: 'last' }, 'Add');
  await page.getByRole('cell', { name: 'last', exact: true }).waitFor();
  await is(['LRANGE', 'jobs', '0', '-1'], ['B', 'c', 'last']);

  await openKey(page, 'tags');
  await button('Edit x').click();
  await answer(page, { member: 'z' }, 'Save');
  await page.getByRole('cell', { name: 'z', exact: true }).waitFor();
  await is(['SMISMEMBER', 'tags', 'x', 'z'], [0, 1]);

  await openKey(page, 'board');
  await button('Edit ann').click();
  await answer(page, { score: '1.5' }, 'Save');
  await page.getByRole('cell', { name: '1.5', exact: true }).waitFor();
  await is(['ZSCORE', 'board', 'ann'], '1.5');

  await openKey(page, 'bytes');
  await button('Edit \\xff\\x00').click();
  await answer(page, { value: '\\xfeA' }, 'Save');
  await page.getByRole('cell', { name: '\\xfeA', exact: true }).waitFor();
  t.same(await command(port, 'HSTRLEN', 'bytes', Buffer.from([0xff, 0])), 2, 'bytes stay bytes');
});

look('keys are made, renamed, given an end, and deleted', {}, async (t, { page, goTo, run }) => {
  const { port } = run.redis;
  await goTo('Keys');
  for (const [type, values] of Object.entries({
    string: { value: 'v' },
    hash: { field: 'f', value: 'v' },
    list: { value: 'v' },
    set: { value: 'v' },
    zset: { value: 'v', score: '2' },
    ...(OWN ? { queue: {}, topic: { partitions: '2' } } : {}),
  })) {
    await page.getByRole('button', { name: 'New key' }).click();
    await inDialog(page).getByLabel('Type').selectOption(type);
    await inDialog(page).getByRole('button', { name: 'Next' }).click();
    await inDialog(page)
      .getByRole('heading', { name: `New ${type}`, exact: true })
      .waitFor();
    await answer(page, { key: `new ${type}`, ...values }, 'Create');
    await page
      .locator('.split')
      .getByRole('heading', { name: `new ${type}`, exact: true })
      .waitFor();
    t.equal(await command(port, 'TYPE', `new ${type}`), type);
  }
  await openKey(page, 'greeting');
  await page.getByRole('button', { name: 'Rename' }).click();
  await inDialog(page).locator('[name=name]').fill('json');
  await inDialog(page).getByRole('button', { name: 'Rename' }).click();
  await inDialog(page).getByRole('alert').getByText('There is a key of that name').waitFor();
  await answer(page, { name: 'other name' }, 'Rename');
  await page.locator('.split').getByRole('heading', { name: 'other name' }).waitFor();
  await page.getByRole('button', { name: 'Expiry', exact: true }).click();
  await answer(page, { seconds: '' }, 'Save');
  await page.getByText('for ever', { exact: true }).waitFor();
  t.equal(await command(port, 'TTL', 'other name'), -1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await inDialog(page).getByRole('button', { name: 'Cancel' }).click();
  t.equal(await command(port, 'EXISTS', 'other name'), 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await answer(page, {}, 'Delete');
  await page.getByText('Choose a key.').waitFor();
  t.equal(await command(port, 'EXISTS', 'other name'), 0);
  await page.getByLabel('Type', { exact: true }).selectOption('list');
  await page.getByText('2 found').waitFor();
  t.same((await page.locator('[role=option] .mono').allTextContents()).sort(), ['jobs', 'new list']);
});

look('queues and topics', { skip: !OWN && 'the server has neither' }, async (t, { page, goTo, run }) => {
  const { port } = run.redis;
  const main = page.locator('main');
  await goTo('Queues');
  await main.getByRole('button', { name: 'mail', exact: true }).click();
  await main.getByRole('button', { name: 'Requeue 1', exact: true }).click();
  await page.getByText('Put back', { exact: true }).waitFor();
  await main.getByRole('button', { name: 'Publish', exact: true }).click();
  await answer(page, { payload: 'by hand', priority: '9', headers: 'to: ann\nfrom: bob' }, 'Publish');
  const next = main.getByRole('table', { name: 'Next messages' });
  await next.getByText('by hand').waitFor();
  t.match(await next.locator('tbody tr').first().textContent(), /by hand.*to: ann, from: bob/);
  await main.getByRole('button', { name: 'Purge', exact: true }).click();
  await answer(page, {}, 'Purge');
  await page.getByText(/^\d+ removed$/).waitFor();
  t.same(await command(port, 'QUEUE.PEEK', 'mail'), []);
  await main.getByRole('button', { name: 'New queue' }).click();
  await answer(page, { key: 'made', MAXDEPTH: '5' }, 'Create');
  await main.getByRole('heading', { name: 'made' }).waitFor();
  t.equal(await command(port, 'TYPE', 'made'), 'queue');

  await goTo('Topics');
  await main.getByRole('button', { name: 'events', exact: true }).click();
  await main.getByRole('button', { name: 'Publish', exact: true }).click();
  await answer(page, { data: 'by hand', key: 'k', type: 'note' }, 'Publish');
  await page.getByText(/^Published to partition/).waitFor();
  await main.getByText(/4 behind/).waitFor();
  await main.getByRole('button', { name: 'New group' }).click();
  await answer(page, { group: 'late', start: 'LATEST' }, 'Create');
  await main.getByText('late', { exact: true }).waitFor();
  t.equal(await command(port, 'TOPIC.GROUP.DELETE', 'events', 'late'), 1);
});

look('nothing that the server says is markup', {}, async (t, { page, goTo, run }) => {
  const evil = '<img src=x onerror=alert(1)>';
  await command(run.redis.port, 'HSET', evil, evil, evil);
  page.on('dialog', () => t.fail('a script has run'));
  await goTo('Keys');
  await openKey(page, evil);
  await page.getByRole('cell', { name: evil }).first().waitFor();
  await goTo('Console');
  await page.getByLabel('Command', { exact: true }).fill(`hgetall "${evil}"`);
  await page.keyboard.press('Enter');
  await page.locator('.output details').waitFor();
  t.equal(await page.locator('img').count(), 0);
});

look('the console', {}, async (t, { page, goTo, run }) => {
  await goTo('Console');
  const input = page.getByLabel('Command', { exact: true });
  const output = page.locator('.output');
  const send = async (line: string, expected: string | RegExp): Promise<void> => {
    await input.fill(line);
    await page.keyboard.press('Enter');
    await output.locator('.entry').last().getByText(expected).first().waitFor();
  };
  await send('set "a b" \'c\' ex 100', 'OK');
  t.equal(await command(run.redis.port, 'GET', 'a b'), 'c');
  await send('hgetall user:1', 'map of 2');
  await send('zscore board ann', '(double) 10');
  await send('get nothing', '(nil)');
  await send('lpush greeting x', /^\(error\) WRONGTYPE/);
  await send('set "unclosed', 'a quote is not closed');
  await send('get "\\xff\\x00"', '(nil)');
  await input.fill('zrangebysc');
  await page.keyboard.press('Tab');
  t.equal(await input.inputValue(), 'ZRANGEBYSCORE ');
  await page.getByText(/^ZRANGEBYSCORE key min max/).waitFor();
  await input.fill('');
  await page.keyboard.press('ArrowUp');
  t.equal(await input.inputValue(), 'get "\\xff\\x00"');
  await input.fill('blpop never 0');
  await page.keyboard.press('Enter');
  await output.getByText('…').waitFor();
  await page.keyboard.press('Escape');
  await output.getByText('Stopped.').waitFor();
});

look('light and dark', {}, async (t, { page }) => {
  const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await ground();
  t.not(light, dark);
  await page.getByLabel('Colours').selectOption('light');
  t.equal(await ground(), light, 'the switch is above the system');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.getByLabel('Colours').selectOption('dark');
  t.equal(await ground(), dark);
  await page.reload();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  t.equal(await ground(), dark, 'it is remembered');
});

look('by the keyboard alone', {}, async (t, { page, run }) => {
  const { keyboard } = page;
  const focused = (): Promise<string> =>
    page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent');
  const tabTo = async (name: string): Promise<void> => {
    for (let i = 0; i < 30 && (await focused()) !== name; i++) await keyboard.press('Tab');
    t.equal(await focused(), name, `Tab reaches ${name}`);
    t.not(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none', 'the focus is seen');
  };
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await keyboard.press('?');
  await inDialog(page).getByText('Through a list').waitFor();
  await keyboard.press('Escape');
  await inDialog(page).waitFor({ state: 'detached' });
  await keyboard.press('g');
  await keyboard.press('k');
  await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor();
  await keyboard.press('/');
  t.equal(await focused(), 'Pattern');
  await keyboard.press('Control+A');
  await keyboard.type('*o*');
  await keyboard.press('Enter');
  await page.getByText(/^\d+ found$/).waitFor();
  const names = await page.locator('[role=option] .mono').allTextContents();
  t.ok(names.includes('board') && !names.includes('tags'));
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  for (let i = 0; i < names.indexOf('board'); i++) await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await page.locator('.split').getByRole('heading', { name: 'board' }).waitFor();
  await page.getByRole('button', { name: 'Edit bob' }).waitFor();
  await tabTo('Edit bob');
  await keyboard.press('Enter');
  await inDialog(page).waitFor();
  await keyboard.press('Control+A');
  await keyboard.type('42');
  await keyboard.press('Enter');
  await inDialog(page).waitFor({ state: 'detached' });
  await page.getByRole('cell', { name: '42', exact: true }).waitFor();
  t.equal(await command(run.redis.port, 'ZSCORE', 'board', 'bob'), '42');
  t.equal(await focused(), 'Edit bob', 'the focus is where it was');
  await keyboard.press('g');
  await keyboard.press('x');
  await page.getByRole('heading', { name: 'Console' }).waitFor();
  await keyboard.type('ping');
  await keyboard.press('Enter');
  await page.locator('.output').getByText('PONG').waitFor();
});

look('screenshots', { skip: !SHOTS && 'SCREENSHOTS=1 writes them' }, async (t, { page, goTo, run }) => {
  mkdirSync(FOLDER, { recursive: true });
  const shot = async (name: string): Promise<void> => {
    const png = palettePng(await page.screenshot());
    t.ok(png.length <= 60 * 1024, `${name} is small`);
    writeFileSync(`${FOLDER}${name}.png`, png);
  };
  let written = 0;
  const load = setInterval(() => {
    const some = Array.from({ length: 40 + 60 * Math.random() }, () => ['HINCRBY', 'pages', `/page/${written++}`, '1']);
    commands(run.redis.port, [...some, ['GET', 'greeting']]).catch(() => {});
  }, 50);
  await page.waitForTimeout(50_000);
  await shot('overview');
  clearInterval(load);
  await goTo('Keys');
  await openKey(page, 'user:1');
  await page.getByRole('cell', { name: 'ann' }).waitFor();
  await shot('keys');
  if (!OWN) return;
  await goTo('Queues');
  await page.locator('main').getByRole('button', { name: 'mail', exact: true }).click();
  await page.getByText('Dead letters').waitFor();
  await shot('queues');
});
