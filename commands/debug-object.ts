/**
 * DEBUG OBJECT, LISTPACK, HTSTATS and HTSTATS-KEY: how keys and values are kept. Looks without counting an access, and without
 * deleting what has expired. Figures that are about Redis's own memory are told of ours: a page of a table is what a bucket is there.
 */
import type { HashTable } from '../storage/hash-table.js';
import { GRANULE_MASK, SEGMENT_BITS } from '../storage/memory/arena.js';
import { Bytes } from '../storage/memory/bytes.js';
import { LP_HEADER, lpAtEnd, lpGet, lpNext } from '../storage/memory/listpack.js';
import type { Table } from '../storage/memory/table.js';
import type { Quicklist } from '../storage/quicklist.js';
import type { SetTable } from '../storage/set-table.js';
import { HASH, LIST, OBJECT, PACKED, PACKED_EX, SET, STRING, ZSET } from '../storage/types.js';
import type { ZsetTable } from '../storage/zset-table.js';
import { rangeArg } from './args.js';
import type { Client } from './client.js';
import { serializedLength } from './debug-serialized.js';
import { NO_HASH_TABLE, NO_LISTPACK, NO_SUCH_DATABASE, NO_SUCH_KEY } from './error.js';
import { references } from './object.js';
import { quoted } from './quoted.js';

export function debugObject(c: Client): void {
  const { db } = c;
  const { space } = db;
  const entry = existing(c);
  const clock = space.accessClock(entry);
  const idle = space.lfu ? 0 : (space.clock - clock) & 0xffffff;
  const at = (entry >>> 0).toString(16).padStart(8, '0');
  c.out.simple(
    `Value at:0x${at} refcount:${references(db, entry)} encoding:${db.encodingName(entry)} ` +
      `serializedlength:${serializedLength(db, entry)} lru:${clock} lru_seconds_idle:${idle}${nodes(c, entry)}`,
  );
}

/** What is told of a list's nodes; nothing of other values. */
function nodes(c: Client, entry: number): string {
  const { space, limits } = c.db;
  if (space.type(entry) !== LIST || space.encoding(entry) !== OBJECT) return '';
  const list = space.large(entry) as Quicklist;
  let bytes = 0;
  for (let node = list.head; node !== undefined; node = node.next) bytes += node.size;
  const average = (list.count / list.pieces).toFixed(2);
  return (
    ` ql_nodes:${list.pieces} ql_avg_node:${average} ql_listpack_max:${limits.listMaxListpackSize} ` +
    `ql_compressed:0 ql_uncompressed_size:${bytes}`
  );
}

/** The entry of argument 2, met without side effects. @throws NO_SUCH_KEY */
function existing(c: Client): number {
  const entry = c.db.space.table.find(c.argv[2]);
  if (entry === 0) throw NO_SUCH_KEY;
  return entry;
}

/** Writes the elements of a small collection to the log, where Redis prints them. */
export function debugListpack(c: Client): void {
  const { space } = c.db;
  const entry = existing(c);
  const encoding = space.encoding(entry);
  if (space.type(entry) === STRING || (encoding !== PACKED && encoding !== PACKED_EX)) throw NO_LISTPACK;
  const block = space.word(entry);
  const u8 = space.arena.u8[block >>> SEGMENT_BITS];
  const base = (block & GRANULE_MASK) << 4;
  const element = new Bytes();
  const digits = new Uint8Array(24);
  let i = 0;
  for (let p = LP_HEADER; !lpAtEnd(u8, base, p); p = lpNext(u8, base, p))
    c.server.log.notice(`listpack element ${i++} at ${p}: ${quoted(lpGet(u8, base, p, element, digits))}`);
  c.out.simple('Listpack structure printed on stdout');
}

export function debugHtstats(c: Client): void {
  const db = c.server.databases[rangeArg(c.argv[2], 0, c.server.databases.length - 1, NO_SUCH_DATABASE)];
  const expires = db.space.expires;
  c.out.verbatim(
    'txt',
    `[Dictionary HT]\n${tableText(db.space.table)}[Expires HT]\n` +
      (expires === 0 ? NO_ELEMENTS : ` number of elements: ${expires}\n`),
  );
}

export function debugHtstatsKey(c: Client): void {
  const { space } = c.db;
  const entry = existing(c);
  const type = space.type(entry);
  if (space.encoding(entry) !== OBJECT || (type !== HASH && type !== SET && type !== ZSET)) throw NO_HASH_TABLE;
  c.out.verbatim('txt', tableText((space.large(entry) as HashTable | SetTable | ZsetTable).table));
}

const NO_ELEMENTS = 'No stats available for empty dictionaries\n';

function tableText(table: Table): string {
  if (table.size === 0) return NO_ELEMENTS;
  let slots = 0;
  let pages = 0;
  let fullest = 0;
  for (let at = 0, page = table.pageAt(0); page !== undefined; page = table.pageAt(at)) {
    pages++;
    slots += page.slots.length >> 1;
    fullest = Math.max(fullest, page.count);
    at += table.pageSpan(page);
  }
  return (
    ` table size: ${slots}\n number of elements: ${table.size}\n pages: ${pages}\n` +
    ` max elements of a page: ${fullest}\n avg elements of a page: ${(table.size / pages).toFixed(2)}\n`
  );
}
