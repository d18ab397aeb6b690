/** What the output writes, byte by byte, and that the input reads it back, whole or in pieces. */
import t from 'tap';
import { Bytes } from '../../../storage/memory/bytes.js';
import { RdbInput, SHORT } from '../../../storage/rdb/input.js';
import { RdbOutput } from '../../../storage/rdb/output.js';
import { seeded } from '../../random.js';
import { noise } from './dataset.js';

const hex = (write: (out: RdbOutput) => void, compress = true): string => {
  const out = new RdbOutput(compress, 1);
  write(out);
  return Buffer.from(out.buf.subarray(0, out.pos)).toString('hex');
};

t.test('lengths take as little as they can', (t) => {
  const rows: readonly (readonly [number, string])[] = [
    [0, '00'],
    [63, '3f'],
    [64, '4040'],
    [16383, '7fff'],
    [16384, '8000004000'],
    [0xffffffff, '80ffffffff'],
    [0x100000000, '810000000100000000'],
    [Number.MAX_SAFE_INTEGER, '81001fffffffffffff'],
  ];
  for (const [n, bytes] of rows) {
    t.equal(
      hex((out) => out.length(n)),
      bytes,
    );
    const buf = Buffer.from(bytes, 'hex');
    t.equal(new RdbInput().open(buf, 0, buf.length).length(), n);
  }
  t.end();
});

t.test('strings take their shortest form', (t) => {
  const string = (text: string, compress = true): string => hex((out) => out.string(Bytes.from(text)), compress);
  t.equal(string(''), '00');
  t.equal(string('abc'), '03616263');
  t.equal(string('0'), 'c000');
  t.equal(string('-128'), 'c080');
  t.equal(string('128'), 'c18000');
  t.equal(string('-32768'), 'c10080');
  t.equal(string('32768'), 'c200800000');
  t.equal(string('-2147483648'), 'c200000080');
  t.equal(string('2147483648'), '0a32313437343833363438');
  t.equal(string('-0'), '022d30');
  t.equal(string('007'), '03303037');
  t.match(string('a'.repeat(20)), /^14(61){20}$/, 'not compressed up to 20 bytes');
  t.match(string('a'.repeat(21)), /^c3/, 'compressed from 21 on');
  t.match(string('a'.repeat(21), false), /^15(61){21}$/, 'unless that is switched off');
  t.match(string(noise(seeded(1), 100)), /^4064/, 'or saves nothing');
  t.equal(
    hex((out) => out.blob(Buffer.from('12'), 0, 2)),
    '023132',
    'a blob is no integer',
  );
  t.end();
});

t.test('numbers', (t) => {
  t.equal(
    hex((out) => out.byte(255)),
    'ff',
  );
  t.equal(
    hex((out) => out.u16(0x1234)),
    '3412',
  );
  t.equal(
    hex((out) => out.u32(0xfedcba98)),
    '98badcfe',
  );
  t.equal(
    hex((out) => out.u64(0x1234567890abc)),
    'bc0a896745230100',
  );
  t.equal(
    hex((out) => out.double(-1.5)),
    '000000000000f8bf',
  );
  t.equal(
    hex((out) => out.text('ab')),
    '026162',
  );
  t.end();
});

t.test('whatever is written is read back, in any pieces', (t) => {
  const random = seeded(5);
  const view = new Bytes();
  for (let round = 0; round < 60; round++) {
    const out = new RdbOutput(random() < 0.5, 16);
    const texts: string[] = [];
    for (let i = 0; i < 30; i++) {
      const n = Math.floor(random() ** 3 * (round < 55 ? 300 : 70_000));
      const text = [String(Math.floor((random() - 0.5) * 10 ** (random() * 12))), noise(random, n), 'xyz'.repeat(n)];
      texts.push(text[Math.floor(random() * 3)]);
      out.string(Bytes.from(texts[i]));
      out.length(i * 1000);
      out.double(i / 3);
      out.u64(i * 2 ** 40);
      out.u32(i);
    }
    const input = new RdbInput();
    input.buf = out.buf;
    for (let i = 0; i < 30; ) {
      input.commit();
      try {
        const got = input.string(view).toString();
        const same = input.length() === i * 1000 && input.double() === i / 3;
        if (got !== texts[i] || !same || input.i64() !== i * 2 ** 40 || input.u32() !== i)
          t.fail(`round ${round}, ${i}`);
        i++;
      } catch (e) {
        if (e !== SHORT) throw e;
        input.rewind();
        // What is wanted is never more than is missing of the unit.
        input.end = Math.min(out.pos, Math.max(input.end + 1, input.mark + Math.floor(input.wanted * random())));
      }
    }
    if (input.pos !== out.pos) t.fail(`round ${round}: ${out.pos - input.pos} bytes are left`);
  }
  t.pass('all of it');
  t.end();
});

t.test('a buffer is handed over, and a large one let go', (t) => {
  const out = new RdbOutput(true, 8);
  out.text('abc');
  const full = out.swap(new Uint8Array(4));
  t.equal(Buffer.from(full).toString('hex'), '03616263');
  t.equal(out.pos, 0);
  out.text('a longer text');
  t.equal(out.pos, 14, 'the other one grows');
  t.equal(Buffer.from(full).toString('hex'), '03616263', 'and the first stays as it was');
  out.bytes(new Uint8Array(3 << 20), 0, 3 << 20);
  out.reset();
  t.equal(out.buf.length, 8);
  t.end();
});
