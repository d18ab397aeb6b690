/**
 * Loads a snapshot while nobody is served, for DEBUG RELOAD; at a start loader.ts does it in slices. The file is loaded beside the data,
 * which it then replaces or joins: a file that cannot be loaded changes nothing.
 */
import type { Database } from '../../storage/database.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { FINISHED, GOES_ON, RdbFileReader } from '../../storage/rdb/file-reader.js';
import type { SynapServer } from '../server.js';

const CHUNK = 1024 * 1024;

/**
 * Loads the file `name`, an absolute path.
 * @param flush replace all data by what the file has; else add that
 * @param merge when something is added: the file's value of a key takes the place of the one that is there
 * @throws RdbError, system errors, an Error when a key is in both and not `merge`; nothing has changed then. O(bytes)
 */
export function loadSnapshot(server: SynapServer, name: string, flush: boolean, merge: boolean): void {
  const loaded = server.makeDatabases();
  const fd = server.files.open(name, 'read');
  try {
    read(server, fd, loaded);
  } finally {
    server.files.close(fd);
  }
  if (!flush && !merge) refuseDoubles(server.databases, loaded);
  for (const [i, db] of server.databases.entries()) {
    server.watchers.failAll(db, loaded[i]);
    if (flush) db.exchange(loaded[i]);
    else add(db, loaded[i]);
    server.blocking.exchanged(db);
  }
  server.configureKeyspaces();
}

function read(server: SynapServer, fd: number, databases: readonly Database[]): void {
  const { files, settings, now } = server;
  const options = { now, checksum: settings.rdbchecksum, size: files.size(fd) };
  const reader = new RdbFileReader(databases, options);
  const chunk = new Uint8Array(CHUNK);
  for (let at = 0, state = reader.step(CHUNK); state !== FINISHED; state = reader.step(CHUNK)) {
    if (state === GOES_ON) continue;
    const n = files.readSync(fd, chunk, 0, CHUNK, at);
    at += n;
    if (n === 0) reader.end();
    else reader.push(chunk, n);
  }
}

function refuseDoubles(databases: readonly Database[], loaded: readonly Database[]): void {
  const view = new Bytes();
  for (const [i, { space }] of loaded.entries())
    space.table.forEach((ref) => {
      const key = space.key(ref, view);
      if (databases[i].space.find(key) !== 0) throw new Error(`the key '${key}' of database ${i} is there already`);
    });
}

/** Puts what `from` has into `db`. */
function add(db: Database, from: Database): void {
  const { space } = from;
  const view = new Bytes();
  space.table.forEach((ref) => {
    const key = space.key(ref, view).copy();
    db.space.capture?.changing(key.hash());
    db.delete(key);
    db.space.find(key);
    const made = from.copy(ref, db, key);
    db.space.setAccessClock(made, space.accessClock(ref));
    const at = space.expireAt(ref);
    if (at >= 0) {
      db.space.find(key);
      db.space.setExpire(made, at);
    }
  });
}
