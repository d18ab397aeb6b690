/**
 * The settings of one cjson, as its functions find them: nine integers in a userdata that is their upvalue, so that every table which
 * cjson.new makes has its own, and Lua frees them with it.
 */

import type { Lua } from './lua.js';
import type { LuaState } from './lua-module.js';

// What a switch may stand at.
export const OFF = 0;
export const ON = 1;
/** Only for numbers to encode: those that JSON does not have become null. */
export const AS_NULL = 2;

// Where each stands, in integers.
export const SPARSE_CONVERT = 0;
export const SPARSE_RATIO = 1;
export const SPARSE_SAFE = 2;
export const ENCODE_DEPTH = 3;
export const DECODE_DEPTH = 4;
export const ENCODE_INVALID = 5;
export const DECODE_INVALID = 6;
export const KEEP_BUFFER = 7;
export const PRECISION = 8;

const DEFAULTS = [OFF, 2, 10, 1000, 1000, OFF, ON, ON, 14];

/** Pushes new settings. */
export function pushConfig(lua: Lua, l: LuaState): void {
  const at = lua.raw._lua_newuserdata(l, DEFAULTS.length * 4);
  lua.raw.HEAP32.set(DEFAULTS, at >> 2);
}

/** A copy of settings, to be read at ease. */
export class CjsonConfig {
  /** Whether excessively sparse arrays become objects instead of an error. */
  sparseConvert = false;
  /** An array is excessively sparse whose greatest index is more than this times its number of items; 0: none is. */
  sparseRatio = 0;
  /** None is up to this greatest index. */
  sparseSafe = 0;
  encodeDepth = 0;
  decodeDepth = 0;
  encodeInvalid = OFF;
  decodeInvalid = false;
  /** Significant digits of numbers. */
  precision = 0;

  /** @param at address of the settings */
  load(ints: Int32Array, at: number): this {
    at >>= 2;
    this.sparseConvert = ints[at + SPARSE_CONVERT] !== OFF;
    this.sparseRatio = ints[at + SPARSE_RATIO];
    this.sparseSafe = ints[at + SPARSE_SAFE];
    this.encodeDepth = ints[at + ENCODE_DEPTH];
    this.decodeDepth = ints[at + DECODE_DEPTH];
    this.encodeInvalid = ints[at + ENCODE_INVALID];
    this.decodeInvalid = ints[at + DECODE_INVALID] !== OFF;
    this.precision = ints[at + PRECISION];
    return this;
  }
}
