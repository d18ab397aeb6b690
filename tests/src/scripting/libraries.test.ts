/**
 * bit, struct, cmsgpack, string.format and Lua's own functions of integers make of every case what a real server made of it
 * (recorded/lua-libraries.txt), and leave nothing behind.
 */
import t from 'tap';
import { Output } from '../../../src/scripting/output.js';
import { openLibraries } from './libraries.js';
import { caseScript, readCases, runScript } from './lua-cases.js';

const lua = await openLibraries();
const { raw, main } = lua;

for (const { body, expected } of readCases('lua-libraries')) t.equal(runScript(lua, caseScript(body)), expected, body);

const COLLECT = 2;
const COUNT = 3;
const kilobytes = (): number => {
  raw._lua_gc(main, COLLECT, 0);
  return raw._lua_gc(main, COUNT, 0);
};
const MANY = `for i = 1, 20000 do
  local s = struct.pack('>I8s', 2^40 + i, 'text')
  pcall(struct.unpack, 'i8i8i8', s)
  cmsgpack.unpack(cmsgpack.pack({ i, 'text', { k = i / 3 } }))
  pcall(cmsgpack.unpack, '\\148\\1')
  pcall(cmsgpack.pack)
  string.format('%d %s %5.1f %x', 2^40 + i, 'text', i / 3, i)
  pcall(string.format, '%d', {})
  bit.tohex(bit.bxor(i, 2^40))
  pcall(bit.bor, 'x')
  tonumber('ffffffffff', 16)
  pcall(table.concat, { 1 }, ',', 2^32 + 5, 2^32 + 6)
end return ''`;
runScript(lua, MANY);
const before = kilobytes();
t.equal(runScript(lua, MANY), '');
t.ok(kilobytes() - before < 10, 'memory is given back');
t.equal(raw._lua_gettop(main), 0, 'nothing is left on the stack');

t.test('an end of what is written', async (t) => {
  const out = new Output(10_000);
  out.fill(0x78, 9000);
  t.throws(() => out.fill(0x78, 1001), { message: 'not enough memory', level: 0 });
  out.fill(0x78, 1000);
  t.equal(out.length, 10_000);
  out.clear();
  out.text('abc');
  t.same([...out.buf.subarray(0, out.length)], [0x61, 0x62, 0x63]);
});
