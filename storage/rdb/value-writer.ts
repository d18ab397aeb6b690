/**
 * Writes entries of a keyspace as RDB: `valueType`, then `writeValue`; or `writeEntry`, which has everything that belongs to a key in a
 * file. The form is the oldest that holds the value, so that Redis 7.0 reads all but hashes whose fields expire.
 *
 *   string   as it is                          set       intset, else its members
 *   list     its nodes                         sorted    its listpack, else members with scores, the highest first
 *   own      the terms of a module's value (own-value.ts)
 *   hash     its listpack, else its fields; with TTLs of fields: the earliest, then the triplets' listpack or fields with distances to it
 *
 * A large collection can also be written in pieces, by who does not want to write all of it at once: `writeHead`, then each element in
 * any order by `writeHashField` (`writeFieldExpiry` before it when the type is HASH_EXPIRING), `writeSetMember`, `writeZsetMember`; a
 * list's by `writeListNode`, from head to tail. Looks at nothing but the value: expired keys and fields are written as they are.
 */
import { Compressor, storedString } from '../compression.js';
import { TRIPLET } from '../hash-packed.js';
import type { HashTable } from '../hash-table.js';
import { intsetBytes } from '../intset.js';
import type { Keyspace } from '../keyspace.js';
import { type Arena, GRANULE_MASK, SEGMENT_BITS } from '../memory/arena.js';
import { Bytes } from '../memory/bytes.js';
import { LP_HEADER, lpAtEnd, lpGet, lpNext } from '../memory/listpack.js';
import { packedBytes, packedLength } from '../memory/packed.js';
import { TableWalk } from '../memory/table-walk.js';
import type { OwnValue } from '../own-value.js';
import type { Quicklist } from '../quicklist.js';
import { nodeBase, nodeMemory, type QuicklistNode, writeHeader } from '../quicklist-node.js';
import type { SetTable } from '../set-table.js';
import { COMPRESSED, HASH, INTSET, LIST, OBJECT, PACKED, QUEUE, SET, TOPIC, ZSET } from '../types.js';
import type { ZsetTable } from '../zset-table.js';
import {
  EXPIRE_MS,
  FREQ,
  HASH_EXPIRING,
  HASH_FIELDS,
  HASH_LISTPACK,
  HASH_TRIPLETS,
  IDLE,
  LIST_NODES,
  MODULE_2,
  PACKED_NODE,
  PLAIN_NODE,
  SET_INTSET,
  SET_MEMBERS,
  STRING_VALUE,
  ZSET_DOUBLES,
  ZSET_LISTPACK,
} from './format.js';
import { writeEnd, writeModule } from './module-terms.js';
import type { RdbOutput } from './output.js';

/** What `writeEntry` tells of accesses to the key: nothing, how long ago the last one was, or how frequent they are. */
export const NO_ACCESS = 0;
export const IDLE_TIME = 1;
export const FREQUENCY = 2;

const COMPRESSOR = new Compressor();
const WALK = new TableWalk();
const KEY = new Bytes();
const VIEW = new Bytes();
const FIELD = new Bytes();
const VALUE = new Bytes();
const DIGITS = new Uint8Array(24);

/** The type of the value of entry `ref` as RDB has it: a number of format.ts. O(1) */
export function valueType(space: Keyspace, ref: number): number {
  const encoding = space.encoding(ref);
  switch (space.type(ref)) {
    case LIST:
      return LIST_NODES;
    case SET:
      return encoding === INTSET ? SET_INTSET : SET_MEMBERS;
    case ZSET:
      return encoding === OBJECT ? ZSET_DOUBLES : ZSET_LISTPACK;
    case HASH:
      if (encoding === PACKED) return HASH_LISTPACK;
      if (space.fieldDue(ref) === Number.POSITIVE_INFINITY) return HASH_FIELDS;
      return encoding === OBJECT ? HASH_EXPIRING : HASH_TRIPLETS;
    case QUEUE:
    case TOPIC:
      return MODULE_2;
    default:
      return STRING_VALUE;
  }
}

/** Writes the value of entry `ref`, without its type. O(bytes of the value) */
export function writeValue(out: RdbOutput, space: Keyspace, ref: number): void {
  const { arena } = space;
  switch (valueType(space, ref)) {
    case STRING_VALUE:
      return writeString(out, space, ref);
    case LIST_NODES:
      return writeList(out, space, ref);
    case SET_MEMBERS:
      return writeSet(out, space, ref);
    case SET_INTSET:
      return writeBlock(out, arena, space.word(ref), intsetBytes(arena, space.word(ref)));
    case ZSET_DOUBLES:
      return writeZset(out, space, ref);
    case HASH_TRIPLETS:
      out.u64(space.fieldDue(ref));
      return writePacked(out, arena, space.word(ref));
    case HASH_EXPIRING:
      return writeHash(out, space, ref, true);
    case HASH_FIELDS:
      return writeHash(out, space, ref, false);
    case MODULE_2:
      writeHead(out, space, ref);
      (space.large(ref) as OwnValue).writeElements(out);
      return writeEnd(out);
    default:
      return writePacked(out, arena, space.word(ref));
  }
}

/**
 * Writes the entry `ref` as it stands in a file: its expiry, its accesses, type, key and value.
 * @param access NO_ACCESS, IDLE_TIME (while an LRU policy is in force) or FREQUENCY (while an LFU policy is)
 */
export function writeEntry(out: RdbOutput, space: Keyspace, ref: number, access = NO_ACCESS): void {
  writeEntryHead(out, space, ref, access);
  writeValue(out, space, ref);
}

/** `writeEntry` without the value: for who writes that in pieces. */
export function writeEntryHead(out: RdbOutput, space: Keyspace, ref: number, access = NO_ACCESS): void {
  if (space.hasExpire(ref)) {
    out.byte(EXPIRE_MS);
    out.u64(space.expireAt(ref));
  }
  if (access === IDLE_TIME) {
    out.byte(IDLE);
    out.length((space.clock - space.accessClock(ref)) & 0xffffff);
  } else if (access === FREQUENCY) {
    out.byte(FREQ);
    out.byte(space.frequency(ref));
  }
  out.byte(valueType(space, ref));
  out.string(space.key(ref, KEY));
}

function writeString(out: RdbOutput, space: Keyspace, ref: number): void {
  const stored = storedString(space, ref, VIEW);
  if (space.encoding(ref) !== COMPRESSED) return out.string(stored);
  out.string(COMPRESSOR.restore(stored));
  COMPRESSOR.rest();
}

/** One block of the arena as a string. */
function writeBlock(out: RdbOutput, arena: Arena, block: number, bytes: number): void {
  const at = (block & GRANULE_MASK) << 4;
  out.blob(arena.u8[block >>> SEGMENT_BITS], at, at + bytes);
}

function writePacked(out: RdbOutput, arena: Arena, block: number): void {
  writeBlock(out, arena, block, packedBytes(arena, block));
}

// ---- large collections, whole -----------------------------------------------------------------------------------------------------

function writeList(out: RdbOutput, space: Keyspace, ref: number): void {
  writeHead(out, space, ref);
  if (space.encoding(ref) !== OBJECT) {
    out.length(PACKED_NODE);
    return writePacked(out, space.arena, space.word(ref));
  }
  const list = space.large(ref) as Quicklist;
  for (let node = list.head; node !== undefined; node = node.next) writeListNode(out, space.arena, node);
}

function writeSet(out: RdbOutput, space: Keyspace, ref: number): void {
  writeHead(out, space, ref);
  if (space.encoding(ref) !== OBJECT) return writePackedElements(out, space, ref);
  const set = space.large(ref) as SetTable;
  WALK.begin(set.table);
  for (let block = WALK.next(); block !== 0; block = WALK.next()) writeSetMember(out, set.member(block, FIELD));
}

/** The highest first: Redis inserts each in front of all others then. */
function writeZset(out: RdbOutput, space: Keyspace, ref: number): void {
  const zset = space.large(ref) as ZsetTable;
  const { tree } = zset;
  writeHead(out, space, ref);
  for (let leaf = tree.tail; leaf !== 0; leaf = tree.previous(leaf))
    for (let i = tree.count(leaf) - 1; i >= 0; i--)
      writeZsetMember(out, zset.member(tree.refAt(leaf, i), FIELD), tree.scoreAt(leaf, i));
}

function writeHash(out: RdbOutput, space: Keyspace, ref: number, expiring: boolean): void {
  writeHead(out, space, ref);
  if (space.encoding(ref) !== OBJECT) return writePackedElements(out, space, ref);
  const hash = space.large(ref) as HashTable;
  const { due } = hash;
  WALK.begin(hash.table);
  for (let block = WALK.next(); block !== 0; block = WALK.next()) {
    if (expiring) writeFieldExpiry(out, hash.expireAt(block), due);
    writeHashField(out, hash.field(block, FIELD), hash.value(block, VALUE));
  }
}

/** The elements of a listpack as strings: of a set all of them, of a hash's triplets fields and values. */
function writePackedElements(out: RdbOutput, space: Keyspace, ref: number): void {
  const block = space.word(ref);
  const u8 = space.arena.u8[block >>> SEGMENT_BITS];
  const at = (block & GRANULE_MASK) << 4;
  const step = space.type(ref) === SET ? 1 : TRIPLET;
  for (let p = LP_HEADER, i = 1; !lpAtEnd(u8, at, p); p = lpNext(u8, at, p), i++)
    if (i % step !== 0 || step === 1) out.string(lpGet(u8, at, p, FIELD, DIGITS));
}

// ---- large collections, in pieces -------------------------------------------------------------------------------------------------

/**
 * Writes what stands before the elements of a value that is written in pieces: their number (of a list: of its nodes), and of a
 * HASH_EXPIRING before that the earliest expiry, `space.fieldDue(ref)`; of a type of our own its name and head. Nothing may be missing or added afterwards. O(1)
 */
export function writeHead(out: RdbOutput, space: Keyspace, ref: number): void {
  const large = space.encoding(ref) === OBJECT ? space.large(ref) : undefined;
  const { arena } = space;
  switch (space.type(ref)) {
    case LIST:
      return out.length(large === undefined ? 1 : large.pieces);
    case SET:
      return out.length(large === undefined ? packedLength(arena, space.word(ref)) : (large as SetTable).table.size);
    case ZSET:
      return out.length((large as ZsetTable).size);
    case QUEUE:
    case TOPIC: {
      const own = large as OwnValue;
      writeModule(out, own.kind.module, own.kind.version);
      return own.writeHead(out);
    }
    default: {
      const due = space.fieldDue(ref);
      if (due !== Number.POSITIVE_INFINITY) out.u64(due);
      out.length(
        large === undefined ? packedLength(arena, space.word(ref)) / TRIPLET : (large as HashTable).table.size,
      );
    }
  }
}

/** One field of a hash with its value. */
export function writeHashField(out: RdbOutput, field: Bytes, value: Bytes): void {
  out.string(field);
  out.string(value);
}

/**
 * When a field of a HASH_EXPIRING expires: stands before the field.
 * @param at ms since the epoch, -1 for never
 * @param earliest what `writeHead` has written: no field expires before it
 */
export function writeFieldExpiry(out: RdbOutput, at: number, earliest: number): void {
  out.length(at < 0 ? 0 : at - earliest + 1);
}

/** One member of a set. */
export function writeSetMember(out: RdbOutput, member: Bytes): void {
  out.string(member);
}

/** One member of a sorted set with its score, no NaN. */
export function writeZsetMember(out: RdbOutput, member: Bytes, score: number): void {
  out.string(member);
  out.double(score);
}

/** One node of a list. */
export function writeListNode(out: RdbOutput, arena: Arena, node: QuicklistNode): void {
  if (node.plain !== undefined) {
    out.length(PLAIN_NODE);
    return out.blob(node.plain, 0, node.size);
  }
  out.length(PACKED_NODE);
  writeHeader(arena, node);
  const base = nodeBase(node);
  out.blob(nodeMemory(arena, node), base, base + node.size);
}
