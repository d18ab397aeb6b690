/**
 * The library cjson as scripts see it: JSON for Lua tables, by the rules (and with the error texts) of the one in Redis. Encoding is
 * cjson-encode.ts, decoding cjson-decode.ts; here are the functions of the table and what may be set.
 */
import { Bytes } from '../../storage/memory/bytes.js';
import { argumentError, checkString, typeError } from './arguments.js';
import {
  AS_NULL,
  CjsonConfig,
  DECODE_DEPTH,
  DECODE_INVALID,
  ENCODE_DEPTH,
  ENCODE_INVALID,
  KEEP_BUFFER,
  OFF,
  ON,
  PRECISION,
  pushConfig,
  SPARSE_CONVERT,
  SPARSE_RATIO,
  SPARSE_SAFE,
} from './cjson-config.js';
import { Decoder } from './cjson-decode.js';
import { Encoder } from './cjson-encode.js';
import { JsonWriter } from './cjson-writer.js';
import { toInt32 } from './integer64.js';
import type { Lua, LuaFunction } from './lua.js';
import { BOOLEAN, type LuaModule, type LuaState, NIL, UPVALUE } from './lua-module.js';

const INT_MAX = 2 ** 31 - 1;

/** Defines the global `cjson`. */
export function registerCjson(lua: Lua): void {
  new Cjson(lua).push(lua.main);
  lua.setGlobal('cjson');
}

class Cjson {
  private readonly raw: LuaModule;
  private readonly config = new CjsonConfig();
  private readonly out = new JsonWriter();
  private readonly encoder: Encoder;
  private readonly decoder: Decoder;
  private readonly view = new Bytes();
  /** Names and pointers. In which order they enter a table decides in which they are met there. */
  private readonly functions: readonly (readonly [string, number])[];

  constructor(private readonly lua: Lua) {
    this.raw = lua.raw;
    this.encoder = new Encoder(lua, this.out);
    this.decoder = new Decoder(lua);
    const functions: Record<string, LuaFunction> = {
      encode: (l) => this.encode(l),
      decode: (l) => this.decode(l),
      encode_sparse_array: (l) => {
        this.admit(l, 3);
        this.setSwitch(l, 1, SPARSE_CONVERT, ON);
        this.setInteger(l, 2, SPARSE_RATIO, 0, INT_MAX);
        this.setInteger(l, 3, SPARSE_SAFE, 0, INT_MAX);
        return 3;
      },
      encode_max_depth: (l) => this.setDepth(l, ENCODE_DEPTH),
      decode_max_depth: (l) => this.setDepth(l, DECODE_DEPTH),
      encode_number_precision: (l) => {
        this.admit(l, 1);
        return this.setInteger(l, 1, PRECISION, 1, 14);
      },
      // Kept or not, a buffer is nothing that a script could see.
      encode_keep_buffer: (l) => {
        this.admit(l, 1);
        return this.setSwitch(l, 1, KEEP_BUFFER, ON);
      },
      encode_invalid_numbers: (l) => {
        this.admit(l, 1);
        return this.setSwitch(l, 1, ENCODE_INVALID, AS_NULL);
      },
      decode_invalid_numbers: (l) => {
        this.admit(l, 1);
        return this.setSwitch(l, 1, DECODE_INVALID, ON);
      },
      new: (l) => this.push(l),
    };
    this.functions = Object.entries(functions).map(([name, f]) => [name, lua.pointer(f)]);
  }

  /** Pushes a table of the library with settings of its own. */
  push(l: LuaState): number {
    const { raw, lua } = this;
    raw._lua_createtable(l, 0, 0);
    pushConfig(lua, l);
    for (const [name, pointer] of this.functions) {
      lua.pushText(l, name);
      raw._lua_pushvalue(l, -2);
      raw._lua_pushcclosure(l, pointer, 1);
      raw._lua_rawset(l, -4);
    }
    raw._lua_settop(l, -2);
    lua.pushText(l, 'null');
    raw._lua_pushlightuserdata(l, 0);
    raw._lua_rawset(l, -3);
    for (const [name, value] of [
      ['_NAME', 'cjson'],
      ['_VERSION', '2.1.0'],
    ]) {
      lua.pushText(l, name);
      lua.pushText(l, value);
      raw._lua_rawset(l, -3);
    }
    return 1;
  }

  // ---- encode and decode ----------------------------------------------------------------------------------------------------------

  private encode(l: LuaState): number {
    const { raw, lua, out } = this;
    if (raw._lua_gettop(l) !== 1) argumentError(this.lua, l, 1, 'expected 1 argument');
    const config = this.config.load(raw.HEAP32, raw._lua_topointer(l, UPVALUE));
    out.clear();
    this.encoder.encode(l, config);
    out.push(lua, l);
    return 1;
  }

  private decode(l: LuaState): number {
    const { raw, view } = this;
    if (raw._lua_gettop(l) !== 1) argumentError(this.lua, l, 1, 'expected 1 argument');
    checkString(this.lua, l, 1, view);
    const config = this.config.load(raw.HEAP32, raw._lua_topointer(l, UPVALUE));
    this.decoder.decode(l, view.start, view.end - view.start, config);
    return 1;
  }

  // ---- settings -------------------------------------------------------------------------------------------------------------------

  /** Arguments that are missing are nil from here on. */
  private admit(l: LuaState, most: number): void {
    const { raw } = this;
    if (raw._lua_gettop(l) > most) argumentError(this.lua, l, most + 1, 'found too many arguments');
    raw._lua_settop(l, most);
  }

  private setDepth(l: LuaState, field: number): number {
    this.admit(l, 1);
    return this.setInteger(l, 1, field, 1, INT_MAX);
  }

  /** Sets an integer, unless the argument is nil; pushes what it is. */
  private setInteger(l: LuaState, at: number, field: number, min: number, max: number): number {
    const { raw } = this;
    if (raw._lua_type(l, at) !== NIL) {
      if (raw._lua_isnumber(l, at) === 0) typeError(this.lua, l, at, 'number');
      const value = toInt32(raw._lua_tonumber(l, at));
      if (value < min || value > max) argumentError(this.lua, l, 1, `expected integer between ${min} and ${max}`);
      raw.HEAP32[(raw._lua_topointer(l, UPVALUE) >> 2) + field] = value;
    }
    raw._lua_pushnumber(l, raw.HEAP32[(raw._lua_topointer(l, UPVALUE) >> 2) + field]);
    return 1;
  }

  /** Sets a switch to one of the words off, on and null, up to `most`, or a boolean, unless the argument is nil; pushes what it is. */
  private setSwitch(l: LuaState, at: number, field: number, most: number): number {
    const { raw } = this;
    const type = raw._lua_type(l, at);
    if (type !== NIL) {
      let value = type === BOOLEAN ? raw._lua_toboolean(l, at) : OFF;
      if (type !== BOOLEAN) {
        // C takes the text up to its first zero.
        const word = this.lua.text(l, at)?.split('\0')[0] ?? typeError(this.lua, l, at, 'string');
        value = ['off', 'on', 'null'].indexOf(word);
        if (value < 0 || value > most) argumentError(this.lua, l, at, `invalid option '${word}'`);
      }
      raw.HEAP32[(raw._lua_topointer(l, UPVALUE) >> 2) + field] = value;
    }
    const value = raw.HEAP32[(raw._lua_topointer(l, UPVALUE) >> 2) + field];
    if (value === AS_NULL) this.lua.pushText(l, 'null');
    else raw._lua_pushboolean(l, value);
    return 1;
  }
}
