/**
 * JSON to Lua values, as cjson.decode makes them: one pass over the text where it lies, in Lua's memory. Strings without escapes go
 * into Lua from there. The text ends in a zero, as all strings of Lua; one within the text ends it too, and so all loops.
 *
 * Tables grow key by key, as Redis's do, since their size and the order in which keys came decide the order of `next`.
 */
import type { CjsonConfig } from './cjson-config.js';
import { hexDigit, isForeign, NumberReader } from './cjson-number.js';
import { type Lua, LuaError } from './lua.js';
import type { LuaModule, LuaState } from './lua-module.js';

/** The stack of a C function has so many places. */
const STACK_SIZE = 8000;
/** Places of the stack that are there without asking. */
const STACK_GIVEN = 20;
const SCRATCH = 64 * 1024;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** For each letter behind a backslash the byte it stands for, 0 for none. */
const UNESCAPED = new Uint8Array(256);
for (const [letter, byte] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  UNESCAPED[letter.charCodeAt(0)] = byte.charCodeAt(0);
}

const PUNCTUATION: Readonly<Record<number, string>> = {
  [0]: 'T_END',
  [COMMA]: 'T_COMMA',
  [COLON]: 'T_COLON',
  [OPEN_ARRAY]: 'T_ARR_BEGIN',
  [CLOSE_ARRAY]: 'T_ARR_END',
  [OPEN_OBJECT]: 'T_OBJ_BEGIN',
  [CLOSE_OBJECT]: 'T_OBJ_END',
};

// What the last index stands at outside of arrays.
const IN_OBJECT = -1;
const OUTSIDE = -2;

export class Decoder {
  private readonly raw: LuaModule;
  private readonly numbers = new NumberReader();
  private heap!: Uint8Array;
  private config!: CjsonConfig;
  private l: LuaState = 0;
  /** Address of the text. */
  private start = 0;
  /** Whether the string that was scanned last has escapes; what is wrong with it, and where. */
  private escaped = false;
  private fault = '';
  private faultAt = 0;
  /** The last index of each array around, or IN_OBJECT. */
  private readonly around: number[] = [];

  constructor(private readonly lua: Lua) {
    this.raw = lua.raw;
  }

  /**
   * Pushes what the text says. O(length).
   * @param start address of the text, which is the one value on the stack of `l`
   * @throws LuaError when it is not JSON, or too deep
   */
  decode(l: LuaState, start: number, length: number, config: CjsonConfig): void {
    const { raw, around } = this;
    let heap = raw.HEAPU8;
    if (length >= 2 && (heap[start] === 0 || heap[start + 1] === 0)) {
      throw new LuaError('JSON parser does not support UTF-16 or UTF-32');
    }
    this.heap = heap;
    this.config = config;
    this.l = l;
    this.start = start;
    around.length = 0;
    // Places of the stack that are taken: the text, tables, and the keys of objects.
    let places = 1;
    let given = STACK_GIVEN;
    let last = OUTSIDE;
    let p = start;
    for (;;) {
      let c = heap[p];
      while (c === SPACE || c === LF || c === CR || c === TAB) c = heap[++p];
      if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
        p++;
        around.push(last);
        if (around.length > config.decodeDepth || places + 2 > STACK_SIZE) {
          this.refuse(`Found too many nested data structures (${around.length}) at character ${p - start}`);
        }
        if (places + 8 > given) {
          const more = Math.min(2 * STACK_GIVEN, STACK_SIZE - places);
          raw._lua_checkstack(l, more);
          given = places + more;
        }
        raw._lua_createtable(l, 0, 0);
        if (heap.length === 0) heap = this.heap = raw.HEAPU8;
        const close = c + 2;
        c = heap[p];
        while (c === SPACE || c === LF || c === CR || c === TAB) c = heap[++p];
        if (c !== close) {
          last = close === CLOSE_ARRAY ? 0 : IN_OBJECT;
          places += 1;
          if (last === IN_OBJECT) {
            places += 1;
            p = this.key(p);
            heap = this.heap;
          }
          continue;
        }
        p++;
        around.pop();
      } else if (c === QUOTE) {
        p = this.string(p);
        heap = this.heap;
      } else p = this.scalar(p);
      // A value is complete, and with it perhaps tables.
      for (;;) {
        if (last === OUTSIDE) {
          if (heap[this.blank(p)] !== 0) this.fail('the end', p);
          return;
        }
        const inArray = last !== IN_OBJECT;
        if (inArray) raw._lua_rawseti(l, -2, ++last);
        else raw._lua_rawset(l, -3);
        if (heap.length === 0) heap = this.heap = raw.HEAPU8;
        c = heap[p];
        while (c === SPACE || c === LF || c === CR || c === TAB) c = heap[++p];
        if (c === COMMA) {
          p++;
          if (!inArray) {
            p = this.key(p);
            heap = this.heap;
          }
          break;
        }
        if (c !== (inArray ? CLOSE_ARRAY : CLOSE_OBJECT))
          this.fail(inArray ? 'comma or array end' : 'comma or object end', p);
        p++;
        places -= inArray ? 1 : 2;
        last = around.pop()!;
      }
    }
  }

  /** @returns the first byte from `p` on that is not blank */
  private blank(p: number): number {
    const { heap } = this;
    let c = heap[p];
    while (c === SPACE || c === LF || c === CR || c === TAB) c = heap[++p];
    return p;
  }

  /** Pushes the key of a member. @returns where its value begins */
  private key(p: number): number {
    p = this.blank(p);
    if (this.heap[p] !== QUOTE) this.fail('object key string', p);
    p = this.blank(this.string(p, 'object key string'));
    if (this.heap[p] !== COLON) this.fail('colon', p);
    return p + 1;
  }

  /** Pushes a number, true, false or null. @returns where it ends */
  private scalar(p: number): number {
    const { heap, raw, l } = this;
    const c = heap[p];
    if (c === MINUS || (c >= 0x30 && c <= 0x39) || isForeign(heap, p)) {
      const end = this.numbers.read(heap, p);
      if (end < 0 || (!this.config.decodeInvalid && isForeign(heap, p))) this.fail('value', p);
      raw._lua_pushnumber(l, this.numbers.value);
      return end;
    }
    if (this.isWord(p, 'true')) raw._lua_pushboolean(l, 1);
    else if (this.isWord(p, 'false')) {
      raw._lua_pushboolean(l, 0);
      return p + 5;
    } else if (this.isWord(p, 'null')) raw._lua_pushlightuserdata(l, 0);
    else this.fail('value', p);
    return p + 4;
  }

  private isWord(p: number, word: string): boolean {
    for (let i = 0; i < word.length; i++) if (this.heap[p + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  /** Pushes the string whose quote stands at `p`. @returns where it ends */
  private string(p: number, expected = 'value'): number {
    const { raw, l } = this;
    const end = this.scan(++p);
    if (end < 0) this.fail(expected, p - 1);
    if (!this.escaped) raw._lua_pushlstring(l, p, end - p);
    else if (end - p <= SCRATCH) {
      const at = this.lua.scratch(SCRATCH);
      raw._lua_pushlstring(l, at, this.unescape(p, end, at));
    } else {
      const at = raw._lua_newuserdata(l, end - p);
      this.heap = raw.HEAPU8;
      raw._lua_pushlstring(l, at, this.unescape(p, end, at));
      raw._lua_remove(l, -2);
    }
    if (this.heap.length === 0) this.heap = raw.HEAPU8;
    return end + 1;
  }

  /** Looks for the end of the string whose first byte stands at `p`. @returns its quote, -1 when it has a fault */
  private scan(p: number): number {
    const { heap } = this;
    this.escaped = false;
    for (;;) {
      const c = heap[p];
      if (c === QUOTE) return p;
      if (c === BACKSLASH) {
        this.escaped = true;
        if (UNESCAPED[heap[p + 1]] !== 0) {
          p += 2;
          continue;
        }
        const unicode = heap[p + 1] === 0x75;
        const code = unicode ? codePoint(heap, p) : -1;
        if (code < 0) return this.spoilt(unicode ? 'invalid unicode escape code' : 'invalid escape code', p);
        p += code > 0xffff ? 12 : 6;
      } else if (c === 0) return this.spoilt('unexpected end of string', p);
      else p++;
    }
  }

  private spoilt(fault: string, at: number): number {
    this.fault = fault;
    this.faultAt = at;
    return -1;
  }

  /** Writes what the string `[p, end)` says to address `to`, where there is as much room. @returns its length */
  private unescape(p: number, end: number, to: number): number {
    const { heap } = this;
    let n = to;
    while (p < end) {
      const c = heap[p++];
      if (c !== BACKSLASH) {
        heap[n++] = c;
        continue;
      }
      const byte = UNESCAPED[heap[p]];
      if (byte !== 0) {
        heap[n++] = byte;
        p++;
        continue;
      }
      const code = codePoint(heap, p - 1);
      p += code > 0xffff ? 11 : 5;
      if (code < 0x80) heap[n++] = code;
      else {
        if (code < 0x800) heap[n++] = 0xc0 | (code >> 6);
        else {
          if (code < 0x10000) heap[n++] = 0xe0 | (code >> 12);
          else {
            heap[n++] = 0xf0 | (code >> 18);
            heap[n++] = 0x80 | ((code >> 12) & 0x3f);
          }
          heap[n++] = 0x80 | ((code >> 6) & 0x3f);
        }
        heap[n++] = 0x80 | (code & 0x3f);
      }
    }
    return n - to;
  }

  /** Says what was found instead of what was expected. */
  private fail(expected: string, p: number): never {
    const { heap } = this;
    p = this.blank(p);
    this.faultAt = p;
    let found = PUNCTUATION[heap[p]];
    if (heap[p] === QUOTE) found = this.scan(p + 1) < 0 ? this.fault : 'T_STRING';
    else if (found === undefined) found = this.scalarName(p);
    this.refuse(`Expected ${expected} but found ${found} at character ${this.faultAt - this.start + 1}`);
  }

  /** Leaves room on the stack for the message. */
  private refuse(message: string): never {
    this.raw._lua_settop(this.l, 1);
    throw new LuaError(message);
  }

  private scalarName(p: number): string {
    const { heap } = this;
    const c = heap[p];
    const foreign = isForeign(heap, p);
    const ordinary = c === MINUS || (c >= 0x30 && c <= 0x39);
    if (ordinary || (foreign && this.config.decodeInvalid)) {
      const wrong = (foreign && !this.config.decodeInvalid) || this.numbers.read(heap, p) < 0;
      return wrong ? 'invalid number' : 'T_NUMBER';
    }
    if (this.isWord(p, 'true') || this.isWord(p, 'false')) return 'T_BOOLEAN';
    return this.isWord(p, 'null') ? 'T_NULL' : 'invalid token';
  }
}

/** The character that the escape \\uXXXX at `p` stands for, or that together with the one behind it; -1 when it stands for none. */
function codePoint(heap: Uint8Array, p: number): number {
  const first = unit(heap, p + 2);
  if ((first & 0xf800) !== 0xd800) return first;
  // Half of a pair; the second half has no right to come first.
  if (first < 0 || (first & 0x400) !== 0 || heap[p + 6] !== BACKSLASH || heap[p + 7] !== 0x75) return -1;
  const second = unit(heap, p + 8);
  return second >= 0 && (second & 0xfc00) === 0xdc00 ? 0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff) : -1;
}

/** The number that four hexadecimal digits at `p` make, -1 when they are not all digits. */
function unit(heap: Uint8Array, p: number): number {
  let x = 0;
  for (let i = 0; i < 4; i++) {
    const digit = hexDigit(heap[p + i]);
    if (digit < 0) return -1;
    x = (x << 4) | digit;
  }
  return x;
}
