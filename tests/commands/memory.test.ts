/** MEMORY, and the accounts behind it: what is added is given back, to the byte. */
import net from 'node:net';
import t from 'tap';
import { createServer } from '../../src/index.js';
import { Session } from './session.js';

t.test('USAGE: arguments, and bytes that are those of the arena', async (t) => {
  const s = new Session();
  t.equal(s.ask('MEMORY USAGE none'), null);
  s.ask('SET k v');
  t.equal(s.ask('MEMORY USAGE k'), 24, 'a block of 16 and a slot');
  t.equal(s.ask('MEMORY USAGE k SAMPLES 0'), 24);
  t.equal(s.ask('MEMORY USAGE k samples 3 SAMPLES 1'), 24);
  for (const wrong of ['SAMPLES', 'SAMPLES -1', 'FOO 1', 'SAMPLES 1 FOO'])
    t.equal(s.ask(`MEMORY USAGE k ${wrong}`), '-ERR syntax error');
  t.equal(s.ask('MEMORY USAGE k SAMPLES x'), '-ERR value is not an integer or out of range');
  t.equal(s.ask('MEMORY USAGE'), "-ERR wrong number of arguments for 'memory|usage' command");
  t.equal(s.ask('MEMORY FOO'), "-ERR unknown subcommand 'FOO'. Try MEMORY HELP.");
  const { arena } = s.server.databases[0].space;
  const makers: [string, (i: number) => string[], number][] = [
    ['string', () => ['SET', 'x', 'v'.repeat(1000)], 1],
    ['big string', () => ['SET', 'x', 'v'.repeat(100_000)], 1],
    ['small hash', (i) => ['HSET', 'x', `f${i}`, 'v'], 20],
    ['big hash', (i) => ['HSET', 'x', `field:${i}`, 'value'], 2000],
    ['hash with a big value', (i) => ['HSET', 'x', `f${i}`, 'v'.repeat(40_000)], 3],
    ['intset', (i) => ['SADD', 'x', `${i}`], 100],
    ['big set', (i) => ['SADD', 'x', `member:${i}`], 2000],
    ['small list', (i) => ['RPUSH', 'x', `item:${i}`], 20],
    ['big list', (i) => ['RPUSH', 'x', `item:${i}`], 5000],
    ['small zset', (i) => ['ZADD', 'x', `${i}`, `m${i}`], 20],
    ['big zset', (i) => ['ZADD', 'x', `${(i * 7919) % 2000}`, `member:${i}`], 2000],
  ];
  for (const [name, command, count] of makers) {
    const before = arena.used + arena.outside;
    for (let i = 0; i < count; i++) s.ask(command(i));
    const grown = arena.used + arena.outside - before;
    const usage = s.ask('MEMORY USAGE x SAMPLES 0') as number;
    t.ok(Math.abs(usage - 8 - grown) <= 200, `${name}: ${usage} told, ${grown} grown`);
    const guess = s.ask('MEMORY USAGE x') as number;
    t.ok(Math.abs(guess - usage) < usage * 0.2, `${name}: ${guess} from samples`);
    s.ask('DEL x');
    while (!s.server.databases[0].space.larges.freeDoomed(64));
    t.equal(arena.used + arena.outside, before, `${name}: all is given back`);
  }
});

t.test('USAGE is no access', async (t) => {
  const s = new Session();
  s.ask('SET k v');
  s.now += 9000;
  s.ask('MEMORY USAGE k');
  t.equal(s.ask('OBJECT IDLETIME k'), 9);
});

const NAMES =
  'peak.allocated total.allocated startup.allocated replication.backlog clients.slaves clients.normal cluster.links aof.buffer ' +
  'lua.caches functions.caches db.0 db.5 overhead.total keys.count keys.bytes-per-key dataset.bytes dataset.percentage ' +
  'peak.percentage allocator.allocated allocator.active allocator.resident allocator-fragmentation.ratio ' +
  'allocator-fragmentation.bytes allocator-rss.ratio allocator-rss.bytes rss-overhead.ratio rss-overhead.bytes fragmentation ' +
  'fragmentation.bytes';

t.test('STATS: the fields of Redis 7.0 in their order, and figures that fit together', async (t) => {
  for (const resp of [2, 3] as const) {
    const s = new Session({}, resp);
    s.ask('SET k v EX 100');
    for (let i = 0; i < 1000; i++) s.ask(`SET key:${i} value`);
    s.ask('SELECT 5');
    s.ask('SET k v');
    if (resp === 3) t.match(s.raw('MEMORY STATS'), /^%29\r\n\$14\r\npeak\.allocated\r\n:[0-9]+\r\n/);
    const flat = s.ask('MEMORY STATS') as (string | number)[];
    t.equal(flat.length, 58);
    t.equal(flat.filter((_, i) => i % 2 === 0).join(' '), NAMES);
    const get = (name: string): number => Number(flat[flat.indexOf(name) + 1]);
    t.equal(get('total.allocated'), s.server.usedMemory());
    t.equal(get('peak.allocated'), s.server.stats.peakMemory);
    t.equal(get('keys.count'), 1002);
    t.equal(get('overhead.total') + get('dataset.bytes'), get('total.allocated'));
    t.equal(get('dataset.bytes'), 1001 * 32 + 16 - 8);
    t.ok(get('dataset.percentage') > 50 && get('dataset.percentage') < 100);
    t.ok(get('peak.percentage') > 99.9 && get('peak.percentage') <= 100);
    t.ok(get('allocator.active') >= get('allocator.allocated'));
    t.ok(get('rss-overhead.bytes') > 0);
    const db = flat[flat.indexOf('db.0') + 1] as unknown as (string | number)[];
    t.equal(db[0], 'overhead.hashtable.main');
    t.ok((db[1] as number) > 8000);
    t.same(db.slice(2), ['overhead.hashtable.expires', 8, 'overhead.hashtable.slot-to-keys', 0]);
  }
});

t.test('DOCTOR says what is wrong', async (t) => {
  const s = new Session();
  t.match(s.ask('MEMORY DOCTOR'), /^There is too little data/);
  s.ask(['SET', 'a', 'x'.repeat(8_000_000)]);
  t.match(s.ask('MEMORY DOCTOR'), /^The use of memory looks sound|^\* Process/);
  s.ask(['SET', 'b', 'x'.repeat(8_000_000)]);
  t.ok(s.server.usedMemory() > 16_000_000);
  s.ask('DEL b');
  t.match(s.ask('MEMORY DOCTOR'), /Peak: 15\.\d MiB were in use once, 7\.\d MiB are now/);
  s.server.settings.maxmemory = 8_000_000;
  s.server.eviction.configure();
  t.match(s.ask('MEMORY DOCTOR'), /Limit: 7\.\d MiB of maxmemory's 7\.\d MiB are in use/);
  const t3 = new Session({}, 3);
  t.match(t3.raw('MEMORY DOCTOR'), /^=\d+\r\ntxt:There is/);
});

t.test('MALLOC-STATS, PURGE, HELP', async (t) => {
  const s = new Session();
  for (let i = 0; i < 1000; i++) s.ask(`SET key:${i} value`);
  const { arena } = s.server.databases[0].space;
  t.match(
    s.ask('MEMORY MALLOC-STATS'),
    new RegExp(`\\n0 1000 1 ${arena.reserved} ${arena.touched} ${arena.used} ${arena.outside}\\nall:`),
  );
  t.equal(s.ask('MEMORY PURGE'), 'OK');
  t.equal(s.ask('DBSIZE'), 1000, 'nothing of a database with keys');
  for (let i = 0; i < 1000; i++) s.ask(`DEL key:${i}`);
  t.ok(s.server.databases[0].space.arena.reserved > 0);
  s.ask('MEMORY PURGE');
  t.equal(s.server.databases[0].space.arena.reserved, 0);
  t.equal(s.server.usedMemory(), s.server.figures.startupMemory);
  const help = s.ask('MEMORY HELP') as string[];
  t.equal(help.length, 13);
  t.equal(help[0], 'MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:');
  t.equal(help[11], 'HELP');
});

t.test('clients are counted: what they hold, and until they go', async (t) => {
  const server = await createServer();
  const at = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const socket = net.connect(server.port, '127.0.0.1');
  socket.write('MULTI\r\nSET a b\r\n');
  await at(() => server.clientMemory > 4096);
  const queued = server.clientMemory;
  socket.write('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$20000\r\n');
  socket.write('x'.repeat(15_000));
  await at(() => server.clientMemory > queued + 15_000);
  t.ok(server.usedMemory() > server.figures.startupMemory + 15_000);
  socket.destroy();
  await at(() => server.clients.size === 0);
  t.equal(server.clientMemory, 0);
  t.equal(server.usedMemory(), server.figures.startupMemory);
  await server.close();
});
