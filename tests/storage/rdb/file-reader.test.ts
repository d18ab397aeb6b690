/** Files made by hand: opcodes, versions, checksum, what is left out, and errors that say where and what. In one piece and byte by byte. */
import t from 'tap';
import { Bytes } from '../../../storage/memory/bytes.js';
import { FINISHED, GOES_ON, RdbFileReader, WANTS_DATA } from '../../../storage/rdb/file-reader.js';
import { Session } from '../../commands/session.js';
import { seeded } from '../../random.js';
import { FAR, noise } from './dataset.js';
import { bytes, intset, length, listpack, little, string } from './forms.js';
import { file, load } from './load-file.js';

const entry = (key: string, value = 'v'): Uint8Array => bytes(0, string(key), string(value));

t.test('every opcode', (t) => {
  const aux = (name: string, value: string): Uint8Array => bytes(0xfa, string(name), string(value));
  const data = file(
    12,
    aux('redis-ver', '7.4.0'),
    bytes(0xfa, string('redis-bits'), 0xc0, 64),
    bytes(0xfe, 0, 0xfb, 4, 2),
    entry('plain'),
    bytes(0xfc, little(FAR, 8), entry('ms')),
    bytes(0xfd, little(2_000_000_000, 4), entry('seconds')),
    bytes(0xfc, little(-1, 8), entry('never')),
    bytes(0xfc, little((1n << 63n) - 1n, 8), entry('last')),
    bytes(0xf4, length(100), length(3), length(1)),
    bytes(0xfe, 3, 0xfb, 1, 0),
    bytes(0xf8, length(1000), entry('idle')),
    bytes(0xf9, 77, entry('frequent')),
    aux('last', 'x'),
  );
  for (const size of [data.length, 1]) {
    const session = new Session();
    const reader = load(session, data, {}, size, 1);
    t.equal(reader.version, 12);
    t.same(
      [...reader.aux],
      [
        ['redis-ver', '7.4.0'],
        ['redis-bits', '64'],
        ['last', 'x'],
      ],
    );
    t.equal(reader.bytesRead, data.length);
    t.equal(reader.keysLoaded, 7);
    t.equal(reader.keysAnnounced, 5);
    t.same(session.askSorted('keys *'), ['last', 'ms', 'never', 'plain', 'seconds']);
    t.equal(session.ask('pexpiretime ms'), FAR);
    t.equal(session.ask('pexpiretime seconds'), 2_000_000_000_000);
    t.equal(session.ask('pexpiretime never'), -1);
    t.equal(session.ask('pexpiretime last'), 2 ** 63 - 1024);
    session.ask('select 3');
    t.equal(session.ask('object idletime idle'), 1000);
    t.equal(session.ask('object idletime frequent'), 0, 'of no use under an LRU policy');
  }
  t.end();
});

t.test('frequencies come back under an LFU policy', (t) => {
  const session = new Session();
  session.ask('config set maxmemory-policy allkeys-lfu');
  load(session, file(9, bytes(0xf9, 77, entry('frequent')), bytes(0xf8, 9, entry('idle'))));
  t.equal(session.ask('object freq frequent'), 77);
  t.equal(session.ask('object freq idle'), 5);
  t.end();
});

t.test('old versions', (t) => {
  for (const version of [1, 4, 5, 6, 9]) {
    const session = new Session();
    t.equal(load(session, file(version, bytes(0xfe, 0), entry('k'))).keysLoaded, 1, `version ${version}`);
    t.equal(session.ask('get k'), 'v');
  }
  t.end();
});

t.test('what has expired is left out when that is asked for', (t) => {
  const now = 1_700_000_000_000;
  const data = file(
    12,
    bytes(0xfc, little(now, 8), entry('dead')),
    bytes(0xfc, little(-5, 8), entry('long dead')),
    bytes(0xfc, little(now + 1, 8), entry('alive')),
    bytes(0xfc, little(now - 1, 8), 2, string('dead set'), 2, string('a'), string('b')),
    bytes(24, string('fields'), little(now - 5, 8), 2, 1, string('a'), string('1'), 0, string('b'), string('2')),
    bytes(24, string('no fields'), little(now - 5, 8), 2, 1, string('a'), string('1'), 6, string('b'), string('2')),
    bytes(25, string('triplets'), little(now - 5, 8), string(listpack('a', 1, now - 5, 'b', 2, 0))),
    bytes(25, string('no triplets'), little(now - 5, 8), string(listpack('a', 1, now - 5))),
    bytes(2, string('empty'), 0),
  );
  const session = new Session();
  const reader = load(session, data, { now });
  t.same(session.askSorted('keys *'), ['alive', 'fields', 'triplets']);
  t.equal(reader.keysLoaded, 3);
  t.equal(reader.keysExpired, 5);
  t.equal(reader.emptyKeys, 1);
  t.same(session.ask('hgetall fields'), ['b', '2']);
  t.same(session.ask('hgetall triplets'), ['b', '2']);
  t.equal(session.ask('debug object triplets') === null, false);
  const kept = new Session();
  kept.server.databases[0].space.reaping = false;
  t.equal(load(kept, data).keysLoaded, 8, 'without a time nothing has expired');
  t.equal(kept.server.databases[0].size, 8);
  t.equal(kept.server.databases[0].space.expires, 4);
  t.end();
});

const DAMAGED: readonly (readonly [what: string, data: Uint8Array, message: RegExp])[] = [
  ['another file', Buffer.from('GIF89a....'), /^at offset 0: no RDB file/],
  ['a later version', file(13, entry('k')), /^at offset 0: RDB version 13: this server reads versions 1 to 12/],
  ['no version', file(0, entry('k')), /RDB version 0/],
  ['a database too many', file(10, bytes(0xfe, 16), entry('k')), /^at offset 9: database 16, .* 0 to 15 only/],
  ['a key twice', file(10, entry('k'), entry('k')), /^at offset 14: the key 'k' of database 0 for the second time/],
  [
    'a collection twice',
    file(10, entry('k'), bytes(2, string('k'), 1, string('a'))),
    /offset 18: the key 'k' of database 0/,
  ],
  ['a stream', file(10, bytes(19, string('s'), 1)), /^at offset 9: a stream \(type 19\), and streams cannot be loaded/],
  ['an unknown type', file(10, bytes(99, string('s'), 1)), /^at offset 9: a value of type 99/],
  [
    'a library',
    file(10, bytes(0xf5, string('#!lua name=mylib\nreturn 1'))),
    /^at offset 9: the function library 'mylib'/,
  ],
  ['an early function', file(10, bytes(0xf6)), /a function of a release candidate/],
  ['module data', file(10, bytes(0xf7, 0x81, 0, 0, 0, 0, 0, 0, 0, 0)), /data of the module type 'AAAAAAAAA'/],
  ['a damaged listpack', file(10, bytes(16, string('h'), string('xx'))), /^at offset 9: a listpack that is damaged/],
  [
    'a member twice',
    file(10, bytes(2, string('s'), 2, string('a'), string('a'))),
    /^at offset 15: a set in which a member repeats/,
  ],
  [
    'a string longer than the file',
    bytes('REDIS0010', 0, string('k'), 0x80, 0, 1, 0, 0, 'x'),
    /^at offset 9: .* the file ends before/,
  ],
  ['a string longer than any', bytes('REDIS0010', 0, string('k'), 0x80, 0xff, 0, 0, 0, 'x'), /more than 512 MiB/],
  ['a wrong checksum', flipped(file(10, entry('k')), 13), /^at offset 15: the checksum is wrong/],
  ['a cut file', file(10, entry('key', 'value')).subarray(0, 14), /ends/],
  ['a cut checksum', file(10, entry('key')).subarray(0, -1), /ends/],
  ['nothing', new Uint8Array(0), /ends/],
];

function flipped(data: Uint8Array, at: number): Uint8Array {
  data[at] ^= 1;
  return data;
}

t.test('damage is told with its place', (t) => {
  for (const [what, data, message] of DAMAGED)
    for (const size of [1 << 16, 1])
      t.throws(() => load(new Session(), data, { size: data.length }, size), { message }, `${what}, chunks of ${size}`);
  t.doesNotThrow(
    () => load(new Session(), flipped(file(10, entry('k')), 13), { checksum: false }),
    'unless it is not compared',
  );
  const none = Buffer.from(file(10, entry('k')));
  none.fill(0, none.length - 8);
  t.doesNotThrow(() => load(new Session(), none), 'a file may say that it has none');
  t.end();
});

t.test('a collection that turns out to be damaged leaves nothing', (t) => {
  const session = new Session();
  const used = session.server.usedMemory();
  const members = Array.from({ length: 500 }, (_, i) => string(`m${i}`));
  t.throws(() => load(session, file(10, bytes(2, string('s'), length(501), ...members, string('m7')))), /repeats/);
  while (!session.server.databases[0].space.larges.freeDoomed(64));
  t.equal(session.server.databases[0].size, 0);
  t.equal(session.server.databases[0].space.arena.used, 0);
  t.equal(session.server.usedMemory(), used);
  t.end();
});

t.test('what stands behind the file is left to whoever reads on', (t) => {
  const data = bytes(file(10, entry('k')), '*1\r\n$4\r\nPING\r\n');
  const reader = load(new Session(), data);
  t.equal(reader.bytesRead, data.length - 14);
  t.equal(Buffer.from(reader.rest).toString(), '*1\r\n$4\r\nPING\r\n');
  t.equal(reader.step(1), FINISHED, 'and it stays so');
  t.end();
});

t.test('memory beside the data follows what has arrived, not what is claimed', (t) => {
  const session = new Session();
  const reader = new RdbFileReader(session.server.databases);
  const head = bytes('REDIS0010', 0, string('k'), 0x80, 0x1f, 0xff, 0xff, 0xff);
  reader.push(head, head.length);
  t.equal(reader.step(1000), WANTS_DATA);
  const chunk = new Uint8Array(50_000);
  for (let i = 0; i < 20; i++) {
    reader.push(chunk, chunk.length);
    t.equal(reader.step(1000), WANTS_DATA);
  }
  t.ok(reader.rest.buffer.byteLength <= 2_100_000, 'of half a gigabyte claimed');
  t.end();
});

t.test('runs of short strings are stored as single ones are', (t) => {
  const now = 1_700_000_000_000;
  const random = seeded(17);
  const parts: Uint8Array[] = [];
  const wanted = new Map<string, string>();
  let dead = 0;
  for (let i = 0; i < 2000; i++) {
    const key = random() < 0.3 ? noise(random, 5 + Math.floor(random() * 200)) + i : `key ${i}`;
    const dice = random();
    const number = Math.floor((random() - 0.5) * 60_000);
    const value = dice < 0.5 ? noise(random, Math.floor(random() * 300)) : `${number}`;
    const at = random() < 0.7 ? -1 : now + Math.floor((random() - 0.5) * 1e6);
    if (at >= 0) parts.push(bytes(0xfc, little(at, 8)));
    parts.push(bytes(0, string(key), dice < 0.5 ? string(value) : bytes(0xc1, little(number, 2))));
    if (random() < 0.02) parts.push(bytes(2, string(`set ${i}`), 1, string('a')));
    if (at >= 0 && at <= now) dead++;
    else wanted.set(key, `${value} ${at}`);
  }
  const data = file(10, ...parts);
  for (const size of [data.length, 1000, 7]) {
    const session = new Session();
    const reader = load(session, data, { now }, size, 5000);
    t.equal(reader.keysExpired, dead);
    const { space, strings } = session.server.databases[0];
    let wrong = 0;
    for (const [key, text] of wanted) {
      const ref = space.find(Bytes.from(key));
      if (ref === 0 || `${strings.get(ref)} ${space.expireAt(ref)}` !== text) wrong++;
    }
    t.equal(wrong, 0, `chunks of ${size}`);
  }
  const twice = file(10, entry('a'), entry('b'), entry('a'), entry('c'));
  t.throws(() => load(new Session(), twice), {
    message: /^at offset 19: the key 'a' of database 0 for the second time/,
  });
  t.end();
});

t.test('a large block is added in parts', (t) => {
  const session = new Session();
  const integers = Array.from({ length: 30_000 }, (_, i) => i * 3);
  const data = file(10, bytes(11, string('set'), string(intset(4, ...integers))), entry('behind'));
  const reader = new RdbFileReader(session.server.databases, { size: data.length });
  reader.push(data, data.length);
  let steps = 0;
  while (reader.step(1 << 16) === GOES_ON) {
    steps++;
    if (steps < 5) t.equal(session.ask('dbsize'), 0, 'no key before it is whole');
  }
  t.ok(steps > 5, `${steps} steps`);
  t.equal(session.ask('scard set'), 30_000);
  t.equal(session.ask('get behind'), 'v');
  t.end();
});

t.test('long strings arrive in pieces', (t) => {
  const random = seeded(3);
  const long = noise(random, 3_000_000);
  const data = file(10, entry('long', long), entry('short'), bytes(4, string('hash'), 1, string('f'), string(long)));
  const session = new Session();
  const reader = load(session, data, { size: data.length }, 65_536);
  t.equal(session.ask('get long'), long);
  t.equal(session.ask('hget hash f'), long);
  t.equal(reader.keysLoaded, 3);
  t.equal(load(new Session(), data, {}, 65_536).keysLoaded, 3, 'also when the size of the file is not known');
  t.ok(session.server.databases[0].space.arena.outside < 7_000_000, 'in buffers as long as they are');
  const late = new Session();
  const options = { size: data.length, now: 5 };
  t.equal(load(late, file(10, bytes(0xfc, little(1, 8), entry('long', long))), options, 65_536).keysExpired, 1);
  t.equal(late.ask('dbsize'), 0);
  t.throws(
    () => load(new Session(), data.subarray(0, 2_000_000), { size: data.length }, 65_536),
    /ends/,
    'cut in the middle',
  );
  t.end();
});
