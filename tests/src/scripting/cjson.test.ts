/** cjson makes of every case what a real server made of it (recorded/cjson.txt), leaves nothing on the stack, and knows an end. */
import t from 'tap';
import { registerCjson } from '../../../src/scripting/cjson.js';
import { JsonWriter } from '../../../src/scripting/cjson-writer.js';
import { GLOBALS } from '../../../src/scripting/lua-module.js';
import { bareLua, caseScript, readCases, runScript } from './lua-cases.js';

const lua = await bareLua(registerCjson);
for (const { body, expected } of readCases('cjson')) t.equal(runScript(lua, caseScript(body)), expected, body);

// As a host calls it, without a function of Lua around it that would take away what is left.
const { raw, main } = lua;
for (const [name, argument] of [
  ['encode', "return {1,{a='b'}}"],
  ['decode', `return '[1,{"a":"\\\\u0041"}]'`],
  ['encode', 'return print'],
  ['decode', "return '[1,{'"],
]) {
  runScript(lua, `f = cjson.${name} x = (function() ${argument} end)()`);
  for (let i = 0; i < 100; i++) {
    for (const global of ['f', 'x']) {
      lua.pushText(main, global);
      raw._lua_rawget(main, GLOBALS);
    }
    raw._lua_pcall(main, 1, 1, 0);
    raw._lua_settop(main, -2);
  }
  t.equal(raw._lua_gettop(main), 0, `${name} of ${argument}`);
}

t.test('an end of what is written', async (t) => {
  const out = new JsonWriter(20_000);
  const x = new Uint8Array(3000).fill(0x78);
  out.string(x, 0, 3000);
  t.equal(out.length, 3002);
  t.throws(() => out.string(x, 0, 3000), { message: 'not enough memory', level: 0 });
  out.clear();
  out.string(x, 0, 3000);
  t.equal(out.length, 3002);
});
