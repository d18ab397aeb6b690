/** Whether elements repeat, against a Set, of few and of many, integers in any form among strings; and which forms are canonical. */
import t from 'tap';
import { ListpackCheck } from '../../../storage/rdb/listpack-check.js';
import { seeded } from '../../random.js';
import { backlen, bytes, listpack, little } from './forms.js';

const random = seeded(23);
const pick = (n: number): number => Math.floor(random() * n);
const check = new ListpackCheck();

/** An element from a small stock, so that some repeat; an integer as such, or as a string of its digits. */
function element(stock: number): string | number | bigint {
  const dice = pick(4);
  const n = pick(stock);
  if (dice === 0) return n - (stock >> 1);
  if (dice === 1) return `${n - (stock >> 1)}`;
  if (dice === 2) return BigInt(n) * 1000003n ** 2n;
  return ['', '-', '7x', 'value '.repeat(20)][pick(4)] + String.fromCharCode(97 + (n % 26)).repeat(n % 90) + n;
}

t.test('repetitions are found, and nothing else', (t) => {
  let repeated = 0;
  for (let round = 0; round < 3000; round++) {
    const step = 1 + pick(3);
    const n = round % 10 === 0 ? 33 + pick(300) : pick(40);
    const elements = Array.from({ length: n * step }, () => element(n * (1 + pick(40)) + 1));
    const firsts = elements.filter((_, i) => i % step === 0).map(String);
    const block = bytes('###', listpack(...elements));
    if (!check.check(block, 3, block.length - 3)) t.fail(`round ${round} is refused`);
    if (check.count !== elements.length) t.fail(`round ${round}: ${check.count} elements`);
    const distinct = new Set(firsts).size === firsts.length;
    if (!distinct) repeated++;
    if (check.distinct(block, 3, step) !== distinct) t.fail(`round ${round}: ${firsts.join(' ').slice(0, 500)}`);
  }
  t.ok(repeated > 300 && repeated < 2700, `${repeated} of 3000 have some`);
  t.end();
});

t.test('integers in a longer form than they need', (t) => {
  const block = (data: Uint8Array): Uint8Array => {
    const parts = bytes(data, backlen(data.length));
    return bytes(little(parts.length + 7, 4), little(1, 2), parts, 0xff);
  };
  const rows: readonly (readonly [data: Uint8Array, canonical: boolean])[] = [
    [bytes(127), true],
    [bytes(0xc0, 127), false],
    [bytes(0xc0, 128), true],
    [bytes(0xdf, 255), true],
    [bytes(0xf1, little(4095, 2)), false],
    [bytes(0xf1, little(4096, 2)), true],
    [bytes(0xf1, little(-4096, 2)), false],
    [bytes(0xf2, little(32767, 3)), false],
    [bytes(0xf2, little(-32769, 3)), true],
    [bytes(0xf3, little(8388607, 4)), false],
    [bytes(0xf3, little(8388608, 4)), true],
    [bytes(0xf4, little(2147483647, 8)), false],
    [bytes(0xf4, little(-2147483649, 8)), true],
    [bytes(0x81, '5'), true],
  ];
  for (const [data, canonical] of rows) {
    const lp = block(data);
    t.equal(check.check(lp, 0, lp.length), true);
    t.equal(check.canonical, canonical, Buffer.from(data).toString('hex'));
  }
  t.end();
});
