/** Doubles as text: the layout of Redis 7.2, and what its argument parser takes and refuses. */
import t from 'tap';
import { DOUBLE_BYTES, parseBound, parseDouble, putDouble } from '../../protocol/double.js';

const buf = new Uint8Array(DOUBLE_BYTES + 8);

function text(value: number): string {
  buf.fill(0xee);
  const n = putDouble(buf, 3, value);
  if (n > DOUBLE_BYTES) throw new Error(`${value} takes ${n} bytes`);
  if (buf[2] !== 0xee || buf[3 + n] !== 0xee) throw new Error(`${value} wrote outside its bytes`);
  return Buffer.from(buf.subarray(3, 3 + n)).toString('latin1');
}

function read(words: string, parse = parseDouble): number {
  const raw = Buffer.from(`<${words}>`, 'latin1');
  const copy = new Uint8Array(raw);
  return parse(copy, 1, copy.length - 1);
}

/** A seeded source of doubles of every exponent, short decimals and integers. */
function* doubles(count: number): Generator<number> {
  let state = 12345;
  const word = () => (state = (Math.imul(state, 1664525) + 1013904223) | 0) >>> 0;
  const view = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < count; i++) {
    view.setUint32(0, word());
    view.setUint32(4, word());
    const any = view.getFloat64(0);
    if (Number.isFinite(any)) yield any;
    yield (word() % 2000000) / 10 ** (word() % 9);
    yield (word() - word()) * 2 ** (word() % 40);
    yield word() / 4294967296;
    yield 1.6e9 + word() / 1e6;
  }
}

t.test('the layout of Redis 7.2', (t) => {
  const rows: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-1, '-1'],
    [10, '10'],
    [999999999, '999999999'],
    [1000000000, '1000000000'],
    [1000000001, '1000000001'],
    [-4294967296, '-4294967296'],
    [2 ** 53, '9007199254740992'],
    [1e17, '100000000000000000'],
    [123456789012345680, '123456789012345680'],
    [36028797018963968, '36028797018963968'],
    [2 ** 62, '4611686018427387904'],
    [-(2 ** 62), '-4611686018427387904'],
    [2 ** 63, '9223372036854776000'],
    [1e19, '1e+19'],
    [1.5e19, '1.5e+19'],
    [1e20, '1e+20'],
    [1.23456789012345e22, '1.23456789012345e+22'],
    [-1.2345678901234568e22, '-12345678901234568000000'],
    [1e100, '1e+100'],
    [1.5e305, '1.5e+305'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [-Number.MAX_VALUE, '-1.7976931348623157e+308'],
    [5e-324, '5e-324'],
    [0.1, '0.1'],
    [-0.1, '-0.1'],
    [3.1, '3.1'],
    [0.5, '0.5'],
    [0.001, '0.001'],
    [0.00001, '0.00001'],
    [0.000001, '0.000001'],
    [1e-7, '1e-7'],
    [1.5e-10, '1.5e-10'],
    [0.0012345678, '0.0012345678'],
    [0.00012345678, '1.2345678e-4'],
    [0.1 + 0.2, '0.30000000000000004'],
    [Math.PI, '3.141592653589793'],
    [1234.5678901234567, '1234.5678901234567'],
    [12345.678901234567, '1.2345678901234567e+4'],
    [1700000000.123456, '1700000000.123456'],
    [123456789.12345679, '1.2345678912345679e+8'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ];
  for (const [value, want] of rows) t.equal(text(value), want);
  t.end();
});

t.test('what is written reads back as the same double, and is as short as the language knows', (t) => {
  let wrong = '';
  for (const value of doubles(20000)) {
    const shown = text(value);
    if (!Object.is(read(shown), value) || !Object.is(Number(shown), value)) wrong = `${value} -> ${shown}`;
    const whole = Number.isInteger(value) && Math.abs(value) <= 2 ** 62;
    if (whole && shown !== (Object.is(value, -0) ? '-0' : BigInt(value).toString())) wrong = `${value} -> ${shown}`;
    if (!whole && significant(shown) !== significant(String(value))) wrong = `${value} -> ${shown}`;
  }
  t.equal(wrong, '');
  t.end();
});

/** The digits alone, without the zeros at either end. */
function significant(shown: string): string {
  return shown.replace(/e.*/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
}

t.test('arguments', (t) => {
  const taken: [string, number][] = [
    ['1', 1],
    ['+5', 5],
    ['-0', -0],
    ['.5', 0.5],
    ['5.', 5],
    ['00012', 12],
    ['1e5', 100000],
    ['1E+05', 100000],
    ['1e-5', 0.00001],
    ['0e999999', 0],
    ['-0.0e-999999', -0],
    ['9007199254740993', 9007199254740992],
    ['9007199254740992.5', 9007199254740992],
    ['9223372036854775807', 2 ** 63],
    ['0.1000000000000000055511151231257827021181583404541015625', 0.1],
    ['123456789.123456789', 123456789.12345679],
    ['4.9e-324', 5e-324],
    ['2.2250738585072011e-308', 2.225073858507201e-308],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['inf', Number.POSITIVE_INFINITY],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-INFINITY', Number.NEGATIVE_INFINITY],
    ['0x10', 16],
    ['0X1.8P3', 12],
    ['-0x1p-3', -0.125],
    ['0x1.', 1],
    ['0x.1', 0.0625],
    ['0x0p99999999', 0],
    ['0x1p-1074', 5e-324],
    ['0x1.8p-1074', 1e-323],
    ['0x1.fffffffffffffp1023', Number.MAX_VALUE],
    ['0x1.fffffffffffff7p1023', Number.MAX_VALUE],
    ['0x1.00000000000008p0', 1],
    ['0x1.000000000000081p0', 1 + Number.EPSILON],
    ['0x1.00000000000018p0', 1 + 2 * Number.EPSILON],
    [`0x1.00000000000008${'0'.repeat(40)}1p0`, 1 + Number.EPSILON],
    [`0x1${'0'.repeat(50)}p-200`, 1],
    [`0x0.${'0'.repeat(50)}1p204`, 1],
  ];
  for (const [words, value] of taken) t.ok(Object.is(read(words), value), `${words} is ${value}`);
  const refused = ['', '+', '-', '.', 'e5', '1e', '1e+', '1e5.', '1.2.3', ' 1', '1 ', '\t1', '1\0', '1_0', '1d', '--1'];
  refused.push('nan', 'NaN', '-nan', 'nan(1)', 'in', 'infi', 'infinit', 'infinityx', 'x', '1x', '1,5', '１');
  refused.push('0x', '0x.', '0x.p1', '0xg', '0x1p', '0x1p+', '0x1.2.3', '0x1e+', '1p5');
  refused.push('1e400', '-1e400', '1e99999999999', '1e-400', '2e-324', '0x1p1024', '0x1.fffffffffffff8p1023');
  refused.push('0x1p99999999999', '-0x1p-1075', '0x0.8p-1074', '0x1p-99999999999');
  for (const words of refused) t.ok(Number.isNaN(read(words)), `${JSON.stringify(words)} is refused`);
  t.end();
});

t.test('bounds of ranges are read leniently', (t) => {
  const taken: [string, number][] = [
    ['', 0],
    [' 1', 1],
    ['\t\n\v\f\r2.5', 2.5],
    ['1e400', Number.POSITIVE_INFINITY],
    ['-1e400', Number.NEGATIVE_INFINITY],
    ['1e-400', 0],
    ['0x1p99999', Number.POSITIVE_INFINITY],
    ['5\0rest', 5],
    ['\0', 0],
    ['+inf', Number.POSITIVE_INFINITY],
  ];
  for (const [words, value] of taken) t.equal(read(words, parseBound), value);
  for (const words of [' ', '1 ', 'nan', '(', '((1', 'x', '1e', '- 1', ' \0'])
    t.ok(Number.isNaN(read(words, parseBound)), `${JSON.stringify(words)} is refused`);
  t.end();
});
