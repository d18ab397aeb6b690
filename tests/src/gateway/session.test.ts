/** What requests share and what they do not: links, transactions, commands that wait, limits on keys and families. */
import t from 'tap';
import { ReplyError, type ReplyValue } from '../../../protocol/reply-reader.js';
import { Access, type Limits } from '../../../src/gateway/access.js';
import { commandMap } from '../../../src/gateway/commands.js';
import { Failure } from '../../../src/gateway/failure.js';
import { LinkPool } from '../../../src/gateway/link-pool.js';
import { settings } from '../../../src/gateway/options.js';
import { Session } from '../../../src/gateway/session.js';
import { createServer, type Options } from '../../../src/index.js';

const COMMANDS = commandMap();

async function world(limits: Limits = {}, ofServer: Options = {}, waiting = 10, loginMs?: number) {
  const server = await createServer(ofServer);
  const pool = new LinkPool(settings({ url: `redis://127.0.0.1:${server.port}` }).target, waiting, loginMs);
  let stop = (): void => {};
  const session = (db = 0, password?: string): Session =>
    new Session(COMMANDS, pool, new Access(limits), { db, password }, (gone) => {
      stop = gone;
      return () => {};
    });
  const close = async (): Promise<void> => {
    pool.close();
    await server.close();
  };
  return { server, pool, session, close, leave: () => stop() };
}

function text(value: ReplyValue): string {
  return Buffer.from(value as Uint8Array).toString();
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (e) => (e instanceof Failure ? e.code : String(e)),
  );
}

t.test('commands of one login share a link, databases and users do not', async (t) => {
  const w = await world();
  await Promise.all(Array.from({ length: 50 }, (_, i) => w.session().run(['SET', `k${i}`, String(i)])));
  t.equal(w.server.clients.size, 1);
  await w.session(3).run(['SET', 'k0', 'three']);
  t.equal(w.server.clients.size, 2);
  t.equal(text(await w.session().run(['GET', 'k0'])), '0');
  t.equal(text(await w.session(3).run(['GET', 'k0'])), 'three');
  t.equal(await code(w.session(16).run(['GET', 'k0'])), 'ERR', 'no such database');
  await w.close();
});

t.test('a password opens what no password does not', async (t) => {
  const w = await world({}, { requirepass: 'secret' });
  t.equal(await code(w.session().run(['GET', 'k'])), 'NOAUTH');
  t.equal(await code(w.session(0, 'wrong').run(['GET', 'k'])), 'WRONGPASS');
  t.equal(await w.session(0, 'secret').run(['GET', 'k']), null);
  t.equal(await code(w.session().run(['GET', 'k'])), 'NOAUTH', 'still');
  await w.close();
});

t.test('a password that is one no more opens nothing for long', async (t) => {
  const w = await world({}, { requirepass: 'secret' }, 10, 20);
  const session = (): Session => w.session(0, 'secret');
  await session().transaction([['PING']]);
  await session().run(['CONFIG', 'SET', 'requirepass', 'other']);
  const ways = [() => session().run(['GET', 'k']), () => session().transaction([['PING']])];
  for (const way of ways) {
    let answer = 'none';
    for (let i = 0; i < 200 && answer === 'none'; i++) {
      answer = await code(way());
      await new Promise((done) => setTimeout(done, 5));
    }
    t.equal(answer, 'WRONGPASS');
  }
  t.equal(await code(w.session(0, 'other').run(['GET', 'k'])), 'none');
  await w.session(0, 'other').transaction([['PING']]);
  for (let i = 0; i < 200 && w.server.clients.size > 0; i++) await new Promise((done) => setTimeout(done, 5));
  t.equal(w.server.clients.size, 0, 'and links that nobody uses are closed');
  await w.close();
});

t.test('a password may be any text', async (t) => {
  const w = await world({}, { requirepass: 'gräve €' });
  t.equal(await w.session(0, 'gräve €').run(['GET', 'k']), null);
  t.equal(await code(w.session(0, 'grave').run(['GET', 'k'])), 'WRONGPASS');
  await w.close();
});

t.test('what waits holds up nobody, and takes nothing once its peer has gone', async (t) => {
  const w = await world();
  const waits = w.session().call(['BLPOP', 'q', '0']);
  await w.session().run(['SET', 'k', 'v']);
  while (w.server.clients.size < 2) await new Promise((done) => setTimeout(done, 1));
  w.leave();
  t.equal(await code(waits), 'UNAVAILABLE');
  while (w.server.clients.size > 1) await new Promise((done) => setTimeout(done, 1));
  await w.session().run(['RPUSH', 'q', 'item']);
  t.equal(await w.session().run(['LLEN', 'q']), 1);
  await w.close();
});

t.test('links that were lent are kept for the next one, but not for everybody who ever came', async (t) => {
  const w = await world({}, { databases: 700 });
  for (let db = 0; db < 600; db++) await w.session(db).transaction([['PING']]);
  t.ok(w.pool.figures.open <= 513, `${w.pool.figures.open} are open`);
  t.equal(w.pool.figures.lent, 0);
  await w.close();
});

t.test('only so many wait at a time', async (t) => {
  const w = await world({}, {}, 2);
  const waits = [w.session().call(['BLPOP', 'q', '0']), w.session().call(['BLPOP', 'q', '0'])];
  t.equal(await code(w.session().call(['BLPOP', 'q', '0'])), 'BUSY');
  await w.session().run(['RPUSH', 'q', 'a', 'b']);
  t.equal((await Promise.all(waits)).length, 2);
  await w.session().run(['RPUSH', 'q', 'c']);
  t.ok(await w.session().call(['BLPOP', 'q', '0']), 'a place is free again');
  await w.close();
});

t.test('a transaction is all or nothing', async (t) => {
  const w = await world();
  const replies = await w.session().transaction([
    ['SET', 'a', '1'],
    ['LPUSH', 'a', 'x'],
    ['INCR', 'a'],
  ]);
  t.equal(replies[0], 'OK');
  t.ok(replies[1] instanceof ReplyError);
  t.equal(replies[2], 2);
  const refused = w.session().transaction([
    ['SET', 'a', '9'],
    ['GET', 'a', 'b'],
  ]);
  t.equal(await code(refused), 'ERR');
  t.equal(text(await w.session().run(['GET', 'a'])), '2');
  const links = w.server.clients.size;
  await w.session().transaction([['PING']]);
  t.equal(w.server.clients.size, links, 'the link is used again');
  await w.close();
});

t.test('a pipeline answers each command for itself', async (t) => {
  const w = await world();
  const [set, wrong, unknown, get] = await w
    .session()
    .pipeline([['SET', 'a', '1'], ['LPUSH', 'a', 'x'], ['NOPE'], ['GET', 'a']]);
  t.equal(set, 'OK');
  t.ok(wrong instanceof ReplyError);
  t.ok(unknown instanceof Failure);
  t.equal(text(get as ReplyValue), '1');
  await w.close();
});

t.test('in a pipeline, what may wait begins when those before it have ended', async (t) => {
  const w = await world();
  await w.session().run(['QUEUE.CREATE', 'q']);
  const spare = w.session().call(['BLPOP', 'a', 'b', '0']);
  await w.session().run(['LPUSH', 'a', 'x']);
  await spare;
  // So much that the server takes it in pieces, and looks at other links between them.
  const much = Buffer.alloc(4 << 20);
  await w.session().run(['RPUSH', 'list', 'old']);
  const [, , , popped] = await w.session().pipeline([
    ['SET', 'much', much],
    ['DEL', 'list'],
    ['RPUSH', 'list', 'new'],
    ['BLPOP', 'list', '0'],
  ]);
  t.equal(text((popped as ReplyValue[])[1]), 'new');
  const [, , messages] = await w.session().pipeline([
    ['SET', 'much', much],
    ['QUEUE.PUBLISH', 'q', 'm'],
    ['QUEUE.CONSUME', 'q', 'c', 'NOACK'],
  ]);
  t.equal((messages as ReplyValue[] | null)?.length, 1);
  await w.close();
});

t.test('commands about the connection are refused', async (t) => {
  const w = await world();
  const names = [
    'AUTH x',
    'HELLO 2',
    'SELECT 1',
    'RESET',
    'QUIT',
    'MONITOR',
    'MULTI',
    'EXEC',
    'WATCH a',
    'SUBSCRIBE a',
    'CLIENT REPLY OFF',
  ];
  for (const line of names) t.equal(await code(w.session().call(line.split(' '))), 'ERR', line);
  const foreign = new Session(COMMANDS, w.pool, new Access({}), { db: 0 }, () => () => {}, { foreign: true });
  const debugging = foreign.call(['SCRIPT', 'DEBUG', 'YES']);
  await t.rejects(debugging, { message: /cannot be used in a single request/ }, 'nor where the server may know more');
  t.equal(await w.session().run(['PING']), 'PONG');
  await w.close();
});

t.test('read only, and families', async (t) => {
  const w = await world({ readOnly: true, families: ['string', 'connection'] });
  t.equal(await code(w.session().call(['SET', 'a', '1'])), 'FORBIDDEN');
  t.equal(await w.session().call(['GET', 'a']), null);
  t.equal(await code(w.session().call(['HGETALL', 'a'])), 'FORBIDDEN');
  t.equal(await code(w.session().transaction([['SET', 'a', '1']])), 'FORBIDDEN');
  await w.close();
});

t.test('keys with a prefix only', async (t) => {
  const w = await world({ prefixes: ['app:', 'a*'] });
  const allowed = [
    'SET app:1 x',
    'MGET app:1 app:2',
    'SCAN 0 MATCH app:*',
    'SCAN 0 MATCH a\\*x',
    'ZUNION 1 app:z',
    'GET a*b',
    'SORT app:l',
  ];
  const refused = [
    'SET other x',
    'MGET app:1 other',
    'SCAN 0',
    'SCAN 0 MATCH *',
    'SCAN 0 MATCH a*',
    'SCAN 0 MATCH app:* MATCH *',
    'KEYS *',
    'RANDOMKEY',
    'FLUSHALL',
    'CONFIG GET *',
    'GET ab',
    'SORT app:l BY other_*',
    'SORT app:l GET other',
    'ZUNION 2 app:z other',
    'RENAME app:1 other',
  ];
  for (const line of allowed) t.not(await code(w.session().call(line.split(' '))), 'FORBIDDEN', line);
  for (const line of refused) t.equal(await code(w.session().call(line.split(' '))), 'FORBIDDEN', line);
  await w.close();
});

t.test('when the server goes, requests fail, and when it is back they work', async (t) => {
  const w = await world();
  await w.session().run(['SET', 'a', '1']);
  const { port } = w.server;
  await w.server.close();
  t.equal(await code(w.session().run(['GET', 'a'])), 'UNAVAILABLE');
  const again = await createServer({ port });
  t.equal(await w.session().run(['GET', 'a']), null);
  w.pool.close();
  await again.close();
});

t.test('a script that does not end keeps nobody from being told so, nor from ending it', async (t) => {
  const w = await world();
  await w.session().run(['CONFIG', 'SET', 'busy-reply-threshold', '1']);
  const forever = w.session().call(['EVAL', 'while true do end', '0']);
  while ((await code(w.session().run(['GET', 'k']))) !== 'BUSY') await new Promise((done) => setTimeout(done, 1));
  t.equal(await w.session().run(['SCRIPT', 'KILL']), 'OK');
  t.ok((await forever) instanceof ReplyError);
  const batch = w.session().pipeline([
    ['SET', 'k', 'v'],
    ['EVAL', 'return redis.call("GET", KEYS[1])', '1', 'k'],
    ['DEL', 'k'],
    ['EVAL', 'return redis.call("EXISTS", KEYS[1])', '1', 'k'],
  ]);
  const replies = await batch;
  t.equal(text(replies[1] as ReplyValue), 'v', 'in their order');
  t.equal(replies[3], 0);
  await w.close();
});

t.test('a status of any length is a reply like others', async (t) => {
  const w = await world();
  const script = 'return redis.status_reply(string.rep("x", 1000000))';
  const [long, next] = await Promise.all([
    w.session().run(['EVAL', script, '0']),
    w.session().run(['EVAL', 'return 1', '0']),
  ]);
  t.equal((long as string).length, 1_000_000);
  t.equal(next, 1);
  await w.close();
});
