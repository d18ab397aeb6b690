/** A database on an arena that checks every block, for tests that read values: what stands at a key as text, and whether anything leaks. */
import { parseDouble, putDouble } from '../../../protocol/double.js';
import { Database } from '../../../storage/database.js';
import { HashReader } from '../../../storage/hash-reader.js';
import { Keyspace } from '../../../storage/keyspace.js';
import { Limits } from '../../../storage/limits.js';
import { CheckedArena } from '../../../storage/memory/arena.js';
import { Bytes } from '../../../storage/memory/bytes.js';
import { RdbInput } from '../../../storage/rdb/input.js';
import { RdbOutput } from '../../../storage/rdb/output.js';
import { isPayload, readPayload, writePayload } from '../../../storage/rdb/payload.js';
import { ValueReader } from '../../../storage/rdb/value-reader.js';
import { HASH, LIST, SET, TYPE_NAMES, ZSET } from '../../../storage/types.js';

const LISTENER = { expired: (): void => {} };
const DOUBLES = { put: putDouble, parse: parseDouble };
const STATS = { keyspaceHits: 0, keyspaceMisses: 0 };

/** Keeps its keyspace on a CheckedArena. */
class CheckedDatabase extends Database {
  constructor(limits: Limits) {
    super(0, LISTENER, limits, STATS, Math.random, DOUBLES);
    this.hold(new Keyspace(LISTENER, new CheckedArena()));
  }
}

export class Bench {
  readonly db: CheckedDatabase;
  readonly input = new RdbInput();
  readonly reader: ValueReader;

  constructor(limits = new Limits()) {
    this.db = new CheckedDatabase(limits);
    this.reader = new ValueReader(this.db);
  }

  /** Makes `key` of a payload; the error's text when that fails, 'empty' for a collection without elements. */
  restore(key: string, payload: Uint8Array): string | undefined {
    const view = new Bytes().set(payload, 0, payload.length);
    if (!isPayload(view)) return 'checksum';
    try {
      if (!readPayload(this.reader, this.input, view)) return 'empty';
    } catch (e) {
      return (e as Error).message;
    }
    this.db.delete(Bytes.from(key));
    this.reader.builder.attach(Bytes.from(key), -1);
    return undefined;
  }

  dump(key: string, compress = true): Uint8Array {
    const out = new RdbOutput(compress);
    writePayload(out, this.db.space, this.db.space.find(Bytes.from(key)));
    return out.buf.slice(0, out.pos);
  }

  /** Type, form and elements of what stands at `key`; sets and hashes sorted. */
  show(key: string): string {
    const { db } = this;
    const { space } = db;
    const ref = space.find(Bytes.from(key));
    if (ref === 0) return 'none';
    const type = space.type(ref);
    const head = `${TYPE_NAMES[type]} ${db.encodingName(ref)}`;
    const items: string[] = [];
    if (type === LIST) for (db.lists.bind(ref).begin(0); db.lists.next(); ) items.push(text(db.lists.item()));
    else if (type === SET) for (db.sets.bind(ref).begin(); db.sets.next(); ) items.push(text(db.sets.member));
    else if (type === ZSET) {
      const zset = db.sortedSetView().bind(ref);
      for (zset.begin(); zset.next(); ) items.push(`${text(zset.member)}=${zset.score}`);
    } else if (type === HASH) {
      const hash = new HashReader(space).bind(ref);
      for (hash.begin(); hash.next(); )
        items.push(`${text(hash.field)}=${text(hash.value)}${hash.expireAt < 0 ? '' : `@${hash.expireAt}`}`);
    } else items.push(text(db.strings.get(ref)));
    if (type === SET || type === HASH) items.sort();
    return `${head} [${items.join(' ')}]`;
  }

  /** What is left when all keys are deleted: '' when that is nothing. */
  leak(): string {
    const { space } = this.db;
    const keys: Bytes[] = [];
    space.table.forEach((ref) => {
      keys.push(space.key(ref, new Bytes()).copy());
    });
    for (const key of keys) space.delete(key);
    while (!space.larges.freeDoomed(64));
    const { arena, table } = space;
    if (arena.used !== 0) return `${arena.used} bytes of blocks`;
    if (arena.outside !== table.bytes) return `${arena.outside - table.bytes} bytes outside`;
    return space.fieldExpires === 0 && space.expires === 0 ? '' : 'counts of TTLs';
  }
}

/** Short and printable, so that a failure can be read. */
function text(view: Bytes): string {
  const s = view.toString();
  return s.length > 60 ? `<${s.length}>` : s;
}
