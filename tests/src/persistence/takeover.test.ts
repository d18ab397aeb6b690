/** Data directories of Redis: its append only files, old and new, and dump.rdb, become a log of ours. */
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { LiveRedis } from '../../storage/rdb/live-redis.js';
import { folder, pause, World } from './log-world.js';

t.setTimeout(60_000);

const MIX = [
  'SET a 1',
  'SET mortal x PX 100000000',
  'RPUSH list a b c d',
  'LPOP list',
  'HSET hash f v g w',
  'INCRBYFLOAT float 2.5',
  'ZADD zset 1.5 a 2 b',
  'SADD set x y z',
  'SADD ints 1 2 3',
  'SELECT 7',
  'SET other db',
  'MULTI',
  'SET x 1',
  'SET y 2',
  'EXEC',
  'SELECT 0',
  'SPOP set',
];

/** What a redis-server leaves of a mix of writes with these directives, and its digest. */
async function left(directives: readonly string[], rewrite = false): Promise<{ dir: string; digest: string }> {
  const redis = await LiveRedis.start(['--appendonly', 'yes', '--appendfsync', 'always', ...directives]);
  for (const line of MIX) await redis.ask(line);
  if (rewrite) {
    await redis.ask('BGREWRITEAOF');
    while (!String(await redis.ask('INFO persistence')).includes('aof_rewrite_in_progress:0')) await pause();
    await redis.ask('SET late 1');
  }
  const digest = String(await redis.ask('DEBUG DIGEST'));
  await redis.stop(true);
  const dir = folder();
  cpSync(redis.folder, dir, { recursive: true });
  return { dir, digest };
}

/** The manifest without its checksum, which must be there. */
function manifest(dir: string): string {
  const text = readFileSync(path.join(dir, 'appendonlydir', 'appendonly.aof.manifest'), 'latin1');
  return /^((?:file .*\n)*)# crc32 [0-9a-f]{8}\n$/.exec(text)![1];
}

/** What is used of a test here. */
interface Judge {
  equal(found: unknown, wanted: unknown, what: string): unknown;
  match(found: string, wanted: RegExp): unknown;
}

async function becomesOurs(t: Judge, dir: string, digest: string): Promise<void> {
  const w = await World.open(dir, { hz: 100 });
  t.equal(await w.digest(), digest, 'it is loaded');
  await w.tell('SET ours 1');
  await w.until('aof_rewrites', '1');
  await w.until('aof_rewrite_in_progress', '0');
  t.equal(await w.figure('aof_last_bgrewrite_status'), 'ok', 'it has a base of ours');
  t.match(manifest(dir), /^file \S+base\.rdb seq \d+ type b\nfile \S+incr\.aof seq \d+ type i\n$/);
  const now = await w.digest();
  await w.close();
  const again = await World.open(dir, { hz: 100 });
  t.equal(await again.digest(), now, 'and is loaded again');
  t.equal(await again.figure('aof_rewrites'), '0', 'it is ours now');
  await again.close();
}

for (const [name, directives, rewrite] of [
  ['base RDB and increment', [], false],
  ['after a rewrite', [], true],
  ['base AOF', ['--aof-use-rdb-preamble', 'no'], true],
  ['with timestamps', ['--aof-timestamp-enabled', 'yes', '--aof-use-rdb-preamble', 'no'], true],
] as const)
  t.test(`a log of Redis 7: ${name}`, async (t) => {
    const { dir, digest } = await left(directives, rewrite);
    await becomesOurs(t, dir, digest);
  });

t.test('a single append only file, with and without a preamble', async (t) => {
  const { dir, digest } = await left(['--aof-use-rdb-preamble', 'no']);
  const names = readdirSync(path.join(dir, 'appendonlydir'));
  const incr = path.join(dir, 'appendonlydir', names.find((name) => name.includes('incr'))!);
  const old = folder();
  copyFileSync(incr, path.join(old, 'appendonly.aof'));
  await becomesOurs(t, old, digest);
  const both = await left([], true);
  const log = path.join(both.dir, 'appendonlydir');
  const parts = readdirSync(log);
  const read = (kind: string): Buffer => readFileSync(path.join(log, parts.find((part) => part.includes(kind))!));
  const preamble = folder();
  writeFileSync(path.join(preamble, 'appendonly.aof'), Buffer.concat([read('.base.'), read('.incr.')]));
  await becomesOurs(t, preamble, both.digest);
});

t.test('dump.rdb alone: the log begins with it', async (t) => {
  const redis = await LiveRedis.start();
  for (const line of MIX) await redis.ask(line);
  await redis.ask('SAVE');
  const digest = await redis.ask('DEBUG DIGEST');
  await redis.stop(true);
  const dir = folder();
  copyFileSync(path.join(redis.folder, 'dump.rdb'), path.join(dir, 'dump.rdb'));
  const off = await World.open(dir, { appendonly: false });
  t.equal(await off.digest(), digest, 'it is loaded without a log');
  await off.close();
  const w = await World.open(dir);
  t.equal(await w.digest(), digest);
  t.match(w.lines.join(''), /There is no log yet: it begins with what .*dump\.rdb holds/);
  t.match(manifest(dir), /^file appendonly\.aof\.1\.base\.rdb seq 1 type b\n/);
  await w.close();
});

t.test('the end of an increment of Redis is torn', async (t) => {
  const { dir } = await left(['--aof-use-rdb-preamble', 'no']);
  const log = path.join(dir, 'appendonlydir');
  const incr = path.join(log, readdirSync(log).find((name) => name.includes('incr'))!);
  const size = readFileSync(incr).length;
  truncateSync(incr, size - 3);
  await t.rejects(World.open(dir, { aofLoadTruncated: false }), { message: /the end of the log is torn/ });
  t.equal(readFileSync(incr).length, size - 3, 'and nothing was cut');
  const w = await World.open(dir);
  t.match(w.lines.join(''), /is torn at offset \d+/);
  t.equal(await w.ask('SCARD set'), 3, 'all but the last command');
  await w.close();
});

t.test('a transaction that does not end, and what is no command', async (t) => {
  const text = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n';
  const open = folder();
  writeFileSync(path.join(open, 'appendonly.aof'), `${text}*1\r\n$5\r\nMULTI\r\n${text.replace('a', 'b')}`);
  const w = await World.open(open);
  t.same(await w.ask('MGET a b'), ['1', null]);
  t.equal(
    readFileSync(path.join(open, 'appendonly.aof')).length,
    2 * text.length + 15,
    'the file itself is not ours to cut',
  );
  await w.close();
  for (const [bad, reason] of [
    [`${text}SET b 1\r\n${text}`, /offset 27: this is no command/],
    [`${text}*0\r\n`, /offset 27: this is no command/],
    [`${text}*1\r\n$4\r\nNOPE\r\n`, /offset 27: ERR unknown command/],
    ['x', /this is no file of a log/],
  ] as const) {
    const dir = folder();
    writeFileSync(path.join(dir, 'appendonly.aof'), bad);
    await t.rejects(World.open(dir), { message: reason });
  }
});

t.test('manifests that cannot be meant', async (t) => {
  for (const [text, reason] of [
    ['', /it is empty/],
    ['file a.1.incr.aof seq 1 type i', /its last line does not end/],
    ['file a.1.incr.aof seq 0 type i\n', /its seq is no number above 0/],
    ['file ../a seq 1 type i\n', /it names no file of this directory/],
    ['file a seq 1 type x\n', /its type is none of b, i, h/],
    ['file a seq 1\n', /no list of names and values/],
    ['file a seq 1 type b\nfile b seq 2 type b\n', /line 2.*there is a base already/],
    ['file a seq 2 type i\nfile b seq 2 type i\n', /its seq is not above the one before/],
    ['file a seq 1 type i\n', /the manifest names this file, but it is not there/],
  ] as const) {
    const dir = folder();
    mkdirSync(path.join(dir, 'appendonlydir'));
    writeFileSync(path.join(dir, 'appendonlydir', 'appendonly.aof.manifest'), text);
    await t.rejects(World.open(dir), { message: reason });
  }
});
