/** The libraries that Redis gives to scripts beside Lua's own, and what Lua's own do otherwise in this build. */
import { registerBit } from './bit.js';
import { registerCjson } from './cjson.js';
import { registerCmsgpack } from './cmsgpack.js';
import type { Lua } from './lua.js';
import { registerDifferences } from './lua-differences.js';
import { registerStringFormat } from './string-format.js';
import { registerStruct } from './struct.js';

/** Defines them. Lua's own libraries must be open, and their tables still what scripts see. */
export function registerLibraries(lua: Lua): void {
  registerDifferences(lua);
  registerStringFormat(lua);
  registerCjson(lua);
  registerCmsgpack(lua);
  registerStruct(lua);
  registerBit(lua);
}
