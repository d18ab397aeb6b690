/** The log as clients see it: what was answered is there after a kill, replies wait for it, a disk that refuses loses nothing. */
import { statSync } from 'node:fs';
import net from 'node:net';
import t from 'tap';
import { Check, WHOLE } from '../../../src/persistence/check.js';
import { DISK } from '../../../src/persistence/files.js';
import { ask, client, folder, killed, ObstructedDisk, pause, World } from './log-world.js';

t.setTimeout(60_000);

const MIX = [
  'SET a 1',
  'RPUSH list a b c',
  'HSET hash f v g w',
  'ZADD zset 1 a 2 b',
  'SADD set x y z',
  'INCRBY a 41',
  'SET mortal x PX 10000000',
  'HEXPIRE hash 10000 FIELDS 1 f',
  'LPOP list',
  'SPOP set',
  'RENAME zset ranks',
  'SELECT 3',
  'SET other db',
  'SELECT 0',
];

for (const appendfsync of ['always', 'everysec', 'no'] as const)
  t.test(`appendfsync ${appendfsync}: what was answered is there after a kill`, async (t) => {
    const w = await World.open(folder(), { appendfsync });
    await w.tell(...MIX);
    const digest = await w.digest();
    const left = killed(w.dir);
    await w.close();
    for (const dir of [left, w.dir]) {
      const again = await World.open(dir, { appendfsync });
      t.equal(await again.digest(), digest);
      t.equal(await again.ask('GET a'), '42');
      t.ok(Number(await again.ask('PTTL mortal')) > 9_000_000);
      t.equal(await again.figure('aof_enabled'), '1');
      await again.tell('SET later 1');
      await again.close();
      const third = await World.open(dir);
      t.equal(await third.ask('GET later'), '1', 'it goes on in the same segment');
      await third.close();
    }
  });

t.test('what has expired does not come back', async (t) => {
  let now = 1_700_000_000_000;
  const clock = (): number => now;
  const w = await World.open(folder(), { clock, hz: 500 });
  await w.tell('SET gone x PX 100', 'SET kept x', 'SET moved x PX 100', 'PERSIST moved');
  const left = killed(w.dir);
  now += 1000;
  t.equal(await w.ask('GET gone'), null);
  await w.close();
  const again = await World.open(left, { clock, hz: 500 });
  t.same(await again.ask('MGET gone kept moved'), [null, 'x', 'x']);
  t.equal(await again.ask('DBSIZE'), 2);
  await again.close();
});

t.test('one write and sync for all who wait, and readers wait too', async (t) => {
  const disk = new ObstructedDisk();
  const w = await World.open(folder(), { appendfsync: 'always', files: disk.files });
  disk.withhold();
  const { writes } = disk;
  const first = ask(w.redis, 'SET a 1');
  while (disk.waiting === 0) await pause();
  const others = Array.from({ length: 10 }, () => client(w.server));
  const replies = others.map((redis, i) => ask(redis, `SET k${i} ${i}`));
  const reader = ask(others[0], 'GET k0');
  let answered = false;
  void reader.then(() => {
    answered = true;
  });
  for (let i = 0; i < 10; i++) await pause();
  t.equal(disk.writes - writes, 1, 'while one write is on its way the others gather');
  t.notOk(answered, 'a reader is held as well');
  disk.release();
  t.equal(await first, 'OK');
  t.same(await Promise.all(replies), Array(10).fill('OK'));
  t.equal(await reader, '0');
  t.equal(disk.writes - writes, 3, 'and the zeros that are written ahead of more');
  for (const redis of others) redis.disconnect();
  await w.close();
});

t.test('zeros that are written ahead of flights are no part of the log, and leave with the server', async (t) => {
  const w = await World.open(folder(), { appendfsync: 'always' });
  const length = (dir: string): number => statSync(`${dir}/appendonlydir/appendonly.aof.1.incr.aof`).size;
  for (let i = 0; i < 100 || length(w.dir) < 1_000_000; i++) await w.ask(`SET k${i} ${i}`);
  const digest = await w.digest();
  t.ok(Number(await w.figure('aof_current_size')) < 100_000, 'they are not counted');
  const left = killed(w.dir);
  await w.close();
  t.ok(length(w.dir) < 100_000, 'a server that ends takes them away');
  const lines: string[] = [];
  t.ok(length(left) > 1_000_000);
  t.equal(await new Check(DISK, (line) => lines.push(line), false).run(left), WHOLE);
  t.match(lines.join('\n'), /, with \d+ reserved, up to frame \d+: whole/);
  const again = await World.open(left, { appendfsync: 'always', aofLoadTruncated: false });
  t.equal(await again.digest(), digest);
  t.ok(length(left) < 100_000);
  t.notMatch(again.lines.join('\n'), 'torn');
  await again.tell('CONFIG SET appendfsync everysec', 'SET later 1', 'BGREWRITEAOF');
  await again.until('aof_rewrite_in_progress', '0');
  await again.close();
  const third = await World.open(left);
  t.equal(await third.ask('GET later'), '1');
  await third.close();
});

t.test('who never stops sending is answered part by part', async (t) => {
  const disk = new ObstructedDisk();
  const w = await World.open(folder(), { appendfsync: 'always', files: disk.files });
  disk.withhold();
  const first = ask(w.redis, 'SET a 1');
  while (disk.waiting === 0) await pause();
  let second = false;
  const later = ask(w.redis, 'SET b 2');
  void later.then(() => {
    second = true;
  });
  await pause();
  disk.release();
  disk.withhold();
  t.equal(await first, 'OK');
  for (let i = 0; i < 5; i++) await pause();
  t.notOk(second, 'the second waits for its own write');
  disk.release();
  t.equal(await later, 'OK');
  await w.close();
});

t.test('a client that sends a lot is not served without bounds while it is held', async (t) => {
  const disk = new ObstructedDisk();
  const w = await World.open(folder(), { appendfsync: 'always', files: disk.files });
  await w.ask(`SET big ${'x'.repeat(20_000)}`);
  disk.withhold();
  const all = Array.from({ length: 100 }, (_, i) => w.redis.call(i === 0 ? 'INCR' : 'GET', i === 0 ? 'n' : 'big'));
  while (disk.waiting === 0) await pause();
  for (let i = 0; i < 10; i++) await pause();
  const client = [...w.server.clients.values()][0];
  t.ok(client.out.pos < 300_000, `${client.out.pos} bytes are held`);
  disk.release();
  t.same(
    (await Promise.all(all)).map(String).map((text) => text.length),
    [1, ...Array(99).fill(20_000)],
  );
  await w.close();
});

for (const appendfsync of ['always', 'everysec'] as const)
  t.test(`appendfsync ${appendfsync}: a disk that is full loses nothing, and says so`, async (t) => {
    const disk = new ObstructedDisk();
    const w = await World.open(folder(), { appendfsync, files: disk.files });
    const other = client(w.server);
    await w.tell('SET a 1');
    disk.writeFailure = 'ENOSPC';
    disk.before = 7;
    let answered = false;
    const held = w.ask('SET a 2').then((reply) => {
      answered = true;
      return reply;
    });
    while ((await ask(other, 'INFO persistence').then(String)).includes('aof_last_write_status:ok')) await pause();
    const refusal = 'MISCONF Errors writing to the AOF file: No space left on device';
    t.equal(await ask(other, 'SET b 1'), refusal);
    t.equal(await ask(other, 'PING'), refusal);
    t.equal(await ask(other, 'GET b'), null, 'who reads is answered');
    t.equal(await ask(other, 'MULTI'), 'OK');
    t.equal(await ask(other, 'SET b 1'), refusal);
    t.match(await ask(other, 'EXEC'), /^EXECABORT/);
    t.notOk(answered, 'what cannot be kept is not acknowledged');
    const left = killed(w.dir);
    disk.writeFailure = '';
    t.equal(await held, 'OK');
    while ((await ask(other, 'SET b 2')) !== 'OK') await pause();
    t.equal(await w.figure('aof_last_write_status'), 'ok');
    t.match(
      w.lines.join(''),
      /The log cannot be written: No space left on device\.[\s\S]*The log can be written again/,
    );
    const digest = await w.digest();
    const now = killed(w.dir);
    other.disconnect();
    await w.close();
    const before = await World.open(left);
    t.equal(await before.ask('GET a'), '1', 'half of a frame is nothing');
    await before.close();
    const after = await World.open(now);
    t.equal(await after.digest(), digest);
    await after.close();
  });

t.test('a sync that fails makes a new base', async (t) => {
  const disk = new ObstructedDisk();
  const w = await World.open(folder(), { appendfsync: 'everysec', files: disk.files, hz: 100 });
  await w.tell('SET a 1');
  disk.syncFailure = 'EIO';
  while ((await w.figure('aof_last_write_status')) === 'ok') await pause();
  t.match(await w.ask('SET a 2'), /^MISCONF Errors writing to the AOF file: /);
  disk.syncFailure = '';
  while ((await w.ask('SET a 3')) !== 'OK') await pause();
  while ((await w.figure('aof_rewrites')) === '0') await pause();
  await w.until('aof_rewrite_in_progress', '0');
  t.equal(await w.figure('aof_last_bgrewrite_status'), 'ok');
  await w.close();
});

t.test('everysec: while a sync takes long, writes wait for it, and replies do not', async (t) => {
  const disk = new ObstructedDisk();
  const w = await World.open(folder(), { appendfsync: 'everysec', files: disk.files });
  await w.tell('SET a 1');
  disk.withhold();
  const { syncs } = disk;
  while (disk.syncs === syncs) await pause();
  const { writes } = disk;
  t.equal(await w.ask('SET a 2'), 'OK');
  t.equal(disk.writes, writes, 'it is not written yet');
  t.ok(Number(await w.figure('aof_buffer_length')) > 0);
  t.equal(await w.figure('aof_pending_bio_fsync'), '1');
  while ((await w.figure('aof_delayed_fsync')) === '0') await w.ask('INCR n');
  t.ok(disk.writes > writes, 'but not for ever');
  await w.ask('SET a 3');
  disk.release();
  await w.until('aof_buffer_length', '0');
  const left = killed(w.dir);
  await w.close();
  const again = await World.open(left);
  t.equal(await again.ask('GET a'), '3');
  await again.close();
});

t.test('what waits for a slow disk is bounded', async (t) => {
  const disk = new ObstructedDisk();
  const w = await World.open(folder(), { appendfsync: 'always', files: disk.files });
  const value = 'x'.repeat(1 << 20);
  disk.withhold();
  const all = Array.from({ length: 120 }, (_, i) => w.redis.call('SET', `k${i % 3}`, value));
  while (w.server.appendOnly.pending < 60 << 20) await pause();
  for (let i = 0; i < 20; i++) await pause();
  t.ok(w.server.appendOnly.pending < 70 << 20, `${w.server.appendOnly.pending} bytes wait`);
  disk.release();
  t.same(await Promise.all(all), Array(120).fill('OK'));
  await w.close();
});

t.test('aof-compression', async (t) => {
  const sizes: number[] = [];
  for (const aofCompression of [true, false]) {
    const w = await World.open(folder(), { aofCompression });
    for (let i = 0; i < 20; i++) await w.ask(`SET k${i} ${'{"name":"value"}'.repeat(100)}`);
    sizes.push(Number(await w.figure('aof_current_size')));
    const digest = await w.digest();
    await w.close();
    const again = await World.open(w.dir);
    t.equal(await again.digest(), digest);
    await again.close();
  }
  t.ok(sizes[0] < sizes[1] / 4, sizes.join(' '));
});

t.test('a client that has closed its side gets what is held for it', async (t) => {
  const disk = new ObstructedDisk();
  const w = await World.open(folder(), { appendfsync: 'always', files: disk.files });
  disk.withhold();
  const socket = net.connect({ port: w.server.port, host: '127.0.0.1', allowHalfOpen: true });
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  const closed = new Promise((resolve) => socket.once('end', resolve));
  socket.end('SET a 1\r\nGET a\r\n');
  while (disk.waiting === 0) await pause();
  for (let i = 0; i < 10; i++) await pause();
  t.equal(received, '');
  disk.release();
  await closed;
  t.equal(received, '+OK\r\n$1\r\n1\r\n');
  await w.close();
});

t.test('WAITAOF', async (t) => {
  const w = await World.open(folder(), { appendfsync: 'no' });
  t.same(await w.ask('WAITAOF 1 0 0'), [1, 0], 'nothing was changed');
  await w.tell('SET a 1');
  t.same(await w.ask('WAITAOF 1 0 0'), [1, 0]);
  t.same(await w.ask('WAITAOF 0 1 20'), [1, 0], 'there are no replicas');
  const several = Array.from({ length: 5 }, () => client(w.server));
  const waits = several.map(async (redis, i) => {
    await ask(redis, `SET k${i} 1`);
    return ask(redis, 'WAITAOF 1 0 0');
  });
  t.same(await Promise.all(waits), Array(5).fill([1, 0]), 'nobody is forgotten while a sync runs');
  for (const redis of several) redis.disconnect();
  t.equal(await w.ask('WAITAOF 2 0 0'), 'ERR value is out of range, value must between 0 and 1');
  t.equal(await w.ask('WAITAOF x 0 0'), 'ERR value is not an integer or out of range');
  t.equal(await w.ask('WAITAOF 0 -1 0'), 'ERR value is out of range, must be positive');
  t.equal(await w.ask('WAITAOF 0 0 -1'), 'ERR timeout is negative');
  t.equal(await w.ask('WAITAOF 0 0 x'), 'ERR timeout is not an integer or out of range');
  const other = client(w.server);
  const id = await ask(other, 'CLIENT ID');
  const failed = ask(other, 'WAITAOF 0 1 100000');
  while (!String(await w.ask('INFO clients')).includes('blocked_clients:1')) await pause();
  t.match(await w.ask('INFO clients'), /clients_in_timeout_table:1\r/);
  t.equal(await w.ask(`CLIENT UNBLOCK ${id} ERROR`), 1);
  t.match(await failed, /^UNBLOCKED /);
  const waiting = ask(other, 'WAITAOF 0 1 0');
  while ((await w.ask(`CLIENT UNBLOCK ${id}`)) !== 1) await pause();
  t.same(await waiting, [1, 0]);
  const gone = ask(other, 'WAITAOF 0 1 0');
  void gone;
  other.disconnect();
  await w.ask('CONFIG SET appendonly no');
  await w.until('aof_enabled', '0');
  t.equal(await w.ask('WAITAOF 1 0 0'), 'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.');
  t.same(await w.ask('WAITAOF 0 0 0'), [0, 0]);
  await w.close();
});

t.test('a transaction is one frame, and commands wait while the log is loaded', async (t) => {
  const w = await World.open(folder(), { appendfsync: 'always' });
  await w.tell('MULTI', ...Array.from({ length: 3000 }, (_, i) => `SET k${i} ${'v'.repeat(50)}`), 'EXEC');
  const left = killed(w.dir);
  await w.close();
  const { SynapServer } = await import('../../../src/server.js');
  const { Settings } = await import('../../../commands/settings.js');
  const settings = Object.assign(new Settings(), {
    port: 0,
    loglevel: 'nothing',
    save: [],
    appendonly: true,
    dir: left,
  });
  const server = new SynapServer(settings);
  const ready = server.listen();
  while (server.port === 0) await new Promise((resolve) => setImmediate(resolve));
  const redis = client(server);
  const early = ask(redis, 'GET k1');
  const info = ask(redis, 'INFO persistence');
  await ready;
  const seen = String(await info).includes('loading:1');
  t.equal(await early, seen ? 'LOADING Redis is loading the dataset in memory' : 'v'.repeat(50));
  t.equal(await ask(redis, 'DBSIZE'), 3000);
  redis.disconnect();
  await server.close();
});
