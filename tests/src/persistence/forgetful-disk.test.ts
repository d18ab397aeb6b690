/** The disk that forgets: what it keeps, what it may keep, and what it never makes up. */
import t from 'tap';
import { seeded } from '../../random.js';
import { ForgetfulDisk } from './forgetful-disk.js';

const A = Buffer.from('a'.repeat(10_000));
const B = Buffer.from('b'.repeat(10_000));

function disk(random = seeded(1)): ForgetfulDisk {
  return new ForgetfulDisk(random).giveDirectory('/d');
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
}

/** The texts of a file that are found after power cuts with many seeds; undefined where there is none. */
function survivors(name: string, prepare: (disk: ForgetfulDisk) => void): Set<string | undefined> {
  const found = new Set<string | undefined>();
  for (let seed = 1; seed < 200; seed++) {
    const one = disk(seeded(seed));
    prepare(one);
    found.add(text(one.cutPower().bytes(name)));
  }
  return found;
}

t.test('what was synced, and its name too, survives', (t) => {
  const found = survivors('/d/f', (one) => {
    const fd = one.open('/d/f', 'create');
    one.writeSync(fd, A, 0, A.length, 0);
    one.datasyncSync(fd);
    one.syncDirectorySync('/d');
    one.writeSync(fd, B, 0, 5000, A.length);
  });
  t.notOk(found.has(undefined));
  t.ok([...found].every((one) => one!.startsWith(A.toString())));
  t.ok(found.has(A.toString()), 'nothing of what followed');
  t.ok(found.has(A.toString() + B.toString().slice(0, 5000)), 'all of it');
  t.ok(
    [...found].some((one) => /^a+b+$/.test(one!) && one!.length < 15_000),
    'a beginning',
  );
  t.ok(
    [...found].some((one) => /^a+\0+b+$/.test(one!)),
    'a later page, and zeros before it',
  );
  t.ok(
    [...found].every((one) => /^a+[b\0]*$/.test(one!)),
    'and never other bytes',
  );
  t.end();
});

t.test('a name without a sync of its directory', (t) => {
  const created = survivors('/d/f', (one) => one.datasyncSync(one.open('/d/f', 'create')));
  t.same([...created].sort(), ['', undefined]);
  const replaced = survivors('/d/f', (one) => {
    one.giveFile('/d/f', Buffer.from('old'));
    one.giveFile('/d/g', Buffer.from('new'));
    one.rename('/d/g', '/d/f');
  });
  t.same([...replaced].sort(), ['new', 'old'], 'one of both');
  const removed = survivors('/d/f', (one) => {
    one.giveFile('/d/f', Buffer.from('old'));
    one.removeSync('/d/f');
  });
  t.same([...removed].sort(), ['old', undefined]);
  const inside = survivors('/d/e/f', (one) => {
    one.makeDirectory('/d/e');
    one.datasyncSync(one.open('/d/e/f', 'create'));
    one.syncDirectorySync('/d/e');
  });
  t.same([...inside].sort(), ['', undefined], 'a directory is a name too');
  const whole = survivors('/d/e/f', (one) => {
    one.makeDirectory('/d/e');
    one.syncDirectorySync('/d');
    one.datasyncSync(one.open('/d/e/f', 'create'));
    one.syncDirectorySync('/d/e');
  });
  t.same([...whole], ['']);
  t.end();
});

t.test('a sync covers what was written before it began', async (t) => {
  const one = disk();
  const fd = one.open('/d/f', 'create');
  one.syncDirectorySync('/d');
  one.writeSync(fd, A, 0, 100, 0);
  const first = new Promise((done) => one.datasync(fd, done));
  one.writeSync(fd, B, 0, 100, 100);
  t.equal(await first, null);
  one.cutPower();
  t.match(text(one.survivor!.bytes('/d/f')), /^a{100}b*\0*$/);
  const late: unknown[] = [];
  one.datasync(fd, (e) => late.push(e));
  await new Promise((later) => setTimeout(later, 20));
  t.same(late, [], 'nobody is answered without power');
  one.release();
  t.same(late, [null], 'but when all is over');
});

t.test('a synced descriptor, and operations counted to the cut', async (t) => {
  const one = disk();
  one.open('/d/f', 'create');
  one.syncDirectorySync('/d');
  const fd = one.open('/d/f', 'synced');
  t.equal(await new Promise((done) => one.write(fd, A, 0, 50, 0, (_, n) => done(n))), 50);
  let cut = 0;
  one.cut = () => cut++;
  one.cutAt = one.operations + 2;
  one.writeSync(fd, A, 0, 1, 50);
  t.equal(cut, 0);
  one.writeSync(fd, A, 0, 1, 51);
  t.equal(cut, 1);
  t.match(text(one.survivor!.bytes('/d/f')), /^a{50}/);
});

t.test('a full disk, and one that fails', async (t) => {
  const one = disk();
  one.capacity = 150;
  const fd = one.open('/d/f', 'create');
  t.equal(one.writeSync(fd, A, 0, 100, 0), 100);
  t.equal(one.writeSync(fd, A, 0, 100, 100), 50, 'what has room');
  t.throws(() => one.writeSync(fd, A, 0, 100, 150), { code: 'ENOSPC' });
  t.equal(one.writeSync(fd, B, 0, 100, 0), 100, 'writing over needs no room');
  const error = await new Promise<NodeJS.ErrnoException | null>((done) => one.write(fd, A, 0, 1, 150, done));
  t.equal(error?.code, 'ENOSPC');
  one.truncate(fd, 100);
  t.equal(one.writeSync(fd, A, 0, 50, 100), 50);
  one.syncDirectorySync('/d');
  one.syncFailure = 'EIO';
  t.throws(() => one.datasyncSync(fd), { code: 'EIO' });
  one.syncFailure = '';
  one.datasyncSync(fd);
  t.equal(text(one.bytes('/d/f'))?.length, 150, 'it is seen');
  t.equal(text(one.cutPower().bytes('/d/f')), '', 'but a sync that failed has lost it');
});
