/** New bases for the log, CONFIG SET appendonly, and the figures of both. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { folder, killed, ObstructedDisk, pause, World } from './log-world.js';

t.setTimeout(60_000);

function names(dir: string): string[] {
  return readdirSync(path.join(dir, 'appendonlydir')).sort();
}

/** The manifest without its checksum, which must be there. */
function manifest(dir: string): string {
  const text = readFileSync(path.join(dir, 'appendonlydir', 'appendonly.aof.manifest'), 'latin1');
  return /^((?:file .*\n)*)# crc32 [0-9a-f]{8}\n$/.exec(text)![1];
}

async function rewritten(w: World): Promise<void> {
  while ((await w.figure('aof_rewrite_in_progress')) !== '0' || (await w.figure('aof_rewrite_scheduled')) !== '0')
    await pause();
}

t.test('BGREWRITEAOF: a base and a segment take the place of what was before', async (t) => {
  const w = await World.open(folder(), { hz: 100 });
  await w.tell('SET a 1', 'RPUSH list a b c', 'SELECT 5', 'HSET h f v', 'SELECT 0');
  t.equal(manifest(w.dir), 'file appendonly.aof.1.incr.aof seq 1 type i\n');
  t.equal(await w.ask('BGREWRITEAOF'), 'Background append only file rewriting started');
  t.equal(await w.ask('BGREWRITEAOF'), 'ERR Background append only file rewriting already in progress');
  await w.tell('SET b 2', 'LPOP list');
  await rewritten(w);
  t.equal(await w.figure('aof_last_bgrewrite_status'), 'ok');
  await w.tell('SET c 3');
  const wanted = 'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n';
  t.equal(manifest(w.dir), wanted);
  t.same(names(w.dir), ['appendonly.aof.1.base.rdb', 'appendonly.aof.2.incr.aof', 'appendonly.aof.manifest']);
  const digest = await w.digest();
  const size = await w.figure('aof_current_size');
  const left = killed(w.dir);
  await w.close();
  const again = await World.open(left);
  t.equal(await again.digest(), digest);
  t.equal(await again.figure('aof_current_size'), size);
  t.match(again.lines.join(''), /DB loaded: \d+ bytes/);
  await again.close();
});

t.test('at any moment of a rewrite a kill leaves everything', async (t) => {
  const w = await World.open(folder(), { appendfsync: 'always', hz: 100 });
  const left: [dir: string, count: string][] = [];
  await w.tell(...Array.from({ length: 200 }, (_, i) => `SET k${i} ${i}`));
  let n = 0;
  for (let round = 0; round < 3; round++) {
    await w.ask('BGREWRITEAOF');
    do {
      await w.ask(`SET n ${++n}`);
      left.push([killed(w.dir), String(n)]);
    } while ((await w.figure('aof_rewrite_in_progress')) === '1');
  }
  await w.close();
  for (const [dir, count] of left) {
    const again = await World.open(dir);
    t.equal(await again.ask('GET n'), count);
    t.equal(await again.ask('DBSIZE'), 201);
    await again.close();
  }
});

t.test('aof-disable-auto-gc keeps what is no longer needed', async (t) => {
  const w = await World.open(folder(), { hz: 100, aofDisableAutoGc: true });
  await w.tell('SET a 1', 'BGREWRITEAOF');
  await rewritten(w);
  t.match(manifest(w.dir), /file appendonly.aof.1.incr.aof seq 1 type h\n/);
  t.ok(names(w.dir).includes('appendonly.aof.1.incr.aof'));
  await w.close();
  const again = await World.open(w.dir);
  t.equal(await again.ask('GET a'), '1');
  while (/ type h\n/.test(manifest(w.dir))) await pause();
  t.notOk(names(w.dir).includes('appendonly.aof.1.incr.aof'), 'a start without it deletes them');
  await again.close();
});

t.test('auto-aof-rewrite-percentage', async (t) => {
  const w = await World.open(folder(), { hz: 100, autoAofRewriteMinSize: 100_000, autoAofRewritePercentage: 100 });
  const value = 'x'.repeat(1000);
  for (let i = 0; i < 90; i++) await w.ask(`SET k ${value}`);
  t.equal(await w.figure('aof_rewrites'), '0');
  for (let i = 0; i < 20; i++) await w.ask(`SET k ${value}`);
  await w.until('aof_rewrites', '1');
  await rewritten(w);
  t.ok(Number(await w.figure('aof_base_size')) < 10_000);
  t.ok(Number(await w.figure('aof_current_size')) < 100_000);
  await w.close();
});

t.test('a rewrite that follows a snapshot, and one that fails', async (t) => {
  const disk = new ObstructedDisk();
  const w = await World.open(folder(), { hz: 100, files: disk.files, appendfsync: 'no' });
  await w.tell('SET a 1');
  disk.withhold();
  t.equal(await w.ask('BGSAVE'), 'Background saving started');
  t.equal(await w.ask('BGREWRITEAOF'), 'Background append only file rewriting scheduled');
  t.equal(await w.figure('aof_rewrite_scheduled'), '1');
  disk.release();
  await w.until('aof_rewrites', '1');
  await rewritten(w);
  t.equal(await w.figure('aof_last_bgrewrite_status'), 'ok');
  disk.syncFailure = 'EIO';
  await w.ask('BGREWRITEAOF');
  await w.until('aof_last_bgrewrite_status', 'err');
  t.equal(await w.figure('aof_rewrites_consecutive_failures'), '1');
  disk.syncFailure = '';
  await w.ask('SET b 2');
  const digest = await w.digest();
  const left = killed(w.dir);
  await w.close();
  const again = await World.open(left);
  t.equal(await again.digest(), digest);
  await again.close();
});

t.test('CONFIG SET appendonly', async (t) => {
  const w = await World.open(folder(), { hz: 100, appendonly: false, appendfsync: 'always' });
  await w.tell('SET before 1');
  t.notOk(existsSync(path.join(w.dir, 'appendonlydir')));
  t.equal(await w.figure('aof_enabled'), '0');
  t.equal(await w.figure('aof_current_size'), undefined);
  t.equal(await w.ask('CONFIG SET appendonly yes'), 'OK');
  t.equal(await w.figure('aof_enabled'), '1');
  await w.tell('SET after 1');
  await w.until('aof_rewrites', '1');
  await rewritten(w);
  const left = killed(w.dir);
  t.equal(await w.ask('CONFIG SET appendonly no'), 'OK');
  await w.tell('SET off 1');
  t.equal(await w.ask('CONFIG SET appendonly yes'), 'OK');
  await rewritten(w);
  await w.tell('SET on 1');
  while (!/base/.test(manifest(w.dir)) || !manifest(w.dir).includes('2.base')) await pause();
  const digest = await w.digest();
  const second = killed(w.dir);
  await w.close();
  const first = await World.open(left);
  t.same(await first.ask('MGET before after off'), ['1', '1', null]);
  await first.close();
  const again = await World.open(second);
  t.equal(await again.digest(), digest);
  await again.close();
});

t.test('no-appendfsync-on-rewrite: nothing is synced while a snapshot is written', async (t) => {
  const disk = new ObstructedDisk();
  const w = await World.open(folder(), { files: disk.files, appendfsync: 'always', noAppendfsyncOnRewrite: true });
  await w.tell('SET a 1');
  disk.withhold();
  await w.ask('BGSAVE');
  t.equal(await w.ask('SET a 2'), 'OK', 'a write is enough');
  disk.release();
  await w.until('rdb_bgsave_in_progress', '0');
  t.equal(await w.ask('SET a 3'), 'OK');
  t.same(await w.ask('WAITAOF 1 0 0'), [1, 0]);
  await w.close();
});

t.test('a log that is switched off while its server is closed', async (t) => {
  const w = await World.open(folder(), { appendfsync: 'always' });
  await w.tell('SET a 1');
  w.server.settings.appendonly = false;
  w.server.appendOnly.disable();
  await w.close();
  const again = await World.open(w.dir);
  t.equal(await again.ask('GET a'), '1');
  again.server.appendOnly.disable();
  again.server.appendOnly.enable();
  await again.close();
  const third = await World.open(w.dir);
  t.equal(await third.ask('GET a'), '1');
  await third.close();
});

t.test('two servers on one directory', async (t) => {
  const w = await World.open(folder());
  await t.rejects(World.open(w.dir), { message: /the data directory is in use.*process \d+ uses this directory/ });
  const off = await World.open(w.dir, { appendonly: false });
  t.match(await off.ask('CONFIG SET appendonly yes'), /Unable to turn on AOF/);
  t.same(await off.ask('CONFIG GET appendonly'), ['appendonly', 'no']);
  await off.close();
  await w.tell('SET a 1');
  await w.close();
  t.notOk(existsSync(path.join(w.dir, 'synap.lock')));
  const again = await World.open(w.dir);
  t.equal(await again.ask('GET a'), '1');
  await again.close();
});

t.test('BGREWRITEAOF without a log makes a base alone', async (t) => {
  const w = await World.open(folder(), { appendonly: false, hz: 100 });
  await w.tell('SET a 1', 'BGREWRITEAOF');
  await rewritten(w);
  t.equal(manifest(w.dir), 'file appendonly.aof.1.base.rdb seq 1 type b\n');
  await w.close();
  const again = await World.open(w.dir);
  t.equal(await again.ask('GET a'), '1');
  await again.close();
});
