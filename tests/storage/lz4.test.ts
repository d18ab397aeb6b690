/**
 * LZ4 blocks: against blocks that liblz4 1.9.4 made (fast and high compression), round trips of random and structured data of
 * many sizes, and damaged blocks, which must be refused or give bytes, but never touch memory outside.
 */
import t from 'tap';
import { lz4Compress, lz4Decompress } from '../../storage/memory/lz4.js';
import { seeded } from '../random.js';

/** Bytes that a block of `n` bytes takes at most, when nothing in it repeats. */
function lz4Bound(n: number): number {
  return n + Math.floor(n / 255) + 16;
}

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const keys = Array.from({ length: 40 }, (_, i) => `key:${String(i).padStart(6, '0')};`).join('');

/** What liblz4 makes of each text: a block of its fast mode, and one of its high compression (level 12). */
const VECTORS: [text: string, ...blocks: string[]][] = [
  ['', '00'],
  ['a', '1061'],
  ['hello, world', 'c068656c6c6f2c20776f726c64'],
  ['a'.repeat(20), '1a610100506161616161'],
  ['ab'.repeat(300), '2f61620200ffff40506261626162'],
  [`${'abcdefgh'.repeat(4)}THE END`, '8f61626364656667680800057054484520454e44'],
  [
    keys,
    '516b65793a300100153b0b0016310b0016320b0016330b0016340b0016350b0016360b0016370b0016380b0015390b002631300b00066e' +
      '0016316e0016316e0016316e0016316e0016316e0016316e0016316e0016316e0016326e0016326e0016326e0016326e0016326e0016' +
      '326e0016326e0016326e0016326e0016326e0016336e0016336e0016336e0016336e0016336e0016336e0016336e0016336e0014336e' +
      '0050303033393b',
    '516b65793a300100153b0b0016310b0016320b0016330b0016340b0016350b0016360b0016370b0016380b0015390b002631300b001631' +
      '0b0016320b0016330b0016340b0016350b0016360b0016370b0016380b00066e002632300b0016310b0016320b0016330b0016340b00' +
      '16350b0016360b0016370b0016380b00066e002633300b0016310b0016320b0016330b0016340b0016350b0016360b0016370b00046e' +
      '0050303033393b',
  ],
];

/** Data that repeats itself as much as `random` likes: runs, copies from near and far, letters of small alphabets. */
function structured(n: number, random: () => number): Uint8Array {
  const data = new Uint8Array(n);
  const letters = 1 + Math.floor(random() * random() * 256);
  for (let p = 0; p < n; ) {
    if (p === 0 || random() < 0.5) data[p++] = random() * letters;
    else {
      const offset = 1 + Math.floor(random() * Math.min(p, random() < 0.5 ? 20 : 100_000));
      let length = Math.floor(random() * (random() < 0.1 ? 3000 : 40));
      for (; length > 0 && p < n; length--, p++) data[p] = data[p - offset];
    }
  }
  return data;
}

/** Compresses and restores within larger buffers; false when a byte differs or one outside of what was given has changed. */
function survives(data: Uint8Array, lead: number): boolean {
  const n = data.length;
  const from = new Uint8Array(lead + n + 9).fill(0x55);
  from.set(data, lead);
  const room = new Uint8Array(lz4Bound(n) + 16).fill(0xee);
  const length = lz4Compress(from, lead, lead + n, room.subarray(8, 8 + lz4Bound(n)));
  if (length <= 0 || room.subarray(0, 8).some((b) => b !== 0xee) || room.at(-1) !== 0xee) return false;
  const back = new Uint8Array(n + 8).fill(0x77);
  lz4Decompress(room, 8, 8 + length, back, n);
  return Buffer.compare(back.subarray(0, n), data) === 0 && back.subarray(n).every((b) => b === 0x77);
}

t.test('blocks of liblz4', async (t) => {
  for (const [text, ...blocks] of VECTORS) {
    for (const block of blocks) {
      const to = new Uint8Array(text.length);
      lz4Decompress(hex(block), 0, block.length / 2, to, text.length);
      t.equal(Buffer.from(to).toString('latin1'), text, block.slice(0, 40));
    }
  }
  // Where there is only one way to say it, the block is the same byte for byte.
  for (const [text, block] of VECTORS.slice(0, 6)) {
    const to = new Uint8Array(lz4Bound(text.length));
    const length = lz4Compress(bytes(text), 0, text.length, to);
    t.equal(Buffer.from(to.subarray(0, length)).toString('hex'), block, text.slice(0, 20));
  }
});

t.test('round trips', async (t) => {
  const random = seeded(4);
  let wrong = 0;
  for (let n = 0; n < 400; n++) {
    if (!survives(structured(n, random), n % 7)) wrong++;
    if (!survives(new Uint8Array(n).fill(n), 0)) wrong++;
  }
  for (let i = 0; i < 300; i++) if (!survives(structured(Math.floor(random() * 9000), random), i % 5)) wrong++;
  for (const n of [65_535, 65_536, 65_549, 131_072, 300_001, 1_000_000]) {
    if (!survives(structured(n, random), 3)) wrong++;
    if (!survives(new Uint8Array(n), 0)) wrong++;
    if (
      !survives(
        structured(n, () => random()).map(() => random() * 256),
        1,
      )
    )
      wrong++;
  }
  // Lengths at the limits of the bytes that extend them, of literals and of matches.
  const noise = new Uint8Array(600).map(() => random() * 256);
  for (const literals of [14, 15, 16, 269, 270, 271, 524, 525, 526]) {
    for (const match of [18, 19, 20, 272, 273, 274, 275]) {
      const data = new Uint8Array(literals + match + 12);
      data.set(noise.subarray(0, literals));
      data.fill(noise[literals - 1] ^ 1, literals);
      if (!survives(data, 0)) wrong++;
    }
  }
  t.equal(wrong, 0);
});

t.test('what does not fit', async (t) => {
  const random = seeded(9);
  let wrong = 0;
  for (let i = 0; i < 200; i++) {
    const data = structured(Math.floor(random() * 700), random);
    const to = new Uint8Array(lz4Bound(data.length));
    const length = lz4Compress(data, 0, data.length, to);
    const exact = new Uint8Array(length);
    if (lz4Compress(data, 0, data.length, exact) !== length && length > 0) wrong++;
    if (Buffer.compare(exact, to.subarray(0, length)) !== 0) wrong++; // the same bytes, whatever was compressed before
    for (let room = 0; room < length; room += 1 + (length >> 4)) {
      if (lz4Compress(data, 0, data.length, new Uint8Array(room)) !== 0) wrong++;
    }
  }
  t.equal(wrong, 0);
});

t.test('damaged blocks', async (t) => {
  const refuses = (block: string, size: number, text: RegExp, room = size) =>
    t.throws(
      () => lz4Decompress(hex(block), 0, block.length / 2, new Uint8Array(room), size),
      { name: 'RangeError', message: text },
      block,
    );
  refuses('', 0, /no end/);
  refuses('1061', 0, /more than/);
  refuses('1061', 2, /less than/);
  refuses('1061', 1, /too short/, 0);
  refuses('2061', 2, /within its literals/);
  refuses('1a6101', 20, /within an offset/);
  refuses('1a61000050', 20, /before its beginning/);
  refuses('1a61020050', 20, /before its beginning/);
  refuses('1a610100', 20, /no end/);
  refuses('1a6101005061616161', 20, /within its literals/);
  refuses('1f610100ff', 2000, /within a length/);
  refuses('f0ff', 2000, /within a length/);
  refuses('1f610100ff00506161616161', 200, /more than/);
  t.throws(() => lz4Decompress(hex('1061'), 0, 3, new Uint8Array(4), 1), /too short/);

  // A flipped bit, a cut, a foreign byte: refused, or bytes within `size`; what lies around the target stays as it is.
  const random = seeded(5);
  let refused = 0;
  let outside = 0;
  for (let i = 0; i < 20_000; i++) {
    const data = structured(40 + Math.floor(random() * 300), random);
    const block = new Uint8Array(lz4Bound(data.length));
    let end = lz4Compress(data, 0, data.length, block);
    if (i % 3 === 0) end = Math.floor(random() * end);
    else if (i % 3 === 1) block[Math.floor(random() * end)] ^= 1 << Math.floor(random() * 8);
    else for (let k = 0; k < 4; k++) block[Math.floor(random() * end)] = random() * 256;
    const guarded = new Uint8Array(data.length + 64).fill(0x99);
    try {
      lz4Decompress(block, 0, end, guarded.subarray(32, 32 + data.length), data.length);
    } catch (error) {
      if (!(error instanceof RangeError) || !error.message.startsWith('corrupt LZ4 block')) throw error;
      refused++;
    }
    if (guarded.subarray(0, 32).some((b) => b !== 0x99) || guarded.subarray(-32).some((b) => b !== 0x99)) outside++;
  }
  t.equal(outside, 0);
  t.ok(refused > 5_000, 'most damage is seen');
});
