/**
 * Packer: values of Lua to MessagePack. Numbers that are integers of 64 bits go as the shortest integer, others as a float when that keeps
 * all of it, else as a double; a table whose keys are 1 to n as an array, any other as a map; what has no form (a function) as nil.
 */
import { Bytes } from '../../storage/memory/bytes.js';
import { argumentError, checkStack } from './arguments.js';
import { Integer64 } from './integer64.js';
import type { Lua } from './lua.js';
import { BOOLEAN, type LuaState, NUMBER, STRING, TABLE } from './lua-module.js';
import { Output } from './output.js';

/** A table nested deeper than this is packed as nil; so is one that holds itself, then. */
const NESTING_MAX = 16;
/** What the tables on the way down leave on the stack. */
const STACK_NEEDED = 3 * (NESTING_MAX + 1);
const TWO_63 = 2 ** 63;
const NIL = 0xc0;

export class Packer {
  private readonly out = new Output();
  private readonly string = new Bytes();
  private readonly integer = new Integer64();
  private readonly float = new DataView(new ArrayBuffer(8));

  constructor(private readonly lua: Lua) {}

  /** cmsgpack.pack(value, ...): the values one behind the other. At least 1, at most 4,000. O(length of it). */
  pack(l: LuaState): number {
    const { lua, out } = this;
    const { raw } = lua;
    const n = raw._lua_gettop(l);
    if (n === 0) argumentError(lua, l, 0, 'MessagePack pack needs input.');
    if (raw._lua_checkstack(l, n) === 0) argumentError(lua, l, 0, 'Too many arguments for MessagePack pack.');
    checkStack(lua, l, STACK_NEEDED, 'in function mp_pack');
    out.clear();
    for (let at = 1; at <= n; at++) this.value(l, at, 0);
    out.push(lua, l);
    return 1;
  }

  /** Packs the value at `at`, which counts from the bottom of the stack. */
  private value(l: LuaState, at: number, level: number): void {
    const { raw } = this.lua;
    switch (raw._lua_type(l, at)) {
      case STRING:
        return this.bytes(l, at);
      case NUMBER:
        return this.number(raw._lua_tonumber(l, at));
      case BOOLEAN:
        return this.out.byte(raw._lua_toboolean(l, at) !== 0 ? 0xc3 : 0xc2);
      case TABLE:
        return level === NESTING_MAX ? this.out.byte(NIL) : this.table(l, at, level);
      default:
        return this.out.byte(NIL);
    }
  }

  private bytes(l: LuaState, at: number): void {
    const { out, string } = this;
    this.lua.view(l, at, string);
    const n = string.length;
    if (n < 32) out.byte(0xa0 | n);
    else if (n <= 0xff) this.tagged(0xd9, n, 1);
    else if (n <= 0xffff) this.tagged(0xda, n, 2);
    else this.tagged(0xdb, n, 4);
    out.copy(string.buf, string.start, n);
  }

  private number(x: number): void {
    if (x >= -TWO_63 && x < TWO_63 && x === Math.trunc(x)) return this.whole(x);
    const { out, float } = this;
    const short = Math.fround(x) === x;
    if (short) float.setFloat32(0, x);
    else float.setFloat64(0, x);
    const n = short ? 4 : 8;
    const at = out.reserve(1 + n);
    out.buf[at] = short ? 0xca : 0xcb;
    for (let i = 0; i < n; i++) out.buf[at + 1 + i] = float.getUint8(i);
  }

  /** @param x an integer in the range of int64 */
  private whole(x: number): void {
    if (x >= 0) {
      if (x <= 0x7f) this.out.byte(x);
      else if (x <= 0xff) this.tagged(0xcc, x, 1);
      else if (x <= 0xffff) this.tagged(0xcd, x, 2);
      else if (x <= 0xffffffff) this.tagged(0xce, x, 4);
      else this.long(0xcf, x);
    } else if (x >= -32) this.out.byte(x);
    else if (x >= -0x80) this.tagged(0xd0, x, 1);
    else if (x >= -0x8000) this.tagged(0xd1, x, 2);
    else if (x >= -0x80000000) this.tagged(0xd2, x, 4);
    else this.long(0xd3, x);
  }

  /** A tag and the lowest `size` bytes of `x`, the highest of them first. */
  private tagged(tag: number, x: number, size: number): void {
    const { out } = this;
    const at = out.reserve(1 + size);
    out.buf[at] = tag;
    for (let i = size; i > 0; i--) {
      out.buf[at + i] = x;
      x >>>= 8;
    }
  }

  private long(tag: number, x: number): void {
    const { low, high } = this.integer.fromSigned(x);
    this.tagged(tag, high, 4);
    const { out } = this;
    const at = out.reserve(4);
    for (let i = 0; i < 4; i++) out.buf[at + i] = low >>> (24 - i * 8);
  }

  private table(l: LuaState, at: number, level: number): void {
    const { raw } = this.lua;
    const top = raw._lua_gettop(l);
    // Once through the keys, for their number, and for whether they are 1 to that.
    let count = 0;
    let max = 0;
    let isArray = true;
    raw._lua_pushnil(l);
    while (raw._lua_next(l, at) !== 0) {
      raw._lua_settop(l, -2);
      count++;
      if (!isArray) continue;
      // A string that reads as a number is none.
      const key = raw._lua_type(l, -1) === NUMBER ? raw._lua_tonumber(l, -1) : 0;
      if (key > 0 && key === Math.trunc(key)) max = key > max ? key : max;
      else isArray = false;
    }
    if (isArray && max === count) {
      this.head(0x90, 0xdc, count);
      for (let i = 1; i <= count; i++) {
        raw._lua_rawgeti(l, at, i);
        this.value(l, top + 1, level + 1);
        raw._lua_settop(l, top);
      }
      return;
    }
    this.head(0x80, 0xde, count);
    raw._lua_pushnil(l);
    while (raw._lua_next(l, at) !== 0) {
      this.value(l, top + 1, level + 1);
      this.value(l, top + 2, level + 1);
      raw._lua_settop(l, -2);
    }
  }

  /** The head of an array or map of `n`. @param short the tag when n is below 16 @param tag the one for 16 bits, before that for 32 */
  private head(short: number, tag: number, n: number): void {
    if (n < 16) this.out.byte(short | n);
    else if (n <= 0xffff) this.tagged(tag, n, 2);
    else this.tagged(tag + 1, n, 4);
  }
}
