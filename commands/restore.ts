/** RESTORE: makes a key of what DUMP has given. The payload is checked whole, and all else too, before anything changes. */
import type { Database } from '../storage/database.js';
import { Fault } from '../storage/fault.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { RdbInput } from '../storage/rdb/input.js';
import { isPayload, readPayload } from '../storage/rdb/payload.js';
import { RdbError } from '../storage/rdb/rdb-error.js';
import { setAccess } from '../storage/rdb/value-builder.js';
import { ValueReader } from '../storage/rdb/value-reader.js';
import { INT64_MAX, intArg, parseBigint } from './args.js';
import type { Client } from './client.js';
import { ABSTTL, DEL, FREQ, IDLETIME, REPLACE, RESTORE } from './effect-words.js';
import {
  BAD_PAYLOAD,
  BUSYKEY,
  INVALID_FREQUENCY,
  INVALID_IDLE_TIME,
  INVALID_TTL,
  SYNTAX,
  WRONG_CHECKSUM,
} from './error.js';
import { NOTIFY_GENERIC } from './events.js';
import { MAX_MS, momentArg } from './expire-option.js';

const INPUT = new RdbInput();
/** What reads values for a database, made when it is needed first. */
const READERS = new WeakMap<Database, ValueReader>();

// The options of the command that runs.
let replace = false;
let absolute = false;
/** Seconds, and LFU's counter; -1: not given. */
let idle = -1;
let frequency = -1;

export function restore(c: Client): void {
  readOptions(c);
  const { argv, db } = c;
  const key = argv[1];
  if (!replace && db.space.find(key) !== 0) throw BUSYKEY;
  const at = expiryArg(c);
  if (!isPayload(argv[3])) throw WRONG_CHECKSUM;
  const reader = readValue(db, argv[3]);
  const replaced = replace && db.delete(key);
  if (at >= 0 && at <= c.now) {
    reader.builder.drop();
    if (replaced) {
      c.effect(DEL)?.add(key).tell();
      c.touched(key, NOTIFY_GENERIC, 'del');
    }
    return c.out.ok();
  }
  const entry = reader.builder.attach(key, at);
  setAccess(db.space, entry, idle, frequency);
  if (at >= 0 && !absolute) tellAbsolute(c, at);
  c.touched(key, NOTIFY_GENERIC, 'restore');
  c.out.ok();
}

function readOptions(c: Client): void {
  const { argv, argc } = c;
  replace = absolute = false;
  idle = frequency = -1;
  for (let i = 4; i < argc; i++) {
    const word = argv[i];
    const more = i + 1 < argc;
    if (word.is('replace')) replace = true;
    else if (word.is('absttl')) absolute = true;
    else if (word.is('idletime') && more && frequency === -1) {
      idle = intArg(argv[++i]);
      if (idle < 0) throw INVALID_IDLE_TIME;
    } else if (word.is('freq') && more && idle === -1) {
      frequency = intArg(argv[++i]);
      if (frequency < 0 || frequency > 255) throw INVALID_FREQUENCY;
    } else throw SYNTAX;
  }
}

/** When the key is to expire, ms since the epoch; -1 for never. */
function expiryArg(c: Client): number {
  const arg = c.argv[2];
  const ttl = intArg(arg);
  if (ttl < 0) throw INVALID_TTL;
  if (ttl === 0) return -1;
  // Beyond 64 bits Redis's sum is negative, and the key has expired long ago.
  if (!absolute && ttl + c.now >= MAX_MS && parseBigint(arg)! > INT64_MAX - BigInt(c.now)) return 0;
  return momentArg(arg, 1, absolute ? 0 : c.now, 'restore');
}

/** Reads the payload. @throws BAD_PAYLOAD; nothing is left of it then */
function readValue(db: Database, payload: Bytes): ValueReader {
  let reader = READERS.get(db);
  if (reader === undefined || !reader.builder.current) READERS.set(db, (reader = new ValueReader(db)));
  try {
    if (readPayload(reader, INPUT, payload)) return reader;
  } catch (e) {
    if (!(e instanceof RdbError || e instanceof Fault)) throw e;
  }
  throw BAD_PAYLOAD;
}

/** The command as it gives the same result at any time. */
function tellAbsolute(c: Client, at: number): void {
  const effect = c.effect(RESTORE)?.add(c.argv[1]).addInt(at).add(c.argv[3]).add(ABSTTL);
  if (effect === undefined) return;
  if (replace) effect.add(REPLACE);
  if (idle >= 0) effect.add(IDLETIME).addInt(idle);
  if (frequency >= 0) effect.add(FREQ).addInt(frequency);
  effect.tell();
}
