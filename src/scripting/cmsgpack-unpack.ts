/**
 * Unpacker: MessagePack to values of Lua. It reads where Lua keeps the string, and goes down into arrays and maps without recursion:
 * how deep they may be nested is decided by the 8,000 values that Lua's stack holds. Unsigned integers of 64 bits are read as signed.
 */
import { Bytes } from '../../storage/memory/bytes.js';
import { checkStack, checkString } from './arguments.js';
import { Integer64, toInt32, toInt64 } from './integer64.js';
import { type Lua, LuaError } from './lua.js';
import type { LuaState } from './lua-module.js';

const INT_MAX = 2147483647;
/** So many values' room is asked for at once. */
const ROOM = 64;
const TOO_MANY = 'too many return values at once; use unpack_one or unpack_limit instead.';
const TOO_DEEP = 'in function mp_decode_to_lua_array';

/** What is next in an open map; in an open array it is an index. */
const KEY = -1;
const VALUE = -2;

export class Unpacker {
  private readonly string = new Bytes();
  private readonly integer = new Integer64();
  private readonly float = new DataView(new ArrayBuffer(8));
  /** Addresses of the next byte and of the end. */
  private at = 0;
  private end = 0;
  /** How many values stand on the stack, and for how many there is room for certain. */
  private height = 0;
  private room = 0;
  /** How many of those are not there: see `enter`. */
  private indices = 0;
  /** What is next in the array or map that was opened last. */
  private opened = 0;
  /** Of the arrays and maps that are open, by depth: what is next in each, and how many elements (keys, values) are to come. */
  private readonly next: number[] = [];
  private readonly left: number[] = [];

  constructor(private readonly lua: Lua) {}

  /** cmsgpack.unpack(data): all its values. O(length). */
  unpack(l: LuaState): number {
    return this.some(l, 0, 0);
  }

  /** cmsgpack.unpack_one(data [, offset = 0]): the offset behind the value (-1 at the end), the value. */
  unpackOne(l: LuaState): number {
    const offset = toInt64(this.lua.raw._luaL_optnumber(l, 2, 0));
    return this.some(l, 1, offset);
  }

  /** cmsgpack.unpack_limit(data, limit [, offset = 0]): the offset behind the last value (-1 at the end), at most `limit` values. */
  unpackLimit(l: LuaState): number {
    const { raw } = this.lua;
    const limit = toInt64(raw._luaL_checknumber(l, 2));
    const offset = toInt64(raw._luaL_optnumber(l, 3, 0));
    return this.some(l, limit, offset);
  }

  /** @throws {LuaError} when the data ends too early or is no MessagePack, or a number is out of its range */
  private some(l: LuaState, limit: number, offset: number): number {
    const { lua, string } = this;
    const { raw } = lua;
    const all = limit === 0 && offset === 0;
    // Other arguments would count among the results.
    if (!all && raw._lua_gettop(l) > 1) raw._lua_settop(l, 1);
    checkString(lua, l, 1, string);
    const { length } = string;
    if (offset < 0 || limit < 0)
      throw new LuaError(`Invalid request to unpack with offset of ${toInt32(offset)} and limit of ${length}.`);
    if (offset > length) throw new LuaError(`Start offset ${toInt32(offset)} greater than input length ${length}.`);
    this.at = string.start + offset;
    this.end = string.end;
    this.height = this.room = raw._lua_gettop(l);
    this.indices = 0;
    let values = 0;
    for (const max = all ? INT_MAX : limit; this.at < this.end && values < max; values++) this.value(l);
    if (all) return values;
    raw._lua_pushnumber(l, this.at === this.end ? -1 : this.at - string.start);
    raw._lua_insert(l, 2);
    return values + 1;
  }

  /** Pushes a value with all that it holds. */
  private value(l: LuaState): void {
    const { raw } = this.lua;
    const { next, left } = this;
    let depth = 0;
    for (;;) {
      const count = this.element(l);
      if (count > 0) {
        depth++;
        left[depth] = count;
        // `element` has left in which kind of value it opened.
        next[depth] = this.opened;
        if (this.opened !== KEY) this.enter(1);
        continue;
      }
      // A value is complete on top of the stack: it goes into what holds it, which may be complete by that.
      for (;;) {
        if (depth === 0) return;
        const state = next[depth];
        if (state === KEY) next[depth] = VALUE;
        else if (state === VALUE) {
          raw._lua_rawset(l, -3);
          this.height -= 2;
          next[depth] = KEY;
        } else {
          raw._lua_rawseti(l, -2, state);
          this.height--;
          next[depth] = state + 1;
        }
        if (--left[depth] > 0) break;
        if (state > 0) this.enter(-1);
        depth--;
      }
    }
  }

  /**
   * Pushes the value that begins here; of an array or map an empty table.
   * @returns how many elements (keys and values each one) are to follow; 0 when it is complete
   */
  private element(l: LuaState): number {
    const { raw } = this.lua;
    this.need(l, 1, TOO_MANY);
    this.height++;
    this.available(1);
    const tag = raw.HEAPU8[this.at++];
    if (tag < 0x80) return this.number(l, tag);
    if (tag < 0x90) return this.map(l, tag & 15);
    if (tag < 0xa0) return this.array(l, tag & 15);
    if (tag < 0xc0) return this.bytes(l, tag & 31);
    if (tag >= 0xe0) return this.number(l, tag - 0x100);
    switch (tag) {
      case 0xc0:
        raw._lua_pushnil(l);
        return 0;
      case 0xc2:
      case 0xc3:
        raw._lua_pushboolean(l, tag & 1);
        return 0;
      case 0xca:
      case 0xcb:
        return this.double(l, tag === 0xca ? 4 : 8);
      case 0xcc:
        return this.number(l, this.unsigned(1));
      case 0xcd:
        return this.number(l, this.unsigned(2));
      case 0xce:
        return this.number(l, this.unsigned(4));
      case 0xd0:
        return this.number(l, (this.unsigned(1) << 24) >> 24);
      case 0xd1:
        return this.number(l, (this.unsigned(2) << 16) >> 16);
      case 0xd2:
        return this.number(l, this.unsigned(4) | 0);
      case 0xcf:
      case 0xd3: {
        this.available(8);
        const high = this.unsigned(4);
        return this.number(l, this.integer.set(this.unsigned(4), high).signed());
      }
      case 0xd9:
        return this.bytes(l, this.unsigned(1));
      case 0xda:
        return this.bytes(l, this.unsigned(2));
      case 0xdb:
        return this.bytes(l, this.unsigned(4));
      case 0xdc:
        return this.array(l, this.unsigned(2));
      case 0xdd:
        return this.array(l, this.unsigned(4));
      case 0xde:
        return this.map(l, this.unsigned(2));
      case 0xdf:
        return this.map(l, this.unsigned(4));
      default:
        throw new LuaError('Bad data format in input.');
    }
  }

  private number(l: LuaState, x: number): number {
    this.lua.raw._lua_pushnumber(l, x);
    return 0;
  }

  private double(l: LuaState, size: number): number {
    this.available(size);
    const { HEAPU8 } = this.lua.raw;
    const { float } = this;
    for (let i = 0; i < size; i++) float.setUint8(i, HEAPU8[this.at++]);
    return this.number(l, size === 4 ? float.getFloat32(0) : float.getFloat64(0));
  }

  private bytes(l: LuaState, n: number): number {
    this.available(n);
    this.lua.raw._lua_pushlstring(l, this.at, n);
    this.at += n;
    return 0;
  }

  private array(l: LuaState, n: number): number {
    this.lua.raw._lua_createtable(l, 0, 0);
    this.need(l, 1, TOO_DEEP);
    this.opened = 1;
    return n;
  }

  private map(l: LuaState, n: number): number {
    this.lua.raw._lua_createtable(l, 0, 0);
    this.opened = KEY;
    return 2 * n;
  }

  /** The unsigned integer of `size` bytes that comes next. */
  private unsigned(size: number): number {
    this.available(size);
    const { HEAPU8 } = this.lua.raw;
    let x = 0;
    for (let i = 0; i < size; i++) x = x * 256 + HEAPU8[this.at++];
    return x;
  }

  private available(n: number): void {
    if (n > this.end - this.at) throw new LuaError('Missing bytes in input.');
  }

  /**
   * Redis has the index of an open array's next element on the stack. Here it is only counted, so that the limit is the same.
   * @param n 1 when an array is opened, -1 when it is complete
   */
  private enter(n: number): void {
    this.height += n;
    this.indices += n;
  }

  /** Raises "stack overflow" with `message` unless there is room for `n` more values. */
  private need(l: LuaState, n: number, message: string): void {
    const { height, indices } = this;
    if (height + n <= this.room) return;
    if (this.lua.raw._lua_checkstack(l, indices + ROOM) !== 0) this.room = height + ROOM;
    else checkStack(this.lua, l, indices + n, message);
  }
}
