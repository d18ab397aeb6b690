/** A bare Lua with the libraries of scripts that lua-libraries.txt is about. */
import { registerBit } from '../../../src/scripting/bit.js';
import { registerCmsgpack } from '../../../src/scripting/cmsgpack.js';
import type { Lua } from '../../../src/scripting/lua.js';
import { registerDifferences } from '../../../src/scripting/lua-differences.js';
import { registerStringFormat } from '../../../src/scripting/string-format.js';
import { registerStruct } from '../../../src/scripting/struct.js';
import { bareLua } from './lua-cases.js';

export function openLibraries(): Promise<Lua> {
  return bareLua((lua) => {
    for (const register of [registerBit, registerStruct, registerCmsgpack, registerStringFormat, registerDifferences])
      register(lua);
  });
}
