/**
 * What a script returns as a reply. A table with one of these fields, asked for in this order and past metatables, is no array:
 *
 *   err=string   ok=string   double=number   map=table   set=table   big_number=string   verbatim_string={format=, string=}
 *
 * Any other is an array up to its first nil. Numbers lose their fraction, what has no reply (functions, userdata) is nil.
 */
import type { Reply } from '../../protocol/reply.js';
import { Bytes } from '../../storage/memory/bytes.js';
import type { Lua } from './lua.js';
import { BOOLEAN, type LuaState, NUMBER, STRING, TABLE } from './lua-module.js';

const FIELDS = ['err', 'ok', 'double', 'map', 'set', 'big_number', 'verbatim_string'] as const;
type Field = (typeof FIELDS)[number];
const TYPES: Readonly<Record<Field, number>> = {
  err: STRING,
  ok: STRING,
  double: NUMBER,
  map: TABLE,
  set: TABLE,
  big_number: STRING,
  verbatim_string: TABLE,
};
/** Places of the stack that one level of tables takes. */
const LEVEL = 5;
/** Tables with a special field, or any with others than elements, within each other: each costs some JavaScript stack. */
const DEPTH_MAX = 1000;
const STACK_LIMIT = 'ERR reached lua stack limit';
const INT64 = 2 ** 63;
const LAST_INT64 = '-9223372036854775808';

/** Hears of each error in a reply. @param counted it is in the statistics already */
export type ErrorListener = (text: string, counted: boolean) => void;

export class LuaToReply {
  private readonly lua: Lua;
  private readonly onError: ErrorListener;
  private readonly view = new Bytes();
  private readonly words = new Map<string, number>();
  /** Whether a table's hash part can be seen to be empty, below. */
  private readonly seesHash: boolean;
  private out!: Reply;
  private resp3 = false;
  /** Calls within each other. */
  private depth = 0;
  /** Of the arrays around the one that is written: where they begin, and their element that it is. */
  private readonly marks: number[] = [];
  private readonly places: number[] = [];

  constructor(lua: Lua, onError: ErrorListener) {
    this.lua = lua;
    this.onError = onError;
    for (const word of [...FIELDS, 'format', 'string', 'ignore_error_stats_update'])
      this.words.set(word, lua.constant(word));
    this.seesHash = this.probe();
  }

  /**
   * Writes the value on top of the stack of `l`, and leaves it there.
   * @param resp3 whether the script has asked for RESP3: then its booleans are booleans
   */
  put(l: LuaState, out: Reply, resp3: boolean): void {
    this.out = out;
    this.resp3 = resp3;
    this.depth = 0;
    this.marks.length = this.places.length = 0;
    this.value(l);
  }

  private value(l: LuaState): void {
    const { lua, out } = this;
    const { raw } = lua;
    switch (raw._lua_type(l, -1)) {
      case STRING:
        lua.view(l, -1, this.view);
        return out.bulk(this.view);
      case NUMBER:
        return this.number(raw._lua_tonumber(l, -1));
      case BOOLEAN:
        return this.boolean(raw._lua_toboolean(l, -1) !== 0);
      case TABLE:
        return this.table(l);
      default:
        return out.nil();
    }
  }

  private boolean(b: boolean): void {
    if (this.resp3) this.out.bool(b);
    else if (b) this.out.int(1);
    else this.out.nil();
  }

  /** As C turns a double into 64 bits: cut; what does not fit is the smallest. */
  private number(x: number): void {
    const { out } = this;
    const n = Math.trunc(x);
    if (Number.isSafeInteger(n)) out.int(n);
    else out.intText(n > -INT64 && n < INT64 ? String(BigInt(n)) : LAST_INT64);
  }

  private table(l: LuaState): void {
    const { raw } = this.lua;
    if (this.depth === DEPTH_MAX || raw._lua_checkstack(l, LEVEL) === 0) return this.error(STACK_LIMIT, false);
    this.depth++;
    this.tableOfAnyKind(l);
    this.depth--;
  }

  private tableOfAnyKind(l: LuaState): void {
    const { raw } = this.lua;
    if (this.seesHash && this.hashIsEmpty(raw._lua_topointer(l, -1))) return this.array(l);
    for (const field of FIELDS) {
      if (this.field(l, field) === TYPES[field] && this.special(l, field)) return;
      raw._lua_settop(l, -2);
    }
    this.array(l);
  }

  /** Pushes a field of the table on top. @returns its type */
  private field(l: LuaState, name: string): number {
    const { raw } = this.lua;
    raw._lua_pushlstring(l, this.words.get(name)!, name.length);
    raw._lua_rawget(l, -2);
    return raw._lua_type(l, -1);
  }

  /** Writes a table by its `field`, which is on top and is taken; false when it lacks what it needs, and nothing is taken then. */
  private special(l: LuaState, field: Field): boolean {
    const { lua, out } = this;
    const { raw } = lua;
    switch (field) {
      case 'err': {
        const text = untilNul(lua.text(l, -1)!);
        raw._lua_settop(l, -2);
        const counted = this.field(l, 'ignore_error_stats_update') === BOOLEAN && raw._lua_toboolean(l, -1) !== 0;
        this.error(text, counted);
        break;
      }
      case 'ok':
        out.simple(untilNul(lua.text(l, -1)!).replace(/[\r\n]/g, ' '));
        break;
      case 'double':
        out.double(raw._lua_tonumber(l, -1));
        break;
      case 'map':
        this.map(l);
        break;
      case 'set':
        this.set(l);
        break;
      case 'big_number':
        out.bigNumber(lua.text(l, -1)!.replace(/[\r\n]/g, ' '));
        break;
      default:
        if (!this.verbatim(l)) return false;
    }
    raw._lua_settop(l, -2);
    return true;
  }

  private error(text: string, counted: boolean): void {
    this.onError(text, counted);
    this.out.error(text);
  }

  private map(l: LuaState): void {
    const { raw } = this.lua;
    const mark = this.out.defer();
    let n = 0;
    raw._lua_pushnil(l);
    for (; raw._lua_next(l, -2) !== 0; n++) {
      raw._lua_pushvalue(l, -2);
      this.value(l);
      raw._lua_settop(l, -2);
      this.value(l);
      raw._lua_settop(l, -2);
    }
    this.out.endMap(mark, n);
  }

  private set(l: LuaState): void {
    const { raw } = this.lua;
    const mark = this.out.defer();
    let n = 0;
    raw._lua_pushnil(l);
    for (; raw._lua_next(l, -2) !== 0; n++) {
      raw._lua_settop(l, -2);
      raw._lua_pushvalue(l, -1);
      this.value(l);
      raw._lua_settop(l, -2);
    }
    this.out.endSet(mark, n);
  }

  /** The table of a verbatim string is on top. */
  private verbatim(l: LuaState): boolean {
    const { lua } = this;
    const { raw } = lua;
    const whole = this.field(l, 'format') === STRING;
    const format = whole ? lua.text(l, -1)! : '';
    raw._lua_settop(l, -2);
    const isString = whole && this.field(l, 'string') === STRING;
    if (isString) this.out.verbatim(format.slice(0, 3).padEnd(3, ' '), lua.text(l, -1)!);
    if (whole) raw._lua_settop(l, -2);
    return isString;
  }

  /** The array on top, and those within it, without a call for each: Lua's stack is deeper than JavaScript's. */
  private array(l: LuaState): void {
    const { out } = this;
    const { raw } = this.lua;
    const base = this.marks.length;
    let mark = out.defer();
    for (let i = 1; ; ) {
      raw._lua_rawgeti(l, -1, i);
      const type = raw._lua_type(l, -1);
      if (type === TABLE && this.seesHash && this.hashIsEmpty(raw._lua_topointer(l, -1))) {
        if (raw._lua_checkstack(l, LEVEL) !== 0) {
          this.marks.push(mark);
          this.places.push(i);
          mark = out.defer();
          i = 1;
          continue;
        }
        this.error(STACK_LIMIT, false);
      } else if (type !== 0) this.value(l);
      raw._lua_settop(l, -2);
      if (type !== 0) {
        i++;
        continue;
      }
      out.endArray(mark, i - 1);
      if (this.marks.length === base) return;
      raw._lua_settop(l, -2);
      mark = this.marks.pop()!;
      i = this.places.pop()! + 1;
    }
  }

  // ---- a look at Lua's tables ------------------------------------------------------------------------------------------------------

  /**
   * Whether the hash part of the table at an address is empty: then it has none of the fields, which would take longer to ask for than
   * its elements. Byte 7 of a table is the logarithm of the part's size, byte 16 its address; a slot is free while byte 8 of it is 0.
   */
  private hashIsEmpty(table: number): boolean {
    const { HEAPU8, HEAPU32 } = this.lua.raw;
    return HEAPU8[table + 7] === 0 && HEAPU32[(HEAPU32[(table + 16) >> 2] + 8) >> 2] === 0;
  }

  /** Whether that is really so in this build of Lua. */
  private probe(): boolean {
    const { raw, main } = this.lua;
    const seen: boolean[] = [];
    for (const name of ['', 'err']) {
      raw._lua_createtable(main, 1, 0);
      raw._lua_pushnumber(main, 1);
      raw._lua_rawseti(main, -2, 1);
      if (name !== '') {
        raw._lua_pushlstring(main, this.words.get(name)!, name.length);
        raw._lua_pushvalue(main, -1);
        raw._lua_rawset(main, -3);
      }
      seen.push(this.hashIsEmpty(raw._lua_topointer(main, -1)));
      raw._lua_settop(main, -2);
    }
    return seen[0] && !seen[1];
  }
}

/** C's formats end at a NUL. */
function untilNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}
