/**
 * CallArguments: the arguments of a script's call, copied out of Lua's memory once, because that may move whenever Lua allocates. Views
 * and buffer are used again for the next call.
 */
import { doubleDigits } from '../../commands/double-digits.js';
import { Bytes, copyBytes } from '../../storage/memory/bytes.js';
import type { Lua } from './lua.js';
import { type LuaState, NUMBER, STRING } from './lua-module.js';

/** A buffer above this (bytes), and more views than this, are not kept. */
const KEPT_BYTES = 64 * 1024;
const KEPT_VIEWS = 1024;

export class CallArguments {
  views: Bytes[] = [];
  private readonly lua: Lua;
  private buf = new Uint8Array(1024);
  private used = 0;

  constructor(lua: Lua) {
    this.lua = lua;
  }

  /**
   * Reads all that stands on the stack of `l` into `views`.
   * @returns how many there are; -1 when one is neither string nor number
   */
  read(l: LuaState): number {
    const { lua } = this;
    const { raw, lengthAt } = lua;
    const n = raw._lua_gettop(l);
    if (this.buf.length > KEPT_BYTES) this.buf = new Uint8Array(1024);
    if (this.views.length > KEPT_VIEWS && n <= KEPT_VIEWS) this.views.length = KEPT_VIEWS;
    while (this.views.length < n) this.views.push(new Bytes());
    this.used = 0;
    const { HEAPU8, HEAPU32 } = raw; // nothing below allocates
    for (let i = 1; i <= n; i++) {
      const type = raw._lua_type(l, i);
      if (type === STRING) {
        const at = raw._lua_tolstring(l, i, lengthAt);
        this.put(this.views[i - 1], HEAPU8, at, HEAPU32[lengthAt >> 2]);
      } else if (type === NUMBER) {
        const text = numberText(raw._lua_tonumber(l, i));
        const at = this.room(text.length);
        for (let k = 0; k < text.length; k++) this.buf[at + k] = text.charCodeAt(k);
        this.views[i - 1].set(this.buf, at, at + text.length);
      } else return -1;
    }
    return n;
  }

  private put(view: Bytes, from: Uint8Array, start: number, n: number): void {
    const at = this.room(n);
    copyBytes(this.buf, at, from, start, n);
    view.set(this.buf, at, at + n);
  }

  /** Room for `n` more bytes; the views before keep the buffer that they have. */
  private room(n: number): number {
    if (this.used + n > this.buf.length) {
      this.buf = new Uint8Array(Math.max(2 * this.buf.length, n));
      this.used = 0;
    }
    const at = this.used;
    this.used += n;
    return at;
  }
}

/** A number as Redis 7.0 gives it to commands: C's `%.17g`. */
function numberText(x: number): string {
  if (Number.isSafeInteger(x) && !Object.is(x, -0)) return String(x);
  return Number.isNaN(x) ? '-nan' : doubleDigits(x);
}
