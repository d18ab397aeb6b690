/**
 * Output: bytes that a library writes one after the other, to become one string of Lua. It has an end, since the same string can be
 * written often: without one a short script could ask for more memory than there is.
 */
import { copyBytes } from '../../storage/memory/bytes.js';
import { type Lua, LuaError } from './lua.js';
import type { LuaState } from './lua-module.js';

const SIZE = 4096;
/** Longer than this (bytes) no output is: as long as no value of a key is by default. */
const LONGEST = 512 * 1024 * 1024;
/** A buffer that has grown larger than this is not kept. */
const KEPT_MAX = 256 * 1024;

export class Output {
  buf = new Uint8Array(SIZE);
  /** How many bytes are written. */
  length = 0;

  constructor(private readonly longest = LONGEST) {}

  /** Makes room for `n` more bytes behind `length`. @throws {LuaError} for more than there may be */
  protected room(n: number): void {
    const needed = this.length + n;
    if (needed <= this.buf.length) return;
    if (needed > this.longest) throw new LuaError('not enough memory', 0);
    const larger = new Uint8Array(Math.min(Math.max(needed, this.buf.length * 2), this.longest));
    larger.set(this.buf.subarray(0, this.length));
    this.buf = larger;
  }

  /** Takes `n` more bytes. @returns where they go @throws {LuaError} for more than there may be */
  reserve(n: number): number {
    const at = this.length;
    this.room(n);
    this.length = at + n;
    return at;
  }

  byte(b: number): void {
    const at = this.reserve(1);
    this.buf[at] = b;
  }

  /** `n` times the same byte. */
  fill(b: number, n: number): void {
    if (n === 0) return;
    const at = this.reserve(n);
    this.buf.fill(b, at, at + n);
  }

  copy(from: Uint8Array, start: number, n: number): void {
    const at = this.reserve(n);
    copyBytes(this.buf, at, from, start, n);
  }

  /** @param text latin1 */
  text(text: string): void {
    const n = text.length;
    const at = this.reserve(n);
    for (let i = 0; i < n; i++) this.buf[at + i] = text.charCodeAt(i);
  }

  clear(): void {
    this.length = 0;
    if (this.buf.length > KEPT_MAX) this.buf = new Uint8Array(SIZE);
  }

  /** Pushes what is written as a string. */
  push(lua: Lua, l: LuaState): void {
    lua.pushBytes(l, this.buf, 0, this.length);
  }
}
