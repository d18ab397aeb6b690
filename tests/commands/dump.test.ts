/** DUMP and RESTORE as commands: errors and their order, TTLs, accesses, events, effects. What the payloads hold: tests/storage/rdb. */
import t from 'tap';
import type { EffectTaker } from '../../commands/effects.js';
import type { Bytes } from '../../storage/memory/bytes.js';
import { bytes, payload, string } from '../storage/rdb/forms.js';
import { Session } from './session.js';

/** A payload as Redis 7.0.15 has given it for `hello`. */
const HELLO = '\x00\x05hello\n\x00cr\xdfve4 \n';
const latin1 = (data: Uint8Array): string => Buffer.from(data).toString('latin1');

t.test('DUMP gives what Redis gives', (t) => {
  const s = new Session();
  s.ask('set k hello');
  t.equal(s.ask('dump k'), HELLO);
  t.equal(s.ask('dump nokey'), null);
  s.now += 10_000;
  s.ask('dump k');
  t.equal(s.ask('object idletime k'), 0, 'that is an access');
  t.end();
});

t.test('RESTORE refuses in this order', (t) => {
  const s = new Session();
  s.ask('set k v');
  const cases: readonly (readonly [string[], string])[] = [
    [['k', 'x', 'bad', 'foo'], '-ERR syntax error'],
    [['k', 'x', 'bad', 'replace', 'idletime'], '-ERR syntax error'],
    [['k', '0', HELLO, 'freq', '1', 'idletime', '1'], '-ERR syntax error'],
    [['k', '0', HELLO, 'idletime', '1', 'freq', '1'], '-ERR syntax error'],
    [['k', '0', HELLO, 'idletime', '-1'], '-ERR Invalid IDLETIME value, must be >= 0'],
    [['k', '0', HELLO, 'idletime', 'x'], '-ERR value is not an integer or out of range'],
    [['k', '0', HELLO, 'freq', '256'], '-ERR Invalid FREQ value, must be >= 0 and <= 255'],
    [['k', '0', HELLO, 'freq', '-1'], '-ERR Invalid FREQ value, must be >= 0 and <= 255'],
    [['k', 'x', 'bad'], '-BUSYKEY Target key name already exists.'],
    [['k', 'x', 'bad', 'replace'], '-ERR value is not an integer or out of range'],
    [['k', '-1', 'bad', 'replace'], '-ERR Invalid TTL value, must be >= 0'],
    [['k', '9223372036854775808', HELLO, 'replace'], '-ERR value is not an integer or out of range'],
    [['k', '0', 'bad', 'replace'], '-ERR DUMP payload version or checksum are wrong'],
    [['k', '0', `${HELLO.slice(0, -1)}x`, 'replace'], '-ERR DUMP payload version or checksum are wrong'],
    [
      ['k', '0', latin1(payload(bytes(0, string('hello')), 13)), 'replace'],
      '-ERR DUMP payload version or checksum are wrong',
    ],
    [['k', '0', latin1(payload(bytes(0, 9, 'hello'))), 'replace'], '-ERR Bad data format'],
    [['k', '0', latin1(payload(bytes(2, 0))), 'replace'], '-ERR Bad data format'],
    [['k', '0', latin1(payload(bytes(2, 2, string('a'), string('a')))), 'replace'], '-ERR Bad data format'],
    [['k', '0', latin1(payload(bytes(15, 1))), 'replace'], '-ERR Bad data format'],
  ];
  t.ok(s.events.length > 0);
  for (const [words, error] of cases)
    t.equal(s.ask(['restore', ...words]), error, `${words.length} ${words.slice(3).join(' ')}`);
  t.same(s.events, [], 'nothing has changed');
  t.equal(s.ask('get k'), 'v');
  t.end();
});

t.test('RESTORE sets the TTL, or none', (t) => {
  const s = new Session();
  const { now } = s;
  t.equal(s.ask(['restore', 'a', '0', HELLO]), 'OK');
  t.equal(s.ask('pttl a'), -1);
  t.same(s.events, ['restore a']);
  t.equal(s.ask(['restore', 'a', '5000', HELLO, 'REPLACE']), 'OK');
  t.equal(s.ask('pexpiretime a'), now + 5000);
  t.same(s.events, ['restore a'], 'what was there before has gone silently');
  t.equal(s.ask(['restore', 'a', `${now + 7}`, HELLO, 'absttl', 'replace']), 'OK');
  t.equal(s.ask('pttl a'), 7);
  t.equal(s.ask(['restore', 'a', '0', HELLO, 'absttl', 'replace', 'absttl', 'replace']), 'OK');
  t.equal(s.ask('pttl a'), -1);
  t.same(s.events, ['restore a', 'restore a']);
  t.equal(s.ask(['restore', 'a', `${now}`, HELLO, 'absttl', 'replace']), 'OK', 'one that has passed');
  t.equal(s.ask('exists a'), 0);
  t.same(s.events, ['del a']);
  t.equal(s.ask(['restore', 'a', '1', HELLO, 'absttl']), 'OK');
  t.equal(s.ask('exists a'), 0);
  t.same(s.events, [], 'nothing was there');
  t.equal(s.ask(['restore', 'a', '9223372036854775807', HELLO]), 'OK', 'a sum beyond 64 bits has passed, too');
  t.equal(s.ask('exists a'), 0);
  t.equal(s.ask(['restore', 'a', '9223372036854775807', HELLO, 'absttl']), 'OK');
  t.equal(s.ask('get a'), 'hello');
  t.end();
});

t.test('RESTORE sets the access that the policy counts', (t) => {
  const s = new Session();
  s.ask(['restore', 'a', '0', HELLO, 'idletime', '1000']);
  t.equal(s.ask('object idletime a'), 1000);
  s.ask(['restore', 'a', '0', HELLO, 'replace', 'freq', '7']);
  t.equal(s.ask('object idletime a'), 0);
  s.ask('config set maxmemory-policy allkeys-lfu');
  s.ask(['restore', 'a', '0', HELLO, 'replace', 'freq', '77']);
  t.equal(s.ask('object freq a'), 77);
  s.ask(['restore', 'a', '0', HELLO, 'replace', 'idletime', '77']);
  t.equal(s.ask('object freq a'), 5, 'that of a new key');
  t.end();
});

t.test('whatever stood at the key is replaced by any type', (t) => {
  const s = new Session();
  s.ask('rpush l a b c');
  s.ask('hset h a 1 b 2');
  s.ask('hpexpire h 10000 FIELDS 1 a');
  for (const from of ['l', 'h']) {
    const body = s.ask(`dump ${from}`) as string;
    s.ask('set t v px 1000');
    t.equal(s.ask(['restore', 't', '0', body]), '-BUSYKEY Target key name already exists.');
    t.equal(s.ask(['restore', 't', '0', body, 'replace']), 'OK');
    t.equal(s.ask('pttl t'), -1);
    t.equal(s.ask('type t'), s.ask(`type ${from}`));
  }
  t.same(s.ask('lrange l 0 -1'), ['a', 'b', 'c']);
  t.same(s.ask('hpttl t FIELDS 2 a b'), [10000, -1], 'fields keep their TTLs');
  t.equal(s.server.databases[0].space.fieldExpires, 2);
  s.now += 10_000;
  t.same(s.ask('hgetall t'), ['b', '2']);
  t.end();
});

t.test('a value restored into another database, after it was emptied, and after SWAPDB', (t) => {
  const s = new Session();
  for (const command of ['select 3', 'flushdb', 'swapdb 3 4', 'select 4', 'flushall']) {
    s.ask(command);
    t.equal(s.ask(['restore', 'k', '0', HELLO, 'replace']), 'OK');
    t.equal(s.ask('get k'), 'hello', `after ${command}`);
    t.equal(s.ask('dbsize'), 1);
  }
  t.end();
});

/** Keeps effects as text. */
class Told implements EffectTaker {
  readonly lines: string[] = [];

  take(db: number, argv: readonly Bytes[], argc: number): void {
    this.lines.push([db, ...argv.slice(0, argc)].join(' '));
  }
}

t.test('effects give the same result at any time', (t) => {
  const s = new Session();
  const told = new Told();
  s.server.effects.start(told);
  s.ask(['restore', 'a', '0', HELLO]);
  s.ask(['restore', 'a', '50', HELLO, 'replace', 'idletime', '9']);
  s.ask(['restore', 'b', '50', HELLO, 'freq', '9']);
  s.ask(['restore', 'b', `${s.now + 5}`, HELLO, 'absttl', 'replace']);
  s.ask(['restore', 'b', '1', HELLO, 'absttl', 'replace']);
  s.ask(['restore', 'b', '1', HELLO, 'absttl', 'replace']);
  s.ask(['restore', 'b', '0', 'bad']);
  t.same(told.lines, [
    `0 restore a 0 ${HELLO}`,
    `0 RESTORE a ${s.now + 50} ${HELLO} ABSTTL REPLACE IDLETIME 9`,
    `0 RESTORE b ${s.now + 50} ${HELLO} ABSTTL FREQ 9`,
    `0 restore b ${s.now + 5} ${HELLO} absttl replace`,
    '0 DEL b',
  ]);
  t.end();
});

t.test('a long payload is given back, and its memory let go', (t) => {
  const s = new Session();
  const long = 'abcdefgh'.repeat(400_000);
  s.ask(['set', 'k', long]);
  s.ask('config set rdbcompression no');
  const body = s.ask('dump k') as string;
  t.ok(body.length > long.length);
  s.ask('config set rdbcompression yes');
  t.ok((s.ask('dump k') as string).length < 50_000, 'rdbcompression');
  s.ask(['restore', 'copy', '0', s.ask('dump k') as string]);
  t.equal(s.ask('get copy'), long);
  s.ask(['restore', 'copy', '0', body, 'replace']);
  t.equal(s.ask('get copy'), long);
  t.end();
});

t.test('values that are kept compressed are dumped as what they stand for', (t) => {
  const s = new Session();
  const text = 'some text '.repeat(100);
  s.ask(['set', 'plain', text]);
  s.ask('config set value-compression-threshold 64');
  s.ask(['set', 'packed', text]);
  t.equal(s.ask('dump packed'), s.ask('dump plain'));
  s.ask(['restore', 'again', '0', s.ask('dump packed') as string]);
  t.equal(s.ask('get again'), text);
  t.ok(s.server.databases[0].space.compression.values === 2, 'and what is restored is compressed again');
  t.end();
});
