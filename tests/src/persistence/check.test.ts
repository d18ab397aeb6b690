/** synap-check: its verdict is that of a start, and what it repairs starts. And the lock of a data directory. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { Check, DAMAGED, TORN, UNREADABLE, WHOLE } from '../../../src/persistence/check.js';
import { DirectoryLock, LOCK_FILE } from '../../../src/persistence/directory-lock.js';
import { DISK } from '../../../src/persistence/files.js';
import { folder, pause, World } from './log-world.js';

t.setTimeout(60_000);

const PROGRAM = new URL('../../../bin/synap-check.js', import.meta.url).pathname;

async function check(target: string, fix = false): Promise<[verdict: number, text: string]> {
  const lines: string[] = [];
  const verdict = await new Check(DISK, (line) => lines.push(line), fix).run(target);
  return [verdict, lines.join('\n')];
}

/** A directory with a base and two segments, of which the first is no longer the last; and the log as it was before the rewrite. */
async function made(): Promise<string> {
  const w = await World.open(folder(), { appendfsync: 'always', hz: 100 });
  for (let i = 0; i < 20; i++) await w.ask(`SET k${i} ${i}`);
  await w.ask('BGREWRITEAOF');
  await w.until('aof_rewrites', '1');
  await w.until('aof_rewrite_in_progress', '0');
  for (let i = 0; i < 20; i++) await w.ask(`SET n ${i}`);
  await w.ask('SAVE');
  await w.close();
  return w.dir;
}

function copy(dir: string): string {
  const to = folder();
  cpSync(dir, to, { recursive: true });
  return to;
}

function part(dir: string, kind: string): string {
  const log = path.join(dir, 'appendonlydir');
  return path.join(log, readdirSync(log).find((name) => name.includes(kind))!);
}

async function starts(dir: string): Promise<string | undefined> {
  try {
    const w = await World.open(dir);
    const n = String(await w.ask('GET n'));
    await w.close();
    return n;
  } catch {
    return undefined;
  }
}

t.test('verdicts and repairs', async (t) => {
  const dir = await made();
  const [whole, text] = await check(dir);
  t.equal(whole, WHOLE);
  t.match(text, /base\.rdb: RDB, \d+ bytes: whole\n.*incr\.aof: segment of the log, \d+ bytes, up to frame 40: whole/);
  t.match(text, /dump\.rdb: RDB, \d+ bytes: whole/);
  t.equal((await check(part(dir, '.incr.')))[0], WHOLE);
  t.equal((await check(part(dir, '.manifest')))[0], WHOLE);
  t.equal((await check(path.join(dir, 'appendonlydir')))[0], WHOLE);

  const torn = copy(dir);
  truncateSync(part(torn, '.incr.'), readFileSync(part(torn, '.incr.')).length - 3);
  t.equal((await check(torn))[0], TORN);
  t.equal((await check(part(torn, '.incr.')))[0], TORN);
  const [fixed, said] = await check(torn, true);
  t.equal(fixed, WHOLE);
  t.match(
    said,
    /torn at offset \d+: a frame of \d+ bytes is cut off after \d+\n.*: cut at offset \d+, \d+ bytes are lost/,
  );
  t.equal((await check(torn))[0], WHOLE);
  t.equal(await starts(torn), '18');

  const flipped = copy(dir);
  const bytes = readFileSync(part(flipped, '.incr.'));
  bytes[200] ^= 4;
  writeFileSync(part(flipped, '.incr.'), bytes);
  t.equal(await starts(flipped), undefined);
  t.equal((await check(flipped))[0], DAMAGED);
  t.equal((await check(flipped, true))[0], WHOLE);
  t.equal((await check(flipped))[0], WHOLE);
  t.equal(await starts(flipped), '1');

  const base = copy(dir);
  const rdb = readFileSync(part(base, '.base.'));
  rdb[60] ^= 1;
  writeFileSync(part(base, '.base.'), rdb);
  const [bad, why] = await check(base, true);
  t.equal(bad, DAMAGED, 'an RDB cannot be repaired');
  t.match(why, /incr\.aof: not looked at/);
  t.equal(await starts(base), undefined);

  const missing = copy(dir);
  writeFileSync(part(missing, '.manifest'), 'file none seq 1 type i\n');
  t.equal((await check(missing))[0], DAMAGED);
  writeFileSync(part(missing, '.manifest'), 'nonsense\n');
  t.equal((await check(missing))[0], DAMAGED);
  t.equal((await check(folder()))[0], UNREADABLE);
  t.equal((await check(path.join(dir, 'none')))[0], UNREADABLE);
});

t.test('damage in a segment that is not the last takes the later ones along', async (t) => {
  const dir = await made();
  const log = path.join(dir, 'appendonlydir');
  const incr = part(dir, '.incr.');
  const bytes = readFileSync(incr);
  // The second half becomes a segment of its own.
  const w = await World.open(dir, { appendfsync: 'always' });
  await w.ask('SET n last');
  await w.close();
  const longer = readFileSync(incr);
  writeFileSync(incr, bytes);
  writeFileSync(
    path.join(log, 'appendonly.aof.3.incr.aof'),
    Buffer.concat([bytes.subarray(0, 20), longer.subarray(bytes.length)]),
  );
  const lines = readFileSync(part(dir, '.manifest'), 'latin1').replace(/^#.*\n/m, '');
  writeFileSync(part(dir, '.manifest'), `${lines}file appendonly.aof.3.incr.aof seq 3 type i\n`);
  t.equal(await starts(copy(dir)), 'last');
  truncateSync(incr, bytes.length - 1);
  t.equal(await starts(dir), undefined, 'a torn end in the middle is damage');
  t.equal((await check(dir))[0], DAMAGED);
  const [verdict, text] = await check(dir, true);
  t.equal(verdict, WHOLE);
  t.match(text, /3\.incr\.aof: taken out of the manifest, all of it is lost; the file stays/);
  t.equal(await starts(dir), '18');
  t.ok(existsSync(path.join(log, 'appendonly.aof.3.incr.aof')));
});

t.test('the program', async (t) => {
  const run = (...args: string[]): [number | null, string] => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
    return [status, stdout + stderr];
  };
  const dir = await made();
  t.equal(run(dir)[0], WHOLE);
  for (const args of [[], ['--nope', dir], [dir, dir]]) t.equal(run(...args)[0], UNREADABLE);
  t.match(run('--help')[1], /Usage: synap-check/);
  t.match(run('--version')[1], /^synap-check \d/);
  const w = await World.open(dir);
  t.equal(run('--fix', dir)[0], UNREADABLE, 'not while a server uses it');
  await w.close();
});

t.test('a lock that was left behind is taken over', async (t) => {
  const dir = folder();
  const file = path.join(dir, LOCK_FILE);
  const lock = new DirectoryLock(DISK, dir);
  t.equal(lock.take(), undefined);
  const text = readFileSync(file, 'utf8');
  t.match(new DirectoryLock(DISK, dir).take(), new RegExp(`process ${process.pid} uses this directory`));
  lock.release();
  lock.release();
  t.notOk(existsSync(file));
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('exit', resolve));
  // Nobody waits for the shell's child once the shell has become another program: it ends and its number stays.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & cat /proc/$!/stat; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stat = String(await new Promise((resolve) => parent.stdout.once('data', resolve))).split(' ');
  while (!/\) Z /.test(readFileSync(`/proc/${stat[0]}/stat`, 'latin1'))) await pause();
  for (const stale of [
    '',
    'pid 12',
    text.replace(/^pid \d+/, `pid ${child.pid}`),
    text.replace(/^pid \d+/, `pid ${stat[0]}`).replace(/started \d+/, `started ${stat[21]}`),
    text.replace(/started \d+/, 'started 1'),
    text.replace(/boot .*/, 'boot before'),
  ]) {
    writeFileSync(file, stale);
    const next = new DirectoryLock(DISK, dir);
    t.equal(next.take(), undefined, stale);
    next.release();
  }
  parent.kill('SIGKILL');
  t.same(readdirSync(dir), []);
  await pause();
});
