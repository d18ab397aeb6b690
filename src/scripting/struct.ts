/**
 * The library `struct` of scripts: values to the bytes of a C structure and back. Read first: struct-format.ts.
 */
import { Bytes } from '../../storage/memory/bytes.js';
import { argumentError, checkStack, checkString } from './arguments.js';
import { Integer64, toInt64 } from './integer64.js';
import { type Lua, LuaError } from './lua.js';
import type { LuaState } from './lua-module.js';
import { Output } from './output.js';
import { CHARACTERS, DOUBLE, FLOAT, INTEGER, STRING, StructFormat, ZERO } from './struct-format.js';

const TOO_SHORT = 'data string too short';

/** Defines the global `struct`. */
export function registerStruct(lua: Lua): void {
  const struct = new Struct(lua);
  lua.define('struct', 'pack', (l) => struct.pack(l));
  lua.define('struct', 'unpack', (l) => struct.unpack(l));
  lua.define('struct', 'size', (l) => struct.sizeOf(l));
}

class Struct {
  private readonly format: StructFormat;
  private readonly out = new Output();
  private readonly value = new Bytes();
  private readonly integer = new Integer64();
  /** A float or double on its way, little endian. */
  private readonly float = new DataView(new ArrayBuffer(8));
  /** Where Lua keeps the data to unpack, and its length. */
  private data = 0;
  private length = 0;

  constructor(private readonly lua: Lua) {
    this.format = new StructFormat(lua);
  }

  /** struct.pack(format, ...): the string of the values. O(length of it). */
  pack(l: LuaState): number {
    const { lua, format, out } = this;
    const { raw } = lua;
    out.clear();
    format.open(l);
    // A missing value is nil to the messages, as if one stood behind the last.
    raw._lua_pushnil(l);
    let n = 2;
    while (format.next()) {
      const { kind } = format;
      out.fill(0, format.padding(out.length));
      if (kind === INTEGER) this.packInteger(raw._luaL_checknumber(l, n++));
      else if (kind === FLOAT || kind === DOUBLE) this.packFloat(raw._luaL_checknumber(l, n++));
      else if (kind === CHARACTERS || kind === STRING) this.packString(l, n++);
      else if (kind === ZERO) out.byte(0);
      else format.control(l);
    }
    out.push(lua, l);
    return 1;
  }

  private packInteger(x: number): void {
    const { format, out, integer } = this;
    const { size, littleEndian } = format;
    if (x < 0) integer.fromSigned(x);
    else integer.fromUnsigned(x);
    const at = out.reserve(size);
    const { buf } = out;
    // Bytes beyond the eighth are zeros, also those of negative numbers.
    for (let i = 0; i < size; i++) {
      const half = i < 4 ? integer.low : i < 8 ? integer.high : 0;
      buf[littleEndian ? at + i : at + size - 1 - i] = half >>> ((i & 3) * 8);
    }
  }

  private packFloat(x: number): void {
    const { format, out, float } = this;
    const { size, littleEndian } = format;
    if (size === 4) float.setFloat32(0, x, true);
    else float.setFloat64(0, x, true);
    const at = out.reserve(size);
    for (let i = 0; i < size; i++) out.buf[littleEndian ? at + i : at + size - 1 - i] = float.getUint8(i);
  }

  private packString(l: LuaState, n: number): void {
    const { lua, format, out, value } = this;
    checkString(lua, l, n, value);
    // c0 takes all of it. The message names the argument behind, as Redis's does.
    const size = format.size === 0 ? value.length : format.size;
    if (value.length < size) argumentError(lua, l, n + 1, 'string too short');
    out.copy(value.buf, value.start, size);
    if (format.kind === STRING) out.byte(0);
  }

  /** struct.unpack(format, data [, position = 1]): the values, and the position behind them. O(length). */
  unpack(l: LuaState): number {
    const { lua, format, value } = this;
    const { raw } = lua;
    format.open(l);
    checkString(lua, l, 2, value);
    this.data = value.start;
    this.length = value.length;
    const from = toInt64(raw._luaL_optnumber(l, 3, 1));
    if (from === 0) argumentError(lua, l, 3, 'offset must be 1 or greater');
    // A negative position is one far behind the end, whose padding may lead round to the begin.
    let position = from - 1;
    let results = 0;
    while (format.next()) {
      position += format.padding(position);
      this.need(l, format.size, position);
      checkStack(lua, l, 2, 'too many results');
      let { size } = format;
      switch (format.kind) {
        case INTEGER:
          raw._lua_pushnumber(l, this.integerAt(position));
          results++;
          break;
        case FLOAT:
        case DOUBLE:
          raw._lua_pushnumber(l, this.floatAt(position));
          results++;
          break;
        case CHARACTERS:
          if (size === 0) {
            size = this.sizeBefore(l, results);
            results--;
            this.need(l, size, position);
          }
          raw._lua_pushlstring(l, this.data + position, size);
          results++;
          break;
        case STRING: {
          const end = raw.HEAPU8.indexOf(0, this.data + position);
          // Lua keeps a zero behind every string, so one is always found.
          size = end + 1 - this.data - position;
          if (position + size > this.length) throw new LuaError('unfinished string in data');
          raw._lua_pushlstring(l, this.data + position, size - 1);
          results++;
          break;
        }
        case ZERO:
          break;
        default:
          format.control(l);
      }
      position += size;
    }
    // Beyond 2^53 the two steps would not come back to where they began.
    raw._lua_pushnumber(l, position === from - 1 ? from : position + 1);
    return results + 1;
  }

  /** Raises an error unless the data has `size` bytes at `position`. */
  private need(l: LuaState, size: number, position: number): void {
    if (position < 0 || position > this.length - size) argumentError(this.lua, l, 2, TOO_SHORT);
  }

  /** The number that was unpacked last, taken off the stack: the size of the characters that follow. */
  private sizeBefore(l: LuaState, results: number): number {
    const { raw } = this.lua;
    if (results === 0 || raw._lua_isnumber(l, -1) === 0) throw new LuaError("format 'c0' needs a previous size");
    const size = this.integer.fromUnsigned(raw._lua_tonumber(l, -1)).unsigned();
    raw._lua_settop(l, -2);
    return size;
  }

  private integerAt(position: number): number {
    const { format, integer } = this;
    const { size, littleEndian } = format;
    const { HEAPU8 } = this.lua.raw;
    const at = this.data + position;
    // Of integers longer than eight bytes the lowest eight are read.
    let low = 0;
    let high = 0;
    for (let i = 0; i < size && i < 8; i++) {
      const byte = HEAPU8[littleEndian ? at + i : at + size - 1 - i];
      if (i < 4) low |= byte << (i * 8);
      else high |= byte << ((i - 4) * 8);
    }
    integer.set(low, high);
    return format.option < 0x61 ? integer.unsigned() : this.extended(size);
  }

  /** The integer as a signed one of `size` bytes. */
  private extended(size: number): number {
    const { integer } = this;
    // The sign's place is a shift by the size in bits, less one, of a register of 64: sizes beyond 8 and 0 wrap.
    const sign = (size * 8 - 1) & 63;
    const mask = sign < 32 ? -1 << sign : 0;
    const highMask = sign < 32 ? -1 : -1 << (sign - 32);
    if ((integer.low & mask) !== 0 || (integer.high & highMask) !== 0)
      integer.set(integer.low | mask, integer.high | highMask);
    return integer.signed();
  }

  private floatAt(position: number): number {
    const { format, float } = this;
    const { size, littleEndian } = format;
    const { HEAPU8 } = this.lua.raw;
    const at = this.data + position;
    for (let i = 0; i < size; i++) float.setUint8(i, HEAPU8[littleEndian ? at + i : at + size - 1 - i]);
    return size === 4 ? float.getFloat32(0, true) : float.getFloat64(0, true);
  }

  /** struct.size(format): the length of what it packs. Raises an error for what has no fixed one. O(length of the format). */
  sizeOf(l: LuaState): number {
    const { lua, format } = this;
    let position = 0;
    format.open(l);
    while (format.next()) {
      const { kind, size, option } = format;
      position += format.padding(position) + size;
      if (kind === STRING) argumentError(lua, l, 1, "option 's' has no fixed size");
      else if (kind === CHARACTERS && size === 0) argumentError(lua, l, 1, "option 'c0' has no fixed size");
      // Letters and digits that are no options are passed over here, and only here.
      else if (kind === 0 && !isAlphanumeric(option)) format.control(l);
    }
    lua.raw._lua_pushnumber(l, position);
    return 1;
  }
}

function isAlphanumeric(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a);
}
