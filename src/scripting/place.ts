/** Where in a script an error was raised: chunk and line, from Lua's debug records. */
import type { Lua } from './lua.js';
import { type LuaState, TABLE } from './lua-module.js';
import { CHUNK } from './threads.js';

/** Bytes of a lua_Debug, and where some of its fields stand. */
const RECORD = 112;
const WHAT = 12;
const SOURCE = 16;
const CURRENT_LINE = 20;
/** What kind of function it is begins with one of these: C, or tail. */
const LETTER_C = 67;
const LETTER_T = 116;

interface Place {
  /** `@user_script`, or the text of a chunk that a script has compiled itself. */
  readonly source: string;
  readonly line: number;
}

/**
 * @param level of the function that has raised it, as lua_getstack counts: 0 the one that runs; for one of C's its caller counts
 * @returns undefined when there is no such function
 */
export function placeOf(lua: Lua, l: LuaState, level: number): Place | undefined {
  const { raw } = lua;
  const record = lua.scratch(RECORD + 4);
  raw.HEAPU8[record + RECORD] = 83; // S
  raw.HEAPU8[record + RECORD + 1] = 108; // l
  raw.HEAPU8[record + RECORD + 2] = 0;
  let isFirst = true;
  for (let at = level; raw._lua_getstack(l, at, record) !== 0; at++) {
    raw._lua_getinfo(l, record + RECORD, record);
    const { HEAPU8, HEAPU32, HEAP32 } = raw;
    const what = HEAPU8[HEAPU32[(record + WHAT) >> 2]];
    const from = HEAPU32[(record + SOURCE) >> 2];
    const source = Buffer.from(HEAPU8.subarray(from, HEAPU8.indexOf(0, from))).toString('latin1');
    if (source === CHUNK || what === LETTER_T) continue; // ours, or a function that has called another one last
    if (isFirst && what === LETTER_C) {
      isFirst = false;
      continue;
    }
    return { source, line: HEAP32[(record + CURRENT_LINE) >> 2] };
  }
  return undefined;
}

/** Defines what scripts see of Redis 7.0's error handler: a function that makes of an error the table that redis.call raises. */
export function registerErrorHandler(lua: Lua): void {
  const { raw, main } = lua;
  const set = (l: LuaState, name: string): void => {
    lua.pushText(l, name);
    raw._lua_insert(l, -2);
    raw._lua_rawset(l, 1);
  };
  lua.pushFunction(main, (l) => {
    const place = placeOf(lua, l, 1);
    raw._lua_settop(l, 1);
    if (raw._lua_type(l, 1) !== TABLE) {
      const text = `ERR ${lua.text(l, 1) ?? 'nil'}`;
      raw._lua_createtable(l, 0, 3);
      raw._lua_replace(l, 1);
      lua.pushText(l, text);
      set(l, 'err');
    }
    if (place === undefined) return 1;
    lua.pushText(l, place.source);
    set(l, 'source');
    raw._lua_pushnumber(l, place.line);
    set(l, 'line');
    return 1;
  });
  lua.setGlobal('__redis__err__handler');
}
