/**
 * ValueReader: reads one value of any type that is read, whole or in pieces:
 *
 *   reader.begin(type, input, now)      EMPTY | DONE | MORE
 *   while MORE: reader.next(input)      one element, one node of a list, or a part of a large block
 *   reader.builder.attach(key, at)      or reader.drop()
 *
 * `begin` and each `next` read what they need before they make anything, so whoever catches SHORT may rewind the input and call again.
 * Any other error, a Fault of an engine too, leaves the value to be dropped. Read next: value-builder.ts, block-reader.ts.
 */
import type { Database } from '../database.js';
import { Bytes } from '../memory/bytes.js';
import { ownType } from '../own-types.js';
import type { OwnLoader } from '../own-value.js';
import { BlockReader, DONE, EMPTY, EXPIRED, FIELD_EXPIRY_MAX, MORE } from './block-reader.js';
import { ElementsAhead } from './elements-ahead.js';
import {
  HASH_EXPIRING,
  HASH_EXPIRING_EARLY,
  HASH_FIELDS,
  HASH_LISTPACK,
  HASH_TRIPLETS,
  HASH_TRIPLETS_EARLY,
  HASH_ZIPLIST,
  HASH_ZIPMAP,
  LIST_ELEMENTS,
  LIST_NODES,
  LIST_ZIPLIST,
  LIST_ZIPLISTS,
  MODULE_2,
  PACKED_NODE,
  PLAIN_NODE,
  SET_INTSET,
  SET_LISTPACK,
  SET_MEMBERS,
  STRING_VALUE,
  ZSET_DOUBLES,
  ZSET_LISTPACK,
  ZSET_TEXT,
  ZSET_ZIPLIST,
} from './format.js';
import type { RdbInput } from './input.js';
import { readEnd, readModule } from './module-terms.js';
import { OldBlocks } from './old-blocks.js';
import { RdbError } from './rdb-error.js';
import { unloadableValue } from './unloadable.js';
import { ValueBuilder } from './value-builder.js';

const DOUBLE_BYTES = 8;
/** Elements after which it is asked again whether the collection is large. */
const LOOK_EVERY = 1000;

// Scores as text: the first byte is its length, or one of these.
const TEXT_NAN = 253;
const TEXT_INFINITY = 254;
const TEXT_MINUS_INFINITY = 255;

export class ValueReader {
  readonly builder: ValueBuilder;
  private readonly blocks: BlockReader;
  private readonly old = new OldBlocks();
  private readonly view = new Bytes();
  private readonly value = new Bytes();
  private type = 0;
  /** Elements, or nodes, that are still to come. */
  private left = 0;
  private started = false;
  private readonly ahead = new ElementsAhead();
  /** Elements until it is time to look ahead. */
  private untilLook = 0;
  private now = 0;
  /** The time from which expiries of fields are counted. */
  private earliest = 0;
  /** What reads a value of our own types; undefined once its last element was read. */
  private own: OwnLoader | undefined = undefined;

  constructor(db: Database) {
    this.builder = new ValueBuilder(db);
    this.blocks = new BlockReader(this.builder);
  }

  /**
   * Begins to read a value.
   * @param type as format.ts numbers them
   * @param now fields that have expired by then are left out (ms since the epoch); 0: none
   * @returns DONE, MORE, EMPTY or EXPIRED
   * @throws RdbError when the value is damaged, or of a type that is not read; SHORT
   */
  begin(type: number, input: RdbInput, now: number): number {
    this.type = type;
    this.now = now;
    this.started = false;
    this.left = 0;
    this.blocks.forget();
    switch (type) {
      case STRING_VALUE:
        this.builder.setText(input.string(this.view));
        return DONE;
      case LIST_ELEMENTS:
      case LIST_ZIPLISTS:
      case LIST_NODES:
      case SET_MEMBERS:
      case ZSET_TEXT:
      case ZSET_DOUBLES:
      case HASH_FIELDS:
      case HASH_EXPIRING_EARLY:
        return this.beginElements(input);
      case HASH_EXPIRING:
        this.earliest = input.i64();
        return this.beginElements(input);
      case HASH_TRIPLETS:
        input.i64(); // the earliest expiry, which the triplets tell as well
        return this.block(input);
      case HASH_ZIPMAP:
      case LIST_ZIPLIST:
      case SET_INTSET:
      case ZSET_ZIPLIST:
      case HASH_ZIPLIST:
      case HASH_LISTPACK:
      case ZSET_LISTPACK:
      case SET_LISTPACK:
      case HASH_TRIPLETS_EARLY:
        return this.block(input);
      case MODULE_2:
        return this.beginOwn(input);
      default:
        throw unloadableValue(type, input);
    }
  }

  /** Forgets what was read. */
  drop(): void {
    this.blocks.forget();
    this.own = undefined;
    this.builder.drop();
  }

  private beginElements(input: RdbInput): number {
    this.left = input.length();
    this.untilLook = LOOK_EVERY;
    return this.left === 0 ? EMPTY : MORE;
  }

  // ---- our own types --------------------------------------------------------------------------------------------------------------

  private beginOwn(input: RdbInput): number {
    const { pos } = input;
    const module = readModule(input);
    const kind = module === undefined ? undefined : ownType(module.name);
    if (module === undefined || kind === undefined) {
      input.pos = pos;
      throw unloadableValue(MODULE_2, input);
    }
    if (module.version > kind.version)
      throw new RdbError(`a value of the type '${module.name}' in a form of a later Synap (${module.version})`);
    this.own = this.builder.beginOwn(kind, module.version);
    return MORE;
  }

  private nextOwn(input: RdbInput): number {
    if (this.own === undefined) {
      readEnd(input);
      return DONE;
    }
    if (!this.own.next(input)) this.own = undefined;
    return MORE;
  }

  // ---- blocks ---------------------------------------------------------------------------------------------------------------------

  private block(input: RdbInput): number {
    const { type, old } = this;
    let { buf, start, end } = input.string(this.view);
    if (type === HASH_ZIPMAP || type === LIST_ZIPLIST || type === ZSET_ZIPLIST || type === HASH_ZIPLIST) {
      if (type === HASH_ZIPMAP ? !old.fromZipmap(buf, start, end) : !old.fromZiplist(buf, start, end))
        throw new RdbError(`a ${type === HASH_ZIPMAP ? 'zipmap' : 'ziplist'} that is damaged`);
      buf = old.buf;
      start = 0;
      end = old.size;
    }
    const outcome = this.wholeBlock(buf, start, end);
    return outcome === EMPTY ? EMPTY : this.afterBlock(outcome);
  }

  private wholeBlock(buf: Uint8Array, start: number, end: number): number {
    const { blocks } = this;
    switch (this.type) {
      case LIST_ZIPLIST:
        return blocks.list(buf, start, end);
      case SET_INTSET:
        return blocks.intset(buf, start, end);
      case SET_LISTPACK:
        return blocks.set(buf, start, end);
      case ZSET_ZIPLIST:
      case ZSET_LISTPACK:
        return blocks.zset(buf, start, end);
      case HASH_TRIPLETS:
      case HASH_TRIPLETS_EARLY:
        return blocks.triplets(buf, start, end, this.now);
      default:
        return blocks.hash(buf, start, end);
    }
  }

  /** Some of a block was added, which is the value or a node of it. */
  private afterBlock(outcome: number): number {
    if (outcome === MORE) return MORE;
    if (outcome === EXPIRED) return this.allExpired();
    return --this.left > 0 ? MORE : this.finish();
  }

  private allExpired(): number {
    this.builder.drop();
    return EXPIRED;
  }

  // ---- elements -------------------------------------------------------------------------------------------------------------------

  /** Reads the next element. @returns MORE, or what came of it: DONE, EMPTY or EXPIRED. As `begin` */
  next(input: RdbInput): number {
    if (this.blocks.pending) return this.afterBlock(this.blocks.more());
    if (this.type === MODULE_2) return this.nextOwn(input);
    if (--this.untilLook <= 0) this.untilLook = this.lookAhead(input);
    switch (this.type) {
      case LIST_ELEMENTS:
        this.listElement(input);
        break;
      case LIST_ZIPLISTS:
      case LIST_NODES:
        return this.listNode(input);
      case SET_MEMBERS:
        this.setMember(input);
        break;
      case ZSET_TEXT:
      case ZSET_DOUBLES:
        this.scoredMember(input);
        break;
      default:
        this.hashField(input);
    }
    this.started = true;
    if (--this.left > 0) return MORE;
    return this.finish();
  }

  /** @returns after how many elements to look again */
  private lookAhead(input: RdbInput): number {
    const { type, builder } = this;
    const table = this.started ? builder.table : undefined;
    if (table === undefined) return LOOK_EVERY;
    if (type === SET_MEMBERS) return this.ahead.look(input, table, 1, 0);
    if (type === ZSET_DOUBLES) return this.ahead.look(input, table, 1, DOUBLE_BYTES);
    return type === HASH_FIELDS ? this.ahead.look(input, table, 2, 0) : LOOK_EVERY;
  }

  private finish(): number {
    const { builder, type } = this;
    if (type === LIST_ZIPLIST || type === LIST_ZIPLISTS || type === LIST_NODES)
      return builder.finishList() ? DONE : EMPTY;
    if ((type === HASH_EXPIRING || type === HASH_EXPIRING_EARLY) && builder.fields === 0) return this.allExpired();
    return DONE;
  }

  private listElement(input: RdbInput): void {
    input.string(this.view);
    if (!this.started) this.builder.beginList(false);
    this.builder.addElement(this.view);
  }

  /** Reads a node of a list; of the only one a list in one block is made, if that is small. */
  private listNode(input: RdbInput): number {
    const { builder, blocks, type, view, old, started } = this;
    const kind = type === LIST_NODES ? input.length() : PACKED_NODE;
    if (kind !== PACKED_NODE && kind !== PLAIN_NODE) throw new RdbError(`a node of a list of the kind ${kind}`);
    let { buf, start, end } = input.string(view);
    if (type === LIST_ZIPLISTS) {
      if (!old.fromZiplist(buf, start, end)) throw new RdbError('a ziplist that is damaged');
      buf = old.buf;
      start = 0;
      end = old.size;
    }
    this.started = true;
    if (kind === PACKED_NODE && !started && this.left === 1) {
      const outcome = blocks.list(buf, start, end);
      if (outcome !== EMPTY) return this.afterBlock(outcome);
    }
    if (!started) builder.beginList(true);
    if (kind === PACKED_NODE) return this.afterBlock(blocks.node(buf, start, end));
    builder.addElement(view);
    return this.afterBlock(DONE);
  }

  private setMember(input: RdbInput): void {
    input.string(this.view);
    if (!this.started) this.builder.beginSet(this.view, this.left);
    this.builder.addMember(this.view);
  }

  private scoredMember(input: RdbInput): void {
    input.string(this.view);
    const score = this.type === ZSET_TEXT ? this.textScore(input) : input.double();
    if (!this.started) this.builder.beginZset(this.left);
    this.builder.addScored(this.view, score);
  }

  private textScore(input: RdbInput): number {
    const n = input.byte();
    if (n === TEXT_NAN) return Number.NaN;
    if (n === TEXT_INFINITY) return Number.POSITIVE_INFINITY;
    if (n === TEXT_MINUS_INFINITY) return Number.NEGATIVE_INFINITY;
    input.need(n);
    const { buf, pos } = input;
    input.pos = pos + n;
    return this.builder.db.doubles.parse(buf, pos, pos + n);
  }

  private hashField(input: RdbInput): void {
    const when = this.type === HASH_FIELDS ? -1 : this.fieldExpiry(input);
    input.string(this.view);
    input.string(this.value);
    if (!this.started) this.builder.beginHash(this.left);
    if (when < 0 || when > this.now) this.builder.addField(this.view, this.value, when);
  }

  /** When the next field expires, ms since the epoch; -1 for never. */
  private fieldExpiry(input: RdbInput): number {
    const n = input.length();
    if (n === 0) return -1;
    const when = this.type === HASH_EXPIRING ? this.earliest + n - 1 : n;
    if (when < 0 || when > FIELD_EXPIRY_MAX) throw new RdbError('a hash with a field that expires at no time');
    return when;
  }
}
