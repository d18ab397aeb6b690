/**
 * Cases for the libraries of scripts: bodies of Lua functions, each with what a real server made of it, one a line:
 *
 *   return cjson.encode({1, 'a'}) ==> "[1,\"a\"]"
 *
 * What a case returns is written out by Lua itself, byte by byte and tables in the order of `next`; an error as what pcall gives.
 * record-lua-cases.ts writes the right sides anew; the libraries' tests compare them with ours, in a bare Lua.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Lua, Lua as LuaState } from '../../../src/scripting/lua.js';
import { MULTIPLE_RESULTS } from '../../../src/scripting/lua-module.js';

const ARROW = ' ==> ';

/** In one line, so that all positions in errors are in line 1. */
const BEFORE = `
local null = cjson and cjson.null
local function show(v)
  local t = type(v)
  if t == 'string' then
    return '"' .. v:gsub('[%c"\\\\\\128-\\255]', function(c)
      return c:find('[%c\\128-\\255]') and ('\\\\%03d'):format(c:byte()) or '\\\\' .. c
    end) .. '"'
  end
  if t == 'number' then return ('%.17g'):format(v) end
  if t == 'boolean' then return tostring(v) end
  if t ~= 'table' then return t == 'userdata' and v == null and 'null' or t end
  local items = {}
  for k, x in pairs(v) do items[#items + 1] = '[' .. show(k) .. ']=' .. show(x) end
  return '{' .. table.concat(items, ',') .. '}'
end
local function result(ok, ...)
  local values = {}
  for i = 1, select('#', ...) do values[i] = show((select(i, ...))) end
  return (ok and '' or 'error ') .. table.concat(values, ' ')
end
return result(pcall(function()`.replace(/\s+/g, ' ');

/** The script that runs a case and returns its result as text. */
export function caseScript(body: string): string {
  return `${BEFORE} ${body} end))`;
}

export interface LuaCase {
  readonly body: string;
  readonly expected: string;
}

function file(name: string): URL {
  return new URL(`../../../../tests/src/recorded/${name}.txt`, import.meta.url);
}

/** The cases of a file; lines that begin with # and empty ones are none. */
export function readCases(name: string): LuaCase[] {
  const lines = readFileSync(file(name), 'utf8').split('\n');
  return lines.filter(isCase).map((line) => {
    const [body, expected = ''] = line.split(ARROW, 2);
    return { body, expected };
  });
}

function isCase(line: string): boolean {
  return line !== '' && !line.startsWith('#');
}

/** Writes what `run` makes of each case to its file. @returns how many there are */
export async function recordCases(name: string, run: (script: string) => Promise<string>): Promise<number> {
  const lines: string[] = [];
  for (const line of readFileSync(file(name), 'utf8').split('\n')) {
    const body = line.split(ARROW, 1)[0];
    lines.push(isCase(line) ? body + ARROW + (await run(caseScript(body))) : line);
  }
  writeFileSync(file(name), lines.join('\n'));
  return lines.filter(isCase).length;
}

/** A Lua with the libraries base, string, table and math, and what `register` adds. */
export async function bareLua(register: (lua: Lua) => void): Promise<Lua> {
  const lua = await LuaState.load();
  const { raw, main } = lua;
  for (const open of [raw._luaopen_base, raw._luaopen_table, raw._luaopen_string, raw._luaopen_math]) open(main);
  raw._lua_settop(main, 0);
  lua.onDefect = (error) => {
    throw error;
  };
  register(lua);
  return lua;
}

/** Runs a script as servers name it. @returns its result as text; its error behind `error: ` */
export function runScript(lua: Lua, script: string): string {
  const { raw, main } = lua;
  lua.pushText(main, script);
  const at = raw._lua_newuserdata(main, script.length + 16);
  const name = at + script.length;
  for (let i = 0; i < script.length; i++) raw.HEAPU8[at + i] = script.charCodeAt(i);
  for (let i = 0; i < 13; i++) raw.HEAPU8[name + i] = '@user_script\0'.charCodeAt(i);
  const failed = raw._luaL_loadbuffer(main, at, script.length, name) || raw._lua_pcall(main, 0, MULTIPLE_RESULTS, 0);
  const text = lua.text(main, -1) ?? '';
  raw._lua_settop(main, 0);
  return failed ? `error: ${text}` : text;
}
