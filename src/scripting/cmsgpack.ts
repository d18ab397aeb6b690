/**
 * The library `cmsgpack` of scripts: values to MessagePack and back, as lua-cmsgpack 0.4.0 in Redis does it. Read next:
 * cmsgpack-pack.ts, cmsgpack-unpack.ts.
 */
import { Packer } from './cmsgpack-pack.js';
import { Unpacker } from './cmsgpack-unpack.js';
import type { Lua } from './lua.js';

/** What the library says of itself. */
const FACTS: Readonly<Record<string, string>> = {
  _NAME: 'cmsgpack',
  _VERSION: 'lua-cmsgpack 0.4.0',
  _COPYRIGHT: 'Copyright (C) 2012, Salvatore Sanfilippo',
  _DESCRIPTION: 'MessagePack C implementation for Lua',
};

/** Defines the global `cmsgpack`. */
export function registerCmsgpack(lua: Lua): void {
  const packer = new Packer(lua);
  const unpacker = new Unpacker(lua);
  lua.define('cmsgpack', 'pack', (l) => packer.pack(l));
  lua.define('cmsgpack', 'unpack', (l) => unpacker.unpack(l));
  lua.define('cmsgpack', 'unpack_one', (l) => unpacker.unpackOne(l));
  lua.define('cmsgpack', 'unpack_limit', (l) => unpacker.unpackLimit(l));
  for (const [name, text] of Object.entries(FACTS)) {
    lua.pushText(lua.main, text);
    lua.setMember('cmsgpack', name);
  }
}
