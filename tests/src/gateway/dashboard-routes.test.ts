/** The routes of the dashboard without a browser: its files and their headers, what it asks about the gateway, commands as words. */
import t from 'tap';
import { Double, Push, ReplyError, Verbatim } from '../../../protocol/reply-reader.js';
import { Budget, typed } from '../../../src/gateway/dashboard/typed-reply.js';
import { command } from './dashboard-data.js';
import { running } from './running.js';

const ASSETS = new URL('../../../../src/gateway/dashboard/assets/', import.meta.url);

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/api/v1/console`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

t.test('the page and all that it names', async (t) => {
  const { url, close } = await running();
  const page = await fetch(url);
  t.match(page.headers.get('content-type'), /^text\/html/);
  t.equal(
    page.headers.get('content-security-policy'),
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; " +
      "base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  );
  const text = await page.text();
  t.notMatch(text, /<style|style=|<script(?![^>]*src=)|\son\w+=/, 'nothing inline');
  const seen = new Set<string>();
  const pending = [...text.matchAll(/(?:src|href)="(\/dashboard\/[^"]+)"/g)].map(([, path]) => path);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const response = await fetch(url + path);
    t.equal(response.status, 200, path);
    t.equal(response.headers.get('x-content-type-options'), 'nosniff');
    if (!path.endsWith('.js') || path.endsWith('uplot.js')) continue;
    const source = await response.text();
    t.notMatch(source, /innerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(/, `${path} makes no markup of text`);
    for (const [, target] of source.matchAll(/from '([^']+)'/g)) pending.push(new URL(target, url + path).pathname);
  }
  t.ok(seen.has('/dashboard/uplot.js') && seen.has('/dashboard/uplot.css') && seen.has('/dashboard/keys.js'));
  const again = await fetch(`${url}/dashboard/app.js`, {
    headers: { 'if-none-match': (await fetch(`${url}/dashboard/app.js`)).headers.get('etag')! },
  });
  t.equal(again.status, 304);
  t.equal((await fetch(`${url}/dashboard/..%2f..%2fpackage.json`)).status, 404);
  await close();
});

t.test('about', async (t) => {
  const { url, close } = await running({ readOnly: true, families: ['string', 'hash'] });
  const about = (await (await fetch(`${url}/api/v1/about`)).json()) as Record<string, unknown>;
  t.equal(about.version, '0.0.0-test');
  t.match(about.server, { redis: /^7\./, synap: /^\d/ });
  t.same(about.limits, { readOnly: true, families: ['string', 'hash'], prefixes: null });
  t.equal(about.databases, 16);
  const commands = about.commands as { name: string; group: string; write: boolean; syntax: string }[];
  t.ok(commands.every(({ group, write }) => ['string', 'hash'].includes(group) && !write));
  t.match(
    commands.find(({ name }) => name === 'GETRANGE'),
    { syntax: 'key start:int end:int', group: 'string' },
  );
  await close();
});

t.test('about tells nothing to those who must log in', async (t) => {
  const { url, close } = await running({ anonymous: false }, { requirepass: 'secret' });
  t.equal((await fetch(`${url}/api/v1/about`)).status, 401);
  t.equal((await fetch(`${url}/api/v1/about`, { headers: { authorization: 'Bearer wrong' } })).status, 401);
  t.equal((await post(url, { commands: [['PING']] })).status, 401);
  t.equal((await post(url, { commands: [['PING']] }, { authorization: 'Bearer wrong' })).status, 401);
  const about = await fetch(`${url}/api/v1/about`, { headers: { authorization: 'Bearer secret' } });
  t.match(await about.json(), { login: true });
  await close();
});

t.test('commands as words', async (t) => {
  const { url, redis, close } = await running({ batchLimit: 12 });
  const response = await post(url, {
    commands: [
      ['SET', 'a', { base64: '/wA=' }],
      ['GET', 'a'],
      ['HSET', 'h', 'f', 'ü'],
      ['HGETALL', 'h'],
      ['ZADD', 'z', '1.5', 'm', 'inf', 'n'],
      ['ZRANGE', 'z', '0', '-1', 'WITHSCORES'],
      ['GET', 'missing'],
      ['LPUSH', 'a', 'x'],
      ['NOSUCH', 'command'],
      ['SUBSCRIBE', 'channel'],
      ['SMEMBERS', 'none'],
    ],
  });
  t.same(await response.json(), {
    replies: [
      { type: 'status', value: 'OK' },
      { type: 'bytes', value: '/wA=' },
      { type: 'integer', value: 1 },
      {
        type: 'map',
        entries: [
          [
            { type: 'string', value: 'f' },
            { type: 'string', value: 'ü' },
          ],
        ],
      },
      { type: 'integer', value: 2 },
      {
        type: 'array',
        items: [
          {
            type: 'array',
            items: [
              { type: 'string', value: 'm' },
              { type: 'double', value: '1.5' },
            ],
          },
          {
            type: 'array',
            items: [
              { type: 'string', value: 'n' },
              { type: 'double', value: 'inf' },
            ],
          },
        ],
      },
      { type: 'null' },
      { type: 'error', value: 'WRONGTYPE Operation against a key holding the wrong kind of value', code: 'WRONGTYPE' },
      { type: 'error', value: "ERR unknown command 'NOSUCH', with args beginning with: 'command' ", code: 'ERR' },
      { type: 'error', value: "'subscribe' cannot be used in a single request", code: 'ERR' },
      { type: 'set', items: [] },
    ],
  });
  t.equal(await command(redis.port, 'STRLEN', 'a'), 2);
  await post(url, { commands: [['SET', 'b', '1']] }, { 'x-synap-db': '3' });
  t.equal(await command(redis.port, 'EXISTS', 'b'), 0, 'the database is that of the request');
  for (const body of [{}, { commands: 'PING' }, { commands: [] }, { commands: [[]] }, { commands: [[null]] }, [], 1])
    t.equal((await post(url, body)).status, 400, JSON.stringify(body));
  t.equal((await post(url, { commands: Array(13).fill(['PING']) })).status, 413);
  t.equal((await post(url, { commands: [['PING']] }, { origin: 'http://elsewhere.example' })).status, 403);
  await close();
});

t.test('limits hold here, too', async (t) => {
  const { url, close } = await running({ readOnly: true, prefixes: ['mine:'] });
  const response = await post(url, {
    commands: [
      ['SET', 'mine:a', 'b'],
      ['GET', 'other'],
      ['GET', 'mine:a'],
      ['KEYS', '*'],
    ],
  });
  const { replies } = (await response.json()) as { replies: { type: string; code?: string }[] };
  t.same(
    replies.map(({ type, code }) => code ?? type),
    ['FORBIDDEN', 'FORBIDDEN', 'null', 'FORBIDDEN'],
  );
  await close();
});

t.test('every kind of reply has its type, and no reply is too long', (t) => {
  const kinds: readonly (readonly [Parameters<typeof typed>[0], unknown])[] = [
    [12n ** 20n, { type: 'bignumber', value: (12n ** 20n).toString() }],
    [true, { type: 'boolean', value: true }],
    [new Double(Number.NaN), { type: 'double', value: 'nan' }],
    [new Double(Number.NEGATIVE_INFINITY), { type: 'double', value: '-inf' }],
    [new Verbatim('txt', Buffer.from('text')), { type: 'verbatim', value: 'text' }],
    [new Verbatim('txt', Buffer.from([0xff])), { type: 'bytes', value: '/w==' }],
    [new Push([1]), { type: 'push', items: [{ type: 'integer', value: 1 }] }],
    [new Set(['a']), { type: 'set', items: [{ type: 'status', value: 'a' }] }],
    [[new ReplyError('ERR x')], { type: 'array', items: [{ type: 'error', value: 'ERR x', code: 'ERR' }] }],
  ];
  for (const [value, expected] of kinds) t.same(typed(value, new Budget()), expected);
  const budget = new Budget();
  budget.bytes = 4;
  t.same(typed(Buffer.from('abcü!'), budget), { type: 'string', value: 'abc', length: 6 }, 'not within a character');
  t.same(typed(Buffer.from([0xff, 1]), budget), { type: 'bytes', value: '/w==', length: 2 });
  budget.items = 2;
  t.same(typed([1, 2, 3], budget), {
    type: 'array',
    items: [
      { type: 'integer', value: 1 },
      { type: 'integer', value: 2 },
    ],
    more: 1,
  });
  t.same(typed(new Map([['a', 1]]), budget), { type: 'map', entries: [], more: 1 });
  t.end();
});

t.test('a command line as words', async (t) => {
  const { split, quote } = (await import(new URL('words.js', ASSETS).href)) as {
    split(line: string): unknown[];
    quote(text: string): string;
  };
  const words = (line: string): unknown => JSON.parse(JSON.stringify(split(line)));
  t.same(words('  set a   b '), ['set', 'a', 'b']);
  t.same(words('set "a b" \'c d\''), ['set', 'a b', 'c d']);
  t.same(words('a "\\n\\t\\"\\\\" \'it\\\'s\' ""'), ['a', '\n\t"\\', "it's", '']);
  t.same(words('get "\\xff\\x00"'), ['get', { base64: '/wA=' }]);
  t.same(words('get "\\x41"'), ['get', 'A']);
  t.same(words('get "ü\\xff"'), ['get', { base64: Buffer.from([0xc3, 0xbc, 0xff]).toString('base64') }]);
  t.throws(() => split('get "a'), { message: 'a quote is not closed' });
  t.equal(quote('a"\n\\'), '"a\\"\\n\\\\"');
});
