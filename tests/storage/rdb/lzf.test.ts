/** LZF: what was compressed comes back, in as many bytes as promised; what is damaged is found; nothing is written elsewhere. */
import t from 'tap';
import { EXPANSION_MAX, LzfCompressor, lzfDecompress } from '../../../storage/rdb/lzf.js';
import { seeded } from '../../random.js';

const random = seeded(11);
const pick = (n: number): number => Math.floor(random() * n);

/** Bytes with repetitions near and far, as `kinds` different bytes make them. */
function sample(n: number, kinds: number): Uint8Array {
  const buf = new Uint8Array(n);
  for (let i = 0; i < n; ) {
    const run = Math.min(n - i, 1 + pick(40));
    if (i > 0 && random() < 0.5) buf.copyWithin(i, Math.max(0, i - 1 - pick(9000)), Math.min(i, i + run));
    else for (let k = 0; k < run; k++) buf[i + k] = pick(kinds);
    i += run;
  }
  return buf;
}

t.test('what was compressed comes back', (t) => {
  const lzf = new LzfCompressor();
  let smaller = 0;
  for (let round = 0; round < 600; round++) {
    const n = round < 300 ? pick(100) : pick(30_000);
    const data = sample(n + 2, 1 + pick(256));
    const to = new Uint8Array(2 * n + 50).fill(0xee);
    const limit = 5 + n + (n >> 4) + 2;
    const size = lzf.compress(data, 1, n + 1, to, 5, limit);
    if (size === 0 && n > 0) t.fail(`round ${round}: ${n} bytes do not fit ${limit - 5}`);
    if (to[4] !== 0xee || to[5 + size] !== 0xee) t.fail(`round ${round}: written outside`);
    if (size < n) smaller++;
    const back = new Uint8Array(n + 1).fill(0xee);
    if (!lzfDecompress(to, 5, 5 + size, back, n)) t.fail(`round ${round}: refused`);
    if (Buffer.compare(back.subarray(0, n), data.subarray(1, n + 1)) !== 0) t.fail(`round ${round}: another text`);
    if (back[n] !== 0xee) t.fail(`round ${round}: restored outside`);
  }
  t.ok(smaller > 200, `${smaller} have become smaller`);
  t.end();
});

t.test('what does not fit is not compressed, and never written past the limit', (t) => {
  const lzf = new LzfCompressor();
  for (let round = 0; round < 300; round++) {
    const n = 1 + pick(2000);
    const data = sample(n, 200);
    const limit = pick(n);
    const to = new Uint8Array(n + 10).fill(0xee);
    const size = lzf.compress(data, 0, n, to, 0, limit);
    if (size > limit) t.fail(`${size} of ${limit}`);
    if (to.subarray(limit).some((b) => b !== 0xee)) t.fail(`written behind ${limit}`);
  }
  t.pass('never');
  t.end();
});

t.test('long runs, and no more than the promised expansion', (t) => {
  const lzf = new LzfCompressor();
  const zeros = new Uint8Array(100_000);
  const to = new Uint8Array(5000);
  const size = lzf.compress(zeros, 0, zeros.length, to, 0, to.length);
  t.ok(size > 0 && size * EXPANSION_MAX >= zeros.length);
  const back = new Uint8Array(zeros.length).fill(1);
  t.equal(lzfDecompress(to, 0, size, back, zeros.length), true);
  t.equal(
    back.every((b) => b === 0),
    true,
  );
  t.equal(lzfDecompress(to, 0, size, back, zeros.length - 1), false, 'a shorter length');
  t.equal(lzfDecompress(to, 0, size, new Uint8Array(zeros.length + 1), zeros.length + 1), false, 'a longer length');
  t.end();
});

t.test('damaged input is refused or gives something of the right length', (t) => {
  const lzf = new LzfCompressor();
  let refused = 0;
  for (let round = 0; round < 2000; round++) {
    const n = 30 + pick(300);
    const data = sample(n, 4);
    const to = new Uint8Array(2 * n);
    const size = lzf.compress(data, 0, n, to, 0, to.length);
    to[pick(size)] ^= 1 << pick(8);
    const back = new Uint8Array(n + 1).fill(0xee);
    if (!lzfDecompress(to, 0, size - pick(2), back, n)) refused++;
    if (back[n] !== 0xee) t.fail('written outside');
  }
  t.ok(refused > 500, `${refused} refused`);
  t.end();
});

t.test('the search goes on over inputs of a gigabyte in all', (t) => {
  const lzf = new LzfCompressor();
  const data = Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(40));
  const to = new Uint8Array(2000);
  const first = lzf.compress(data, 0, data.length, to, 0, to.length);
  Object.assign(lzf, { base: (1 << 30) - 10 });
  t.equal(
    lzf.compress(data, 0, data.length, to, 0, to.length),
    first,
    'its table is cleared, and nothing else changes',
  );
  const back = new Uint8Array(data.length);
  t.equal(lzfDecompress(to, 0, first, back, data.length), true);
  t.same(Buffer.from(back), data);
  t.end();
});
