/** Payloads that are damaged, or hold what cannot be loaded: each is refused with its reason, and nothing is left of it. */
import t from 'tap';
import { Bench } from './bench.js';
import { bytes, double, intset, listpack, little, payload, string, ziplist, zipmap } from './forms.js';

const LONG = 'l'.repeat(300);
const HUGE = 'h'.repeat(20_000);
const FAR = 9_000_000_000_000;

t.test('what is damaged is refused, and nothing is left of it', (t) => {
  const bench = new Bench();
  const rows: readonly (readonly [body: Uint8Array, reason: RegExp | string])[] = [
    [bytes(), /ends/],
    [bytes(0, 5, 'hell'), /ends/],
    [bytes(0, 0x82), /no length begins with byte 130/],
    [bytes(0, 0xc4), /no string begins with byte 196/],
    [bytes(1, 0xc0, 1), /special form/],
    [bytes(0, 0x81, 0, 0, 0, 1, 0, 0, 0, 0), /more than 512 MiB/],
    [bytes(0, 0xc3, 1, 0x80, 0, 1, 0, 0, 5), /turns 1 bytes into 65536/],
    [bytes(0, 0xc3, 3, 5, 1, 97, 98), /damaged/],
    [bytes(0, 0xc3, 3, 5, 0x20, 97, 98), /damaged/],
    [bytes(1, 0), 'empty'],
    [bytes(2, 0), 'empty'],
    [bytes(4, 0), 'empty'],
    [bytes(5, 0), 'empty'],
    [bytes(10, string(ziplist())), 'empty'],
    [bytes(11, string(intset(2))), 'empty'],
    [bytes(16, string(listpack())), 'empty'],
    [bytes(17, string(listpack())), 'empty'],
    [bytes(18, 1, 2, string(listpack())), 'empty'],
    [bytes(20, string(listpack())), 'empty'],
    [bytes(25, little(FAR, 8), string(listpack())), 'empty'],
    [bytes(2, 2, string('a'), string('a')), /a member repeats/],
    [bytes(20, string(listpack('a', 'b', 'a'))), /repeats/],
    [bytes(20, string(listpack('5', 5))), /repeats/],
    [bytes(4, 2, string('a'), string('1'), string('a'), string('2')), /a field repeats/],
    [bytes(16, string(listpack('a', 1, 'a', 2))), /repeats/],
    [bytes(16, string(listpack('a', 1, 'b'))), /in the middle/],
    [bytes(17, string(listpack('a', 'one'))), /not a number/],
    [bytes(17, string(listpack('a', 'nan'))), /not a number/],
    [bytes(17, string(listpack('a', 1, 'a', 2))), /repeats/],
    [bytes(5, 1, string('a'), double(Number.NaN)), /not a number/],
    [bytes(5, 2, string('a'), double(1), string('a'), double(2)), /a member repeats/],
    [bytes(3, 1, string('a'), 253), /not a number/],
    [bytes(3, 1, string('a'), 3, 'abc'), /not a number/],
    [bytes(11, string(intset(2, 2, 1))), /not in order/],
    [bytes(11, string(intset(8, 2, 2))), /not in order/],
    [bytes(11, string(bytes(little(3, 4), little(1, 4), 0, 0, 0))), /damaged/],
    [bytes(11, string(bytes(little(2, 4), little(2, 4), 0, 0))), /damaged/],
    [bytes(11, string('x')), /damaged/],
    [bytes(18, 1, 3, string('x')), /kind 3/],
    [bytes(18, 2, 2, string(listpack('a')), 2, string('x')), /listpack that is damaged/],
    [bytes(14, 1, string(listpack('a'))), /ziplist that is damaged/],
    [bytes(9, string(zipmap([['a', '1']], 0, 2))), /zipmap that is damaged/],
    [bytes(9, string(bytes(1, 1, 'a'))), /zipmap that is damaged/],
    [bytes(9, string(bytes(1, 1, 'a', 9, 0, '1', 0xff))), /zipmap that is damaged/],
    [bytes(25, little(FAR, 8), string(listpack('a', 1, 'x'))), /at no time/],
    [bytes(25, little(FAR, 8), string(listpack('a', 1, -1))), /at no time/],
    [bytes(25, little(FAR, 8), string(listpack('a', 1, 1n << 60n))), /at no time/],
    [bytes(24, little(1n << 62n, 8), 1, 1, string('a'), string('1')), /at no time/],
    [bytes(8, string('x')), /type 8, which is unknown/],
    [bytes(15, 1, string('x')), /a stream \(type 15\)/],
    [bytes(19, 1), /a stream \(type 19\)/],
    [bytes(21, 1), /a stream \(type 21\)/],
    [bytes(7, moduleNumber('ReJSON-RL')), /module type 'ReJSON-RL'/],
    [bytes(6, moduleNumber('MBbloom--')), /module type 'MBbloom--'/],
  ];
  for (const [body, reason] of rows) {
    const found = bench.restore('k', payload(body));
    if (typeof reason === 'string') t.equal(found, reason, Buffer.from(body).toString('hex'));
    else t.match(found ?? 'no error', reason, Buffer.from(body).toString('hex'));
    t.equal(bench.show('k'), 'none');
  }
  t.equal(bench.leak(), '');
  t.end();
});

/** The number in which a module's name is kept, with the version 3 of its values. */
function moduleNumber(name: string): Uint8Array {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  let n = 0n;
  for (const c of name) n = (n << 6n) | BigInt(characters.indexOf(c));
  const buf = Buffer.alloc(9);
  buf[0] = 0x81;
  buf.writeBigUInt64BE((n << 10n) | 3n, 1);
  return buf;
}

t.test('listpacks whose parts contradict each other', (t) => {
  const bench = new Bench();
  const good = listpack('a', LONG, 5, HUGE);
  const change = (at: number, value: number): Uint8Array => {
    const bad = Buffer.from(good);
    bad[at] = value;
    return bad;
  };
  const rows: readonly (readonly [string, Uint8Array])[] = [
    ['total', change(0, good[0] + 1)],
    ['count', change(4, 5)],
    ['end', change(good.length - 1, 0)],
    ['length behind the first', change(8, 3)],
    ['an unknown encoding', change(6, 0xf7)],
    ['an element beyond the end', change(6, 0xbf)],
    ['shorter than a header', good.subarray(0, 5)],
    ['cut', good.subarray(0, good.length - 10)],
  ];
  t.equal(bench.restore('k', payload(bytes(18, 1, 2, string(good)))), undefined);
  for (const [what, block] of rows)
    t.match(bench.restore('k', payload(bytes(18, 1, 2, string(block)))) ?? 'no error', /damaged|repeats/, what);
  t.equal(bench.leak(), '');
  t.end();
});
