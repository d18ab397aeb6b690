/**
 * Both ways between this server and a real redis-server, of every type and form: DUMP and RESTORE by DEBUG DIGEST-VALUE and OBJECT
 * ENCODING, files by DEBUG DIGEST.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { fileVersion, RdbFileWriter } from '../../../storage/rdb/file-writer.js';
import { RdbOutput } from '../../../storage/rdb/output.js';
import { Session } from '../../commands/session.js';
import { seeded } from '../../random.js';
import { type Command, dataset, keysOf } from './dataset.js';
import { LiveRedis } from './live-redis.js';
import { load } from './load-file.js';

const OPEN = { enableDebugCommand: 'yes' } as const;
const DATA = dataset(seeded(7));
const KEYS = keysOf(DATA);

t.setTimeout(300_000);

async function tell(redis: LiveRedis, commands: readonly Command[]): Promise<void> {
  for (const command of commands) {
    const reply = await redis.ask(command);
    if (typeof reply === 'string' && reply.startsWith('-')) throw new Error(`${command.slice(0, 2)}: ${reply}`);
  }
}

function tellOurs(session: Session, commands: readonly Command[]): void {
  for (const command of commands) session.ask(command);
}

/** Writes all databases of a session to a file. */
function save(session: Session, path: string, compress: boolean): void {
  const { databases } = session.server;
  const writer = new RdbFileWriter(new RdbOutput(compress));
  writer.header(fileVersion(databases), [
    ['redis-ver', '7.2.4'],
    ['ctime', 1700000000],
  ]);
  for (const { space, index, size } of databases) {
    if (size === 0) continue;
    writer.selectDb(index);
    writer.resizeDb(size, space.expires);
    space.table.forEach((ref) => {
      writer.entry(space, ref);
    });
  }
  writer.footer();
  writeFileSync(path, writer.written());
}

t.test('values go both ways by DUMP and RESTORE', async (t) => {
  const redis = await LiveRedis.start();
  try {
    const ours = new Session(OPEN);
    await tell(redis, DATA);
    for (const key of KEYS) {
      const payload = (await redis.ask(['dump', key])) as string;
      t.equal(ours.ask(['restore', key, '0', payload]), 'OK', `${key} is restored here`);
      t.equal(ours.ask(['debug', 'digest-value', key])?.toString(), await digest(redis, key), key);
    }
    tellOurs(
      ours,
      DATA.filter(([name]) => name === 'pexpireat'),
    );
    t.equal(ours.ask('debug digest'), await redis.ask('debug digest'), 'all of it');
    await redis.ask('flushall');
    for (const compression of ['yes', 'no']) {
      ours.ask(`config set rdbcompression ${compression}`);
      for (const key of KEYS) {
        const payload = ours.ask(['dump', key]) as string;
        t.equal(await redis.ask(['restore', key, '0', payload, 'replace']), 'OK', `${key} is restored there`);
      }
      await tell(
        redis,
        DATA.filter(([name]) => name === 'pexpireat'),
      );
      t.equal(await redis.ask('debug digest'), ours.ask('debug digest'), `all of it, rdbcompression ${compression}`);
    }
  } finally {
    await redis.stop();
  }
});

async function digest(redis: LiveRedis, key: string): Promise<string> {
  // The TTL is not part of a payload.
  await redis.ask(['copy', key, 'no ttl', 'replace']);
  await redis.ask(['persist', 'no ttl']);
  const [value] = (await redis.ask(['debug', 'digest-value', 'no ttl'])) as string[];
  await redis.ask(['del', 'no ttl']);
  return value;
}

t.test('a form that Redis gives is the form here', async (t) => {
  const redis = await LiveRedis.start();
  try {
    const ours = new Session(OPEN);
    const made = new Session(OPEN);
    await tell(redis, DATA);
    tellOurs(made, DATA);
    for (const key of KEYS) {
      ours.ask(['restore', key, '0', (await redis.ask(['dump', key])) as string]);
      t.equal(ours.ask(['object', 'encoding', key]), made.ask(['object', 'encoding', key]), key);
    }
  } finally {
    await redis.stop();
  }
});

t.test('files go both ways', async (t) => {
  for (const compression of ['yes', 'no']) {
    const redis = await LiveRedis.start(['--rdbcompression', compression]);
    await tell(redis, DATA);
    await redis.ask('select 3');
    await tell(redis, DATA.slice(0, 40));
    await redis.ask('save');
    const theirs = await redis.ask('debug digest');
    await redis.stop(true);
    const path = join(redis.folder, 'dump.rdb');
    const file = readFileSync(path);
    for (const size of [1 << 20, 4096, 61]) {
      const ours = new Session(OPEN);
      const reader = load(ours, file, { size: file.length }, size, 1);
      t.equal(ours.ask('debug digest'), theirs, `their file loads here in chunks of ${size}`);
      t.equal(reader.bytesRead, file.length);
      t.equal(
        reader.keysLoaded,
        ours.server.databases.reduce((n, db) => n + db.size, 0),
      );
      t.equal(reader.keysAnnounced, reader.keysLoaded);
      t.equal(reader.aux.get('redis-ver'), '7.0.15');
    }
    const ours = new Session(OPEN);
    load(ours, file);
    save(ours, path, compression === 'yes');
    const again = await LiveRedis.start([], redis.folder);
    t.equal(await again.ask('debug digest'), theirs, 'our file loads there');
    await again.stop();
  }
});
