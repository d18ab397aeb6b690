/** SAVE, BGSAVE, LASTSAVE, save points, DEBUG RELOAD, and what a disk that fails does to them. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { Client } from '../../../commands/client.js';
import { NO_SNAPSHOT } from '../../../commands/snapshot.js';
import { Reply } from '../../../protocol/reply.js';
import { createServer } from '../../../src/index.js';
import { Log } from '../../../src/log/log.js';
import { DISK, type Files, type Transferred } from '../../../src/persistence/files.js';
import { sweepSnapshots } from '../../../src/persistence/snapshot-file.js';
import { Session } from '../../commands/session.js';

const folder = mkdtempSync(path.join(tmpdir(), 'synap-snapshot-'));
t.teardown(() => rmSync(folder, { recursive: true }));

let count = 0;
/** A directory of its own. */
function directory(): string {
  const name = path.join(folder, String(++count));
  mkdirSync(name);
  return name;
}

/** Waits until nothing is being written in the background. */
async function idle(s: Session): Promise<void> {
  while (s.server.snapshot.running !== NO_SNAPSHOT) await new Promise((resolve) => setImmediate(resolve));
}

function linesOf(s: Session): string[] {
  const lines: string[] = [];
  Object.assign(s.server, { log: new Log('notice', (line) => lines.push(line.replace(/^.*\d [*#] |\n$/g, ''))) });
  return lines;
}

/** A disk on which nothing can be written while it is full. */
class SmallDisk {
  full = false;
  readonly files: Files;

  constructor() {
    const check = (): void => {
      if (this.full) throw Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC', errno: -28 });
    };
    this.files = Object.assign(Object.create(DISK) as Files, {
      writeSync: (...args: Parameters<Files['writeSync']>) => {
        check();
        return DISK.writeSync(...args);
      },
      write: (fd: number, buf: Uint8Array, start: number, n: number, at: number, done: Transferred) => {
        if (!this.full) return DISK.write(fd, buf, start, n, at, done);
        setImmediate(() => {
          done(Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC', errno: -28 }), 0);
        });
      },
    });
  }
}

t.test('SAVE writes all of it, and RELOAD brings it back', (t) => {
  const dir = directory();
  const s = new Session({ dir, enableDebugCommand: 'yes', rdbcompression: false });
  const lines = linesOf(s);
  s.ask('mset a 1 b two');
  s.ask('rpush l 1 2 3');
  s.ask('pexpire b 5000');
  s.ask('select 3');
  s.ask('hset h f v');
  s.ask('select 0');
  const digest = s.ask('debug digest');
  t.equal(s.ask('lastsave'), 1_700_000_000);
  s.now += 10_000;
  t.equal(s.server.snapshot.changes, 7); // one for each element, as in Redis
  t.equal(s.ask('save'), 'OK');
  t.same(lines, ['DB saved on disk']);
  t.equal(s.ask('lastsave'), 1_700_000_010);
  t.equal(s.server.snapshot.changes, 0);
  t.same(readdirSync(dir), ['dump.rdb']);
  s.now -= 10_000;
  t.equal(s.ask('debug reload nosave'), 'OK');
  t.equal(s.ask('debug digest'), digest);
  t.equal(s.ask('pttl b'), 5000);
  s.now += 5001;
  t.equal(s.ask('debug reload'), 'OK');
  t.equal(s.ask('get b'), null, 'an expired key does not come back');
  t.equal(s.ask('debug reload foo'), '-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
  s.ask('set a 2');
  s.ask('set c 3');
  t.equal(s.ask('debug reload nosave noflush'), '-ERR Error trying to load the RDB dump');
  t.equal(s.ask('get a'), '2');
  t.equal(s.ask('debug reload nosave noflush merge'), 'OK');
  t.same(s.ask('mget a c'), ['1', '3']);
  t.equal(s.ask('debug reload nosave'), 'OK');
  t.same(s.ask('mget a c'), ['1', null]);
  writeFileSync(path.join(dir, 'dump.rdb'), 'REDIS0010 or not');
  t.equal(s.ask('debug reload nosave'), '-ERR Error trying to load the RDB dump');
  t.same(s.ask('mget a c'), ['1', null], 'nothing has changed');
  t.end();
});

t.test('who repeats changes hears of data that only a file had', (t) => {
  const s = new Session({ dir: directory(), enableDebugCommand: 'yes' });
  s.ask('set a 1');
  s.ask('pexpireat a 1700000005000');
  s.ask('save');
  s.ask('set a 2');
  const told: string[] = [];
  s.server.effects.start({
    take: (db, argv, argc) => {
      told.push(`${db} ${argv.slice(0, argc > 3 ? 3 : argc).join(' ')}`);
    },
  });
  s.ask('debug reload nosave');
  t.same(told, ['0 FLUSHALL', '0 RESTORE a 1700000005000']);
  s.ask('debug reload');
  t.equal(told.length, 2, 'what was just saved is nothing new');
  t.end();
});

t.test('BGSAVE', async (t) => {
  const dir = directory();
  const s = new Session({ dir, enableDebugCommand: 'yes' });
  const lines = linesOf(s);
  s.ask('set a 1');
  t.equal(s.ask('bgsave foo'), '-ERR syntax error');
  t.equal(s.ask('bgsave'), 'Background saving started');
  t.equal(s.ask('bgsave'), '-ERR Background save already in progress');
  t.equal(s.ask('bgsave schedule'), '-ERR Background save already in progress');
  t.equal(s.ask('save'), '-ERR Background save already in progress');
  s.ask('set a 2');
  s.ask('set b 1');
  t.equal(s.server.snapshot.keysTotal, 1);
  await idle(s);
  t.match(
    lines.join(),
    /^Background saving started by pid \d+,DB saved on disk,Background saving terminated with success$/,
  );
  t.equal(s.server.snapshot.changes, 2);
  t.equal(s.server.snapshot.lastSeconds, 0);
  t.equal(s.ask('debug reload nosave'), 'OK');
  t.same(s.ask('mget a b'), ['1', null]);
  for (const line of ['multi', 'set x 1', 'bgsave', 'set x 2']) s.ask(line);
  t.same(s.ask('exec'), ['OK', 'Background saving scheduled', 'OK']);
  s.server.snapshot.tick();
  await idle(s);
  t.equal(s.ask('debug reload nosave'), 'OK');
  t.equal(s.ask('get x'), '2');
  t.equal(s.server.snapshot.saves, 2);
  t.same(readdirSync(dir), ['dump.rdb']);
});

t.test('what is deleted while a snapshot needs it is no part of the data any more', async (t) => {
  const s = new Session({ dir: directory(), enableDebugCommand: 'yes' });
  const { server } = s;
  const empty = server.usedMemory();
  s.ask(['set', 'big', 'b'.repeat(1_000_000)]);
  for (let i = 0; i < 2000; i++) s.ask(`rpush l ${i}${'e'.repeat(100)}`);
  for (let i = 0; i < 2000; i++) s.ask(`hset h f${i} ${'v'.repeat(100)}`);
  const full = server.usedMemory();
  s.ask('bgsave');
  s.ask('del big l h');
  const { larges } = server.databases[0].space;
  t.ok(larges.retainedBytes > 1_400_000, 'it is kept');
  t.ok(server.usedMemory() - empty < 1000, 'but not counted');
  await idle(s);
  t.equal(larges.retainedBytes, 0);
  while (!larges.freeDoomed(1000));
  t.ok(server.usedMemory() - empty < 1000, 'it is freed');
  t.equal(s.ask('debug reload nosave'), 'OK');
  t.same(s.ask('strlen big'), 1_000_000);
  t.ok(Math.abs(server.usedMemory() - full) < full / 10);
});

t.test('closing a server in the middle of a snapshot', async (t) => {
  const dir = directory();
  const server = await createServer({ dir });
  const s = new Session();
  Object.assign(s, {
    server,
    client: new Client(1, server, new Reply(server.replies), server.databases[0], [], undefined),
  });
  for (let i = 0; i < 20_000; i++) s.ask(`set key:${i} ${'v'.repeat(200)}`);
  s.ask('bgsave');
  while (readdirSync(dir).length === 0 || server.snapshot.keysDone < 1000)
    await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  t.same(readdirSync(dir), [], 'leaves nothing behind');
});

t.test('the base of the log', async (t) => {
  const dir = directory();
  const s = new Session({ dir, enableDebugCommand: 'yes' });
  s.ask('set a 1');
  const { snapshot } = s.server;
  const errors: (Error | undefined)[] = [];
  snapshot.begin({ path: path.join(dir, 'x.base.rdb'), done: (error) => errors.push(error) });
  s.ask('set a 2');
  t.match(s.ask('bgsave'), /^-ERR Another child process is active/);
  t.equal(s.ask('save'), 'OK', 'SAVE does not wait for it');
  t.equal(s.ask('bgsave schedule'), 'Background saving scheduled');
  snapshot.tick();
  t.equal(snapshot.scheduled, true);
  await idle(s);
  t.same(errors, [undefined]);
  snapshot.tick();
  t.equal(snapshot.scheduled, false);
  await idle(s);
  t.same(readdirSync(dir).sort(), ['dump.rdb', 'x.base.rdb']);
  s.server.settings.dbfilename = 'x.base.rdb';
  t.equal(s.ask('debug reload nosave'), 'OK');
  t.equal(s.ask('get a'), '1');
  t.throws(() => snapshot.begin({ path: path.join(dir, 'no', 'x'), done: () => {} }), { code: 'ENOENT' });
  t.equal(snapshot.running, NO_SNAPSHOT);
});

t.test('save points', async (t) => {
  const dir = directory();
  const s = new Session({
    dir,
    save: [
      { seconds: 60, changes: 3 },
      { seconds: 10, changes: 5 },
    ],
  });
  const lines = linesOf(s);
  const { snapshot } = s.server;
  s.ask('mset a 1 b 1 c 1 d 1');
  s.now += 60_000;
  s.server.beginTurn();
  snapshot.tick();
  t.same(lines, [], 'not a second too early');
  s.now += 1000;
  s.server.beginTurn();
  snapshot.tick();
  t.equal(lines[0], '3 changes in 60 seconds. Saving...');
  await idle(s);
  t.equal(snapshot.changes, 0);
  s.ask('mset a 1 b 1 c 1 d 1 e 1');
  s.now += 11_000;
  s.server.beginTurn();
  snapshot.tick();
  t.equal(snapshot.currentSeconds, 0);
  t.match(lines.join(), /5 changes in 10 seconds\. Saving\.\.\./);
  s.server.snapshot.cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.same(readdirSync(dir), ['dump.rdb'], 'nothing is left of one that was given up');
});

t.test('FLUSHALL makes the file that of an empty dataset at once', async (t) => {
  const dir = directory();
  const s = new Session({ dir, save: [{ seconds: 60, changes: 1 }] });
  s.ask('set a 1');
  t.equal(s.ask('bgsave'), 'Background saving started');
  t.equal(s.ask('flushall'), 'OK');
  t.equal(s.server.snapshot.running, NO_SNAPSHOT, 'what was being written is given up');
  t.equal(s.server.snapshot.changes, 0);
  t.ok(statSync(path.join(dir, 'dump.rdb')).size < 100);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.same(readdirSync(dir), ['dump.rdb']);
  const other = new Session({ dir: directory() });
  other.ask('flushall');
  t.same(readdirSync(other.server.settings.dir), [], 'without save points nothing is written');
});

t.test('a full disk', async (t) => {
  const dir = directory();
  const disk = new SmallDisk();
  const s = new Session({ dir, save: [{ seconds: 1, changes: 1 }] }, 2, 1, { files: disk.files });
  const lines = linesOf(s);
  const { snapshot } = s.server;
  s.ask(['set', 'a', 'x'.repeat(2_000_000)]);
  t.equal(s.ask('save'), 'OK');
  const { size } = statSync(path.join(dir, 'dump.rdb'));
  disk.full = true;
  t.equal(s.ask('save'), '-ERR');
  t.equal(snapshot.lastOk, true, 'SAVE tells whoever called it');
  t.same(readdirSync(dir), ['dump.rdb'], 'nothing is left of it');
  t.equal(s.ask('set b 1'), 'OK');
  s.ask('bgsave');
  await idle(s);
  t.match(lines.slice(-2), [/^Write error saving DB on disk: No space left on device$/, /^Background saving error$/]);
  t.equal(snapshot.lastOk, false);
  t.match(s.ask('set b 1'), /^-MISCONF Redis is configured to save RDB snapshots, but/);
  t.match(s.ask('ping'), /^-MISCONF/);
  t.equal(s.ask('strlen b'), 1);
  t.equal(s.ask('config set stop-writes-on-bgsave-error no'), 'OK');
  t.equal(s.ask('set b 1'), 'OK');
  t.equal(s.ask('config set stop-writes-on-bgsave-error yes'), 'OK');
  t.match(s.ask('set b 1'), /^-MISCONF/);
  t.equal(s.ask(['config', 'set', 'save', '']), 'OK');
  t.equal(s.ask('set b 1'), 'OK');
  t.equal(s.ask(['config', 'set', 'save', '1 1']), 'OK');
  t.match(s.ask('info persistence'), /rdb_changes_since_last_save:[345]\r[\s\S]*rdb_last_bgsave_status:err\r/);
  t.same(readdirSync(dir), ['dump.rdb']);
  t.equal(statSync(path.join(dir, 'dump.rdb')).size, size, 'the last good one stays');
  const tries = lines.length;
  s.now += 5000;
  s.server.beginTurn();
  snapshot.tick();
  t.equal(lines.length, tries, 'no other try within five seconds');
  disk.full = false;
  s.now += 1000;
  s.server.beginTurn();
  snapshot.tick();
  await idle(s);
  t.equal(snapshot.lastOk, true);
  t.equal(s.ask('set b 2'), 'OK');
});

t.test('no memory for what must be set aside', async (t) => {
  const s = new Session({ dir: directory() });
  const lines = linesOf(s);
  for (let i = 0; i < 2000; i++) s.ask(`hset h f${i} ${'v'.repeat(100)}`);
  s.ask('bgsave');
  const { space } = s.server.databases[0];
  const walk = space.capture!.walk as { changing: (hash: number) => void };
  walk.changing = () => {
    throw new RangeError('Array buffer allocation failed');
  };
  t.equal(s.ask('hset h f1 x'), 0, 'the change goes on');
  t.equal(space.capture, undefined);
  await idle(s);
  t.match(lines.at(-2), /Array buffer allocation failed/);
  t.equal(s.server.snapshot.lastOk, false);
});

t.test('leftovers of processes that are dead', (t) => {
  const dir = directory();
  for (const name of ['temp-999999999.rdb', `temp-${process.ppid}.rdb`, 'temp-x.rdb'])
    writeFileSync(path.join(dir, name), '');
  sweepSnapshots(DISK, dir);
  t.same(readdirSync(dir).sort(), [`temp-${process.ppid}.rdb`, 'temp-x.rdb']);
  sweepSnapshots(DISK, path.join(dir, 'nosuch'));
  t.notOk(existsSync(path.join(dir, 'nosuch')));
  t.end();
});
