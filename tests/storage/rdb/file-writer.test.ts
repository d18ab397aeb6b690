/** Whole files as they are written, and read again: accesses, TTLs of fields, large collections, pieces. */
import t from 'tap';
import type { HashTable } from '../../../storage/hash-table.js';
import { Bytes } from '../../../storage/memory/bytes.js';
import { fileVersion, RdbFileWriter } from '../../../storage/rdb/file-writer.js';
import { RdbOutput } from '../../../storage/rdb/output.js';
import {
  FREQUENCY,
  IDLE_TIME,
  NO_ACCESS,
  writeEntryHead,
  writeFieldExpiry,
  writeHashField,
  writeHead,
} from '../../../storage/rdb/value-writer.js';
import { Session } from '../../commands/session.js';
import { seeded } from '../../random.js';
import { type Command, dataset, fieldExpiries, noise } from './dataset.js';
import { load } from './load-file.js';

const OPEN = { enableDebugCommand: 'yes' } as const;

function tell(session: Session, commands: readonly Command[]): void {
  for (const command of commands) session.ask(command);
}

t.test('everything that is written is read, with accesses and TTLs of fields', (t) => {
  const session = new Session(OPEN);
  tell(session, [...dataset(seeded(9)), ...fieldExpiries()]);
  const { databases } = session.server;
  t.equal(fileVersion(databases), 12);
  databases[0].space.setAccessClock(databases[0].space.find(Bytes.from('string:0')), 12345);
  const writer = new RdbFileWriter(new RdbOutput(true, 256));
  writer.header(12, [['redis-ver', '7.2.4']]);
  writer.selectDb(0);
  const pieces: Uint8Array[] = [];
  let turn = 0;
  databases[0].space.table.forEach((ref) => {
    writer.entry(databases[0].space, ref, IDLE_TIME);
    if (turn++ % 2 === 0) pieces.push(writer.swap(new Uint8Array(100)));
    else {
      pieces.push(writer.written().slice());
      writer.reset();
    }
  });
  writer.footer();
  pieces.push(writer.written());
  const data = Buffer.concat(pieces);
  for (const size of [data.length, 1000]) {
    const other = new Session(OPEN);
    load(other, data, {}, size);
    t.equal(other.ask('debug digest'), session.ask('debug digest'));
    const { space } = other.server.databases[0];
    t.equal(space.accessClock(space.find(Bytes.from('string:0'))), 12345);
    t.equal(space.fieldExpires, databases[0].space.fieldExpires);
    for (const key of ['ttl:small', 'ttl:all', 'ttl:large', 'ttl:once'])
      t.same(
        other.askSorted(['hpexpiretime', key, 'FIELDS', '3', 'a', 'b', 'field 3']),
        session.askSorted(['hpexpiretime', key, 'FIELDS', '3', 'a', 'b', 'field 3']),
        key,
      );
    for (const key of session.ask('keys *') as string[])
      if (key !== 'ttl:persisted')
        t.equal(other.ask(['object', 'encoding', key]), session.ask(['object', 'encoding', key]), `the form of ${key}`);
  }
  t.end();
});

t.test('collections that are too large for the caches', (t) => {
  const random = seeded(29);
  const session = new Session(OPEN);
  for (let i = 0; i < 12_000; i += 1000) {
    const some = Array.from(
      { length: 1000 },
      (_, k) => [`m${i + k}`, `${i + k}`, 'abc'.repeat(i + k)][k % (k % 50 === 0 ? 3 : 2)],
    );
    session.ask(['sadd', 'set', ...some]);
    session.ask(['zadd', 'zset', ...some.flatMap((m) => [`${random() * 1000}`, m])]);
    session.ask(['hset', 'hash', ...some.flatMap((m) => [m, noise(random, 10)])]);
  }
  const writer = new RdbFileWriter(new RdbOutput());
  writer.header(10, []);
  const { space } = session.server.databases[0];
  space.table.forEach((ref) => {
    writer.entry(space, ref);
  });
  writer.footer();
  const data = writer.written();
  for (const size of [data.length, 3000]) {
    const other = new Session(OPEN);
    load(other, data, {}, size);
    t.equal(other.ask('debug digest'), session.ask('debug digest'), `chunks of ${size}`);
    t.equal(
      other.ask('zrange zset 0 -1 WITHSCORES')?.toString(),
      session.ask('zrange zset 0 -1 WITHSCORES')?.toString(),
    );
  }
  t.end();
});

t.test('a large hash is written in pieces, in any order', (t) => {
  const session = new Session(OPEN);
  tell(session, fieldExpiries());
  const { space } = session.server.databases[0];
  const ref = space.find(Bytes.from('ttl:large'));
  const writer = new RdbFileWriter(new RdbOutput(), false);
  writer.header(12, []);
  writeEntryHead(writer.out, space, ref, NO_ACCESS);
  writeHead(writer.out, space, ref);
  const hash = space.large(ref) as HashTable;
  const blocks: number[] = [];
  hash.table.forEach((block) => {
    blocks.push(block);
  });
  for (const block of blocks.reverse()) {
    writeFieldExpiry(writer.out, hash.expireAt(block), hash.due);
    writeHashField(writer.out, hash.field(block, new Bytes()), hash.value(block, new Bytes()));
  }
  writer.footer();
  const other = new Session(OPEN);
  load(other, writer.written());
  t.same(other.ask('debug digest-value ttl:large'), session.ask('debug digest-value ttl:large'));
  t.equal(
    Buffer.from(writer.written().subarray(-8)).toString('hex'),
    '0'.repeat(16),
    'no checksum when none is wanted',
  );
  t.end();
});

t.test('frequencies are written under an LFU policy', (t) => {
  const session = new Session();
  session.ask('config set maxmemory-policy allkeys-lfu');
  session.ask('set k v');
  const { space } = session.server.databases[0];
  const writer = new RdbFileWriter(new RdbOutput());
  writer.header(10, []);
  writer.entry(space, space.find(Bytes.from('k')), FREQUENCY);
  t.equal(
    Buffer.from(writer.written()).toString('hex'),
    Buffer.from('REDIS0010\xf9\x05\x00\x01k\x01v', 'latin1').toString('hex'),
  );
  t.end();
});
