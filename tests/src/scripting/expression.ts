/**
 * Expressions of Lua, and what they come to as one line of text that is the same wherever they run: in a real server's EVAL, or in a
 * Lua that was opened here. Errors are `!` and their message; strings are quoted with \ddd, numbers have 17 digits.
 */
import { Lua } from '../../../src/scripting/lua.js';
import type { LuaModule } from '../../../src/scripting/lua-module.js';

// All in one line, so that messages say line 1.
const SHOW = [
  'local function show(v)',
  "if type(v) == 'number' then return string.format('%.17g', v) end",
  String.raw`if type(v) == 'string' then return '"' .. string.gsub(v, '[%c"\\\128-\255]', function(c) return string.format('\\%03d', string.byte(c)) end) .. '"' end`,
  "if type(v) == 'function' then return type(v) end",
  "if type(v) ~= 'table' then return tostring(v) end",
  'local parts, n = {}, #v',
  'for i = 1, n do parts[i] = show(v[i]) end',
  'local rest = {}',
  "for k, x in pairs(v) do if type(k) ~= 'number' or k < 1 or k > n or k % 1 ~= 0 then rest[#rest + 1] = '[' .. show(k) .. ']=' .. show(x) end end",
  'table.sort(rest)',
  'for i = 1, #rest do parts[#parts + 1] = rest[i] end',
  "return '{' .. table.concat(parts, ' ') .. '}'",
  'end',
  'local function line(ok, ...)',
  "if not ok then return '!' .. show(...) end",
  'local parts = {}',
  "for i = 1, select('#', ...) do parts[i] = show((select(i, ...))) end",
  "return table.concat(parts, ' ')",
  'end',
].join(' ');

/** The chunk that returns what `expression` comes to. */
export function chunkOf(expression: string): string {
  return `${SHOW} return line(pcall(function() return ${expression} end))`;
}

/** A Lua with base, string, table and math, and what `register` adds. */
export class BareLua {
  private constructor(readonly lua: Lua) {}

  static async open(...register: readonly ((lua: Lua) => void)[]): Promise<BareLua> {
    const lua = await Lua.load();
    const { raw, main } = lua;
    for (const library of ['base', 'string', 'table', 'math'] as const) {
      raw[`_luaopen_${library}` satisfies keyof LuaModule](main);
      raw._lua_settop(main, 0);
    }
    lua.onDefect = (error) => {
      throw error;
    };
    for (const one of register) one(lua);
    return new BareLua(lua);
  }

  /** Runs a chunk as Redis would. @param source latin1 @returns what it returns, as text; an error as `ERR` and its message */
  run(source: string): string {
    const { lua } = this;
    const { raw, main } = lua;
    const code = Buffer.from(`@user_script\0${source}`, 'latin1');
    const name = lua.scratch(code.length);
    raw.HEAPU8.set(code, name);
    const at = name + 13;
    let status = raw._luaL_loadbuffer(main, at, code.length - 13, name);
    if (status === 0) status = raw._lua_pcall(main, 0, 1, 0);
    const text = lua.text(main, -1) ?? '';
    raw._lua_settop(main, -2);
    return status === 0 ? text : `ERR ${text}`;
  }

  /** What an expression comes to. */
  evaluate(expression: string): string {
    return this.run(chunkOf(expression));
  }
}
