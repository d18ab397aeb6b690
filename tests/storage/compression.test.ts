/**
 * Strings that are kept compressed: random operations in two keyspaces against a map, on arenas that check every block, with the
 * threshold changing all the time; what is counted; and what is left in memory after long ones.
 */
import t, { type Test } from 'tap';
import { COMPRESSION_MIN } from '../../storage/compression.js';
import { renameEntry } from '../../storage/entry-move.js';
import { entryTotalBytes } from '../../storage/entry-size.js';
import { Keyspace } from '../../storage/keyspace.js';
import { Limits } from '../../storage/limits.js';
import { blockBytes, CheckedArena } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { KEEP_TTL, Strings } from '../../storage/string.js';
import { COMPRESSED, NATURAL, NOT_INT, RAW } from '../../storage/types.js';
import { seeded } from '../random.js';

class Rig {
  readonly arena = new CheckedArena();
  readonly space = new Keyspace({ expired: () => {} }, this.arena, seeded(1));
  readonly strings: Strings;

  constructor(readonly limits = new Limits()) {
    this.strings = new Strings(this.space, limits);
  }

  find(key: string): number {
    return this.space.find(Bytes.from(key));
  }

  set(key: string, value: string, encoding = NATURAL, at = -1): number {
    return this.strings.set(Bytes.from(key), Bytes.from(value), encoding, at);
  }

  get(key: string): string | undefined {
    const ref = this.find(key);
    return ref === 0 ? undefined : this.strings.get(ref).toString();
  }

  isCompressed(key: string): boolean {
    return this.space.encoding(this.find(key)) === COMPRESSED;
  }

  setRange(key: string, offset: number, value: string): number {
    return this.strings.setRange(this.find(key), Bytes.from(key), offset, Bytes.from(value));
  }

  /** The statistics as they should be: counted from the entries. */
  counted(): { values: number; bytesBefore: number; bytesAfter: number } {
    const { space, strings } = this;
    const sum = { values: 0, bytesBefore: 0, bytesAfter: 0 };
    space.table.forEach((ref) => {
      if (space.type(ref) !== 0 || space.encoding(ref) !== COMPRESSED) return;
      sum.values++;
      sum.bytesBefore += strings.get(ref).length;
      sum.bytesAfter += space.isBig(ref) ? space.large(ref).bytes - 96 : space.word(ref);
    });
    return sum;
  }

  /** Bytes of everything by the entries' own account. */
  entryBytes(): number {
    let n = 0;
    this.space.table.forEach((ref) => {
      n += entryTotalBytes(this.space, ref, 0) - 8 - (this.space.isBig(ref) ? 96 + 8 : 0);
    });
    return n;
  }

  end(t: Test): void {
    t.equal(this.arena.blocks.size, 0, 'no block is left');
    t.equal(this.arena.used, 0);
    t.equal(this.arena.outside, this.space.table.bytes, 'nothing is left outside');
    t.same({ ...this.space.compression }, { values: 0, bytesBefore: 0, bytesAfter: 0 });
  }
}

const random = seeded(7);
const noise = Array.from({ length: 200_000 }, () => String.fromCharCode(random() * 256)).join('');

/** Text that compresses well, a little, or not at all. */
function value(): string {
  const dice = random();
  const n = Math.floor(random() * (random() < 0.05 ? 90_000 : random() < 0.3 ? 3000 : 200));
  const from = Math.floor(random() * 100_000);
  if (dice < 0.3) return noise.slice(from, from + n);
  if (dice < 0.5) return String(Math.floor(random() * 1e6)).padEnd(n, '-');
  if (dice < 0.7) return noise.slice(from, from + (n >> 1)) + 'x'.repeat(n >> 1);
  return `{"id":${n},"name":"user ${n}","tags":["a","b"]}`.repeat(1 + Math.floor(n / 30)).slice(0, n);
}

t.test('random operations agree with a map, whatever the threshold', async (t) => {
  const limits = new Limits();
  const rigs = [new Rig(limits), new Rig(limits)];
  const models = [new Map<string, string>(), new Map<string, string>()];
  let wrong = '';
  let most = 0;
  let long = 0;
  for (let step = 0; step < 30_000 && wrong === ''; step++) {
    const i = random() < 0.5 ? 0 : 1;
    const rig = rigs[i];
    const model = models[i];
    const key = `key:${Math.floor(random() * 150)}`;
    const other = `key:${Math.floor(random() * 150)}`;
    const old = model.get(key);
    const dice = random();
    if (dice < 0.02) limits.valueCompressionThreshold = random() < 0.3 ? 0 : Math.floor(64 + random() * 600);
    else if (dice < 0.4) {
      const text = value();
      const at = random() < 0.3 ? 5000 : random() < 0.3 ? KEEP_TTL : -1;
      const ttl = old !== undefined && at === KEEP_TTL ? rig.space.expireAt(rig.find(key)) : at === KEEP_TTL ? -1 : at;
      const ref = rig.set(key, text, [NATURAL, RAW, NOT_INT][Math.floor(random() * 3)], at);
      if (rig.space.expireAt(ref) !== ttl) wrong = `TTL of ${key}`;
      model.set(key, text);
    } else if (dice < 0.55) {
      const text = value();
      const offset = random() < 0.5 ? (old ?? '').length : Math.floor(random() * 300);
      const padded = (old ?? '').padEnd(offset, '\0');
      const whole = padded.slice(0, offset) + text + padded.slice(offset + text.length);
      if (rig.setRange(key, offset, text) !== whole.length) wrong = `length of ${key}`;
      model.set(key, whole);
    } else if (dice < 0.65) {
      if (rig.space.delete(Bytes.from(key)) !== (old !== undefined)) wrong = `delete of ${key}`;
      model.delete(key);
    } else if (dice < 0.72 && old !== undefined) {
      rig.space.setExpire(rig.find(key), random() < 0.5 ? -1 : 9000);
    } else if (dice < 0.79 && old !== undefined && key !== other) {
      renameEntry(rig.space, Bytes.from(key), Bytes.from(other));
      model.delete(key);
      model.set(other, old);
    } else if (dice < 0.86 && old !== undefined) {
      const to = rigs[1 - i];
      to.space.delete(Bytes.from(other));
      to.find(other);
      rig.strings.copyTo(rig.find(key), to.space, Bytes.from(other));
      models[1 - i].set(other, old);
    } else if (rig.get(key) !== old || (old !== undefined && rig.strings.length(rig.find(key)) !== old.length)) {
      wrong = `${key} at step ${step}`;
    }
    if (rig.space.compression.values > most) most = rig.space.compression.values;
    if (old !== undefined && old.length > 40_000) long++;
  }
  t.equal(wrong, '');
  t.ok(most > 30, `many were compressed at once: ${most}`);
  t.ok(long > 100, 'some of them long');
  for (const [i, rig] of rigs.entries()) {
    for (const [key, text] of models[i]) if (rig.get(key) !== text) t.fail(key);
    t.equal(rig.space.size, models[i].size);
    t.same({ ...rig.space.compression }, rig.counted(), 'what is counted is what is there');
    const { arena, space } = rig;
    t.equal(arena.used + arena.outside - space.table.bytes, rig.entryBytes(), 'each entry knows its bytes');
    for (const key of models[i].keys()) rig.space.delete(Bytes.from(key));
    rig.end(t);
  }
});

t.test('what is compressed', async (t) => {
  const rig = new Rig();
  const { space, strings, limits } = rig;
  const text = 'abcdefgh'.repeat(100);
  rig.set('k', text);
  t.equal(rig.isCompressed('k'), false, 'nothing, unless told');
  const before = entryTotalBytes(space, rig.find('k'), 0);
  limits.valueCompressionThreshold = 800;
  t.equal(rig.isCompressed('k'), false, 'what is there stays as it is');
  rig.set('k', text);
  t.equal(rig.isCompressed('k'), true, 'until it is written again');
  t.equal(rig.get('k'), text);
  t.equal(strings.length(rig.find('k')), 800);
  t.equal(strings.encodingName(rig.find('k')), 'raw');
  const { bytesBefore, bytesAfter } = space.compression;
  t.equal(bytesBefore, 800);
  t.ok(bytesAfter < 40);
  t.equal(entryTotalBytes(space, rig.find('k'), 0), blockBytes(12 + 1 + bytesAfter) + 8, 'the bytes that it takes');
  t.ok(before > 800);
  rig.set('k', text.slice(1));
  t.equal(rig.isCompressed('k'), false, 'a byte less than the threshold');
  limits.valueCompressionThreshold = 64;
  rig.set('k', 'x'.repeat(COMPRESSION_MIN - 1));
  t.equal(rig.isCompressed('k'), false);
  rig.set('k', 'x'.repeat(COMPRESSION_MIN));
  t.equal(rig.isCompressed('k'), true);
  rig.set('k', noise.slice(0, 1000));
  t.equal(rig.isCompressed('k'), false, 'nothing saved');
  // Of 1,000 bytes 125 must go; the block has 4 bytes before it, and a few of its own.
  rig.set('k', noise.slice(0, 850) + 'x'.repeat(150));
  t.equal(rig.isCompressed('k'), true, 'an eighth saved');
  t.ok(space.compression.bytesAfter <= 875);
  rig.set('k', noise.slice(0, 862) + 'x'.repeat(138));
  t.equal(rig.isCompressed('k'), false, 'less than an eighth');
  limits.valueCompressionThreshold = 0;
  rig.set('other', text);
  t.equal(rig.isCompressed('other'), false);
  for (const key of ['k', 'other']) space.delete(Bytes.from(key));
  rig.end(t);
});

t.test('edits in place', async (t) => {
  const rig = new Rig();
  rig.limits.valueCompressionThreshold = 100;
  rig.set('k', 'a'.repeat(500), NATURAL, 7000);
  rig.setRange('k', 500, 'b'.repeat(500));
  t.equal(rig.isCompressed('k'), true, 'a short one is compressed again');
  t.equal(rig.get('k'), 'a'.repeat(500) + 'b'.repeat(500));
  t.equal(rig.space.expireAt(rig.find('k')), 7000);
  rig.setRange('k', 40_000, 'c');
  t.equal(rig.isCompressed('k'), false, 'a long one is not: more edits may come');
  t.equal(rig.space.expireAt(rig.find('k')), 7000);
  rig.setRange('k', 10, 'd');
  t.equal(rig.get('k'), `${'a'.repeat(10)}d${'a'.repeat(489)}${'b'.repeat(500)}${'\0'.repeat(39_000)}c`);
  const whole = rig.get('k')!;
  rig.set('k', whole, NATURAL, KEEP_TTL);
  t.equal(rig.isCompressed('k'), true, 'it is when it is set as a whole');
  t.equal(rig.get('k'), whole);
  t.equal(rig.strings.overwrite(rig.find('k'), Bytes.from('5')), false, 'not in the block of a compressed one');
  t.equal(rig.get('k'), whole);
  rig.space.delete(Bytes.from('k'));
  rig.end(t);
});

t.test('long ones', async (t) => {
  const rig = new Rig();
  rig.limits.valueCompressionThreshold = 100;
  const text = noise.repeat(10); // 2 MB; matches lie too far back, so that it stays as it is
  rig.set('noise', text);
  t.equal(rig.isCompressed('noise'), false);
  const half = Array.from({ length: 20_000 }, (_, i) => noise.slice(i * 3, i * 3 + 50) + 'y'.repeat(50)).join('');
  rig.set('half', half);
  t.equal(rig.isCompressed('half'), true);
  t.ok(rig.space.isBig(rig.find('half')), 'a compressed form of a megabyte has its own buffer');
  t.equal(rig.get('half'), half);
  const view = rig.strings.get(rig.find('half'));
  t.equal(view.buf.length, half.length);
  rig.strings.rest();
  t.equal(view.buf.length, 0, 'which is let go of');
  rig.set('short', 'z'.repeat(1000));
  const short = rig.strings.get(rig.find('short'));
  t.equal(short.buf.length, 64 * 1024);
  rig.strings.rest();
  t.equal(short.toString(), 'z'.repeat(1000), 'what is small may stay');
  const own = new Bytes().assign(rig.strings.get(rig.find('half')));
  rig.strings.set(Bytes.from('copy'), own);
  t.equal(rig.get('copy'), half, 'a restored string is not written over while it is compressed again');
  for (const key of ['noise', 'half', 'short', 'copy']) rig.space.delete(Bytes.from(key));
  rig.end(t);
});
