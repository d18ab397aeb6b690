/**
 * string.format, for the one of this build of Lua, which casts numbers to 32 bits where Redis has 64. Formats without integers are left
 * to that one, and floats among integers too: they are right there to the last of 99 digits. As in C, what %s makes ends at the first NUL.
 */
import { Bytes } from '../../storage/memory/bytes.js';
import { argumentError, checkString } from './arguments.js';
import { Integer64, toInt64 } from './integer64.js';
import { type Lua, LuaError } from './lua.js';
import { type LuaState, REGISTRY } from './lua-module.js';
import { Output } from './output.js';

// Flags, as bits.
const LEFT = 1;
const PLUS = 2;
const SPACE = 4;
const ALTERNATE = 8;
const ZEROS = 16;

const FLAGS_MAX = 5;
/** A longer string is taken as it is by a %s without a precision, NULs included. */
const LONG_STRING = 100;
const NUL = 0;
const PERCENT = 0x25;

/** Defines string.format. The library `string` must be open, with its own still in it. */
export function registerStringFormat(lua: Lua): void {
  const { raw, main } = lua;
  lua.pushMember('string', 'format');
  const original = raw.functionAt(raw._lua_tocfunction(main, -1));
  const format = new Format(lua, raw._luaL_ref(main, REGISTRY));
  lua.define('string', 'format', (l) => (format.open(l) ? format.run(l) : original(l)));
}

class Format {
  private readonly out = new Output();
  private readonly string = new Bytes();
  private readonly integer = new Integer64();
  /** Address of the next character of the format, which is Lua's own string. */
  private at = 0;
  private end = 0;
  private flags = 0;
  private width = 0;
  /** -1 when there is none. */
  private precision = -1;

  constructor(
    private readonly lua: Lua,
    /** Lua's own string.format, in the registry. */
    private readonly ofLua: number,
  ) {}

  /** Looks at the format, which is argument 1. @returns whether it has an item that is an integer. O(length of it) */
  open(l: LuaState): boolean {
    const { string } = this;
    checkString(this.lua, l, 1, string);
    const { buf, end } = string;
    this.at = string.start;
    this.end = end;
    for (let p = this.at; p < end; p++) {
      if (buf[p] !== PERCENT) continue;
      p++;
      while (isModifier(buf[p])) p++;
      if (isInteger(buf[p])) return true;
    }
    return false;
  }

  /** string.format(format, ...), once it is open. O(length of format and result). */
  run(l: LuaState): number {
    const { lua, out, end } = this;
    const { raw } = lua;
    const top = raw._lua_gettop(l);
    out.clear();
    let n = 1;
    while (this.at < end) {
      const c = raw.HEAPU8[this.at++];
      if (c !== PERCENT) out.byte(c);
      else if (raw.HEAPU8[this.at] === PERCENT) {
        this.at++;
        out.byte(PERCENT);
      } else {
        if (++n > top) argumentError(lua, l, n, 'no value');
        this.item(l, n);
      }
    }
    out.push(lua, l);
    return 1;
  }

  /** Writes argument `n` as the item behind a % says. @throws {LuaError} for an item that is none */
  private item(l: LuaState, n: number): void {
    const { raw } = this.lua;
    const start = this.at - 1;
    this.modifiers();
    const c = raw.HEAPU8[this.at++];
    switch (c) {
      case 0x63: // c
        return this.character(raw._luaL_checknumber(l, n));
      case 0x64: // d
      case 0x69: // i
        return this.signed(raw._luaL_checknumber(l, n));
      case 0x6f: // o
        return this.unsigned(raw._luaL_checknumber(l, n), 8, 0);
      case 0x75: // u
        return this.unsigned(raw._luaL_checknumber(l, n), 10, 0);
      case 0x78: // x
      case 0x58: // X
        return this.unsigned(raw._luaL_checknumber(l, n), 16, c);
      case 0x65: // e
      case 0x45: // E
      case 0x66: // f
      case 0x67: // g
      case 0x47: // G
        return this.float(l, start, raw._luaL_checknumber(l, n));
      case 0x71: // q
        return this.quoted(l, n);
      case 0x73: // s
        return this.text(l, n);
      default:
        throw new LuaError(`invalid option '%${c === NUL ? '' : String.fromCharCode(c)}' to 'format'`);
    }
  }

  /** Reads flags, width (two digits) and precision (two digits). */
  private modifiers(): void {
    const { HEAPU8 } = this.lua.raw;
    const start = this.at;
    this.flags = 0;
    for (let flag = flagOf(HEAPU8[this.at]); flag !== 0; flag = flagOf(HEAPU8[++this.at])) this.flags |= flag;
    if (this.at - start > FLAGS_MAX) throw new LuaError('invalid format (repeated flags)');
    this.width = this.twoDigits();
    this.precision = -1;
    if (HEAPU8[this.at] === 0x2e) {
      this.at++;
      this.precision = this.twoDigits();
    }
    if (isDigit(HEAPU8[this.at])) throw new LuaError('invalid format (width or precision too long)');
  }

  private twoDigits(): number {
    const { HEAPU8 } = this.lua.raw;
    let n = 0;
    for (let i = 0; i < 2 && isDigit(HEAPU8[this.at]); i++) n = n * 10 + HEAPU8[this.at++] - 0x30;
    return n;
  }

  /** C reads what it has written up to the first NUL: so that one written by this ends the item. */
  private character(x: number): void {
    const { out } = this;
    const code = x > -2147483649 && x < 2147483648 ? x & 0xff : NUL;
    const padding = this.width > 1 ? this.width - 1 : 0;
    const left = (this.flags & LEFT) !== 0;
    if (!left) out.fill(0x20, padding);
    if (code === NUL) return;
    out.byte(code);
    if (left) out.fill(0x20, padding);
  }

  private signed(x: number): void {
    const whole = toInt64(x);
    const size = Math.abs(whole);
    const digits = size <= Number.MAX_SAFE_INTEGER ? String(size) : BigInt(size).toString();
    const sign = whole < 0 ? '-' : this.flags & PLUS ? '+' : this.flags & SPACE ? ' ' : '';
    this.whole(sign, digits);
  }

  /** @param option x or X, when the base is 16 */
  private unsigned(x: number, base: number, option: number): void {
    const { low, high } = this.integer.fromUnsigned(x);
    let digits: string;
    if (high <= 0x1fffff) digits = (high * 2 ** 32 + low).toString(base);
    else digits = ((BigInt(high) << 32n) | BigInt(low)).toString(base);
    let prefix = '';
    if ((this.flags & ALTERNATE) !== 0 && base !== 10 && (low | high) !== 0) prefix = base === 16 ? '0x' : '0';
    if (option === 0x58) {
      digits = digits.toUpperCase();
      prefix = prefix.toUpperCase();
    }
    if (base !== 8) return this.whole(prefix, digits);
    // In octal the prefix is a digit, which a precision counts; and which stands also for a 0 that a precision of 0 leaves out.
    if ((this.flags & ALTERNATE) !== 0 && digits === '0' && this.precision === 0) this.precision = 1;
    this.whole('', prefix + digits);
  }

  /** Writes an integer: padding, sign or prefix, zeros, digits. */
  private whole(prefix: string, digits: string): void {
    const { out, flags, precision, width } = this;
    if (precision === 0 && digits === '0') digits = '';
    let zeros = precision > digits.length ? precision - digits.length : 0;
    let padding = Math.max(width - prefix.length - digits.length - zeros, 0);
    if (precision < 0 && (flags & (ZEROS | LEFT)) === ZEROS) {
      zeros = padding;
      padding = 0;
    }
    if ((flags & LEFT) === 0) out.fill(0x20, padding);
    out.text(prefix);
    out.fill(0x30, zeros);
    out.text(digits);
    if ((flags & LEFT) !== 0) out.fill(0x20, padding);
  }

  /** @param start address of the item, from its % to `at` */
  private float(l: LuaState, start: number, x: number): void {
    const { lua, out, string } = this;
    const { raw } = lua;
    raw._lua_checkstack(l, 4);
    raw._lua_rawgeti(l, REGISTRY, this.ofLua);
    raw._lua_pushlstring(l, start, this.at - start);
    raw._lua_pushnumber(l, x);
    raw._lua_call(l, 2, 1);
    lua.view(l, -1, string);
    out.copy(string.buf, string.start, string.length);
    raw._lua_settop(l, -2);
  }

  /** A string as Lua's own source has it. */
  private quoted(l: LuaState, n: number): void {
    const { lua, out, string } = this;
    checkString(lua, l, n, string);
    const { buf, end } = string;
    out.byte(0x22);
    for (let p = string.start; p < end; p++) {
      const c = buf[p];
      if (c === NUL) out.text('\\000');
      else if (c === 0x0d) out.text('\\r');
      else {
        if (c === 0x22 || c === 0x5c || c === 0x0a) out.byte(0x5c);
        out.byte(c);
      }
    }
    out.byte(0x22);
  }

  private text(l: LuaState, n: number): void {
    const { lua, out, string, width, precision } = this;
    checkString(lua, l, n, string);
    const { buf, start, length } = string;
    if (precision < 0 && length >= LONG_STRING) return out.copy(buf, start, length);
    let size = 0;
    const most = precision < 0 || precision > length ? length : precision;
    while (size < most && buf[start + size] !== NUL) size++;
    const padding = width > size ? width - size : 0;
    if ((this.flags & LEFT) === 0) out.fill(0x20, padding);
    out.copy(buf, start, size);
    if ((this.flags & LEFT) !== 0) out.fill(0x20, padding);
  }
}

function flagOf(c: number): number {
  if (c === 0x2d) return LEFT;
  if (c === 0x2b) return PLUS;
  if (c === 0x20) return SPACE;
  if (c === 0x23) return ALTERNATE;
  return c === 0x30 ? ZEROS : 0;
}

/** Whether `c` is a flag or part of width and precision. */
function isModifier(c: number): boolean {
  return isDigit(c) || c === 0x2e || flagOf(c) !== 0;
}

/** Whether `c` is one of d i o u x X. */
function isInteger(c: number): boolean {
  return c === 0x64 || c === 0x69 || c === 0x6f || c === 0x75 || c === 0x78 || c === 0x58;
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}
