/** Packed listpacks against an array. */
import t from 'tap';
import { CheckedArena, GRANULE_MASK, SEGMENT_BITS } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import {
  LP_HEADER,
  lpAtEnd,
  lpBytes,
  lpFind,
  lpGet,
  lpInteger,
  lpIsInteger,
  lpLast,
  lpNext,
  lpPrev,
  lpSeek,
} from '../../storage/memory/listpack.js';
import {
  packedAppend,
  packedCopy,
  packedDelete,
  packedFree,
  packedInsert,
  packedLength,
  packedNew,
  packedReplace,
} from '../../storage/memory/packed.js';
import { seeded } from '../random.js';

const VALUES = [
  '',
  '0',
  '-1',
  '127',
  '128',
  '-4096',
  '4095',
  '4096',
  '-32768',
  '32768',
  '8388607',
  '-8388609',
  '2147483648',
  '-2147483649',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '-0',
  '007',
  ' 1',
  '1 ',
  '-',
  'text',
  '\x00\xff',
  'x'.repeat(63),
  'x'.repeat(64),
  'y'.repeat(4095),
  'y'.repeat(4096),
  'z'.repeat(20000),
];

t.test('random edits agree with an array', async (t) => {
  const random = seeded(11);
  const pick = (n: number): number => Math.floor(random() * n);
  const arena = new CheckedArena();
  const view = new Bytes();
  const scratch = new Uint8Array(32);
  let ref = packedNew(arena);
  let model: string[] = [];
  for (let i = 0; i < 4000; i++) {
    let u8 = arena.u8[ref >>> SEGMENT_BITS];
    let at = (ref & GRANULE_MASK) << 4;
    const value = VALUES[pick(VALUES.length)];
    const index = pick(model.length);
    const dice = random();
    if (dice < 0.3) {
      ref = packedAppend(arena, ref, Bytes.from(value));
      model.push(value);
    } else if (dice < 0.5 && model.length > 0) {
      ref = packedInsert(arena, ref, lpSeek(u8, at, index), Bytes.from(value));
      model.splice(index, 0, value);
    } else if (dice < 0.65 && model.length > 0) {
      ref = packedReplace(arena, ref, lpSeek(u8, at, index - model.length), Bytes.from(value));
      model[index] = value;
    } else if (dice < 0.95 && model.length > 0) {
      const n = 1 + pick(Math.min(3, model.length - index));
      ref = packedDelete(arena, ref, lpSeek(u8, at, index), n);
      model.splice(index, n);
    } else if (dice > 0.99) model = model.slice(0, 0).concat(model);
    u8 = arena.u8[ref >>> SEGMENT_BITS];
    at = (ref & GRANULE_MASK) << 4;
    if (i % 20 !== 0) continue;
    const got: string[] = [];
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); p = lpNext(u8, at, p))
      got.push(lpGet(u8, at, p, view, scratch).toString());
    const back: string[] = [];
    for (let p = lpLast(u8, at); p !== 0; p = lpPrev(u8, at, p)) back.push(lpGet(u8, at, p, view, scratch).toString());
    if (got.join('|') !== model.join('|') || back.reverse().join('|') !== model.join('|')) t.fail(`step ${i}`);
    const found = lpFind(u8, at, LP_HEADER, Bytes.from(value), 1);
    if (found !== 0 ? lpGet(u8, at, found, view, scratch).toString() !== value : model.includes(value))
      t.fail(`find, step ${i}`);
  }
  t.equal(packedLength(arena, ref), model.length);
  const copy = packedCopy(arena, ref, arena);
  t.equal(packedLength(arena, copy), model.length);
  packedFree(arena, copy);
  packedFree(arena, ref);
  t.equal(arena.blocks.size, 0);
});

t.test('integers take the fewest bytes and come back as numbers', async (t) => {
  const arena = new CheckedArena();
  for (const [text, bytes] of [
    ['5', 2],
    ['-1', 3],
    ['32767', 4],
    ['8388607', 5],
    ['2147483647', 6],
    ['2147483648', 10],
  ] as const) {
    const ref = packedAppend(arena, packedNew(arena), Bytes.from(text));
    const u8 = arena.u8[ref >>> SEGMENT_BITS];
    const at = (ref & GRANULE_MASK) << 4;
    t.equal(lpBytes(u8, at), 7 + bytes, text);
    t.ok(lpIsInteger(u8, at, LP_HEADER));
    t.equal(lpInteger(u8, at, LP_HEADER), Number(text));
  }
});
