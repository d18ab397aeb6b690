/** bit, struct, cmsgpack and string.format: every expression comes to what it came to in a real server. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { entries, openLibraries, RECORDED } from './libraries.js';

const bare = await openLibraries();
const { raw, main } = bare.lua;

for (const [expression, result] of entries(readFileSync(RECORDED, 'latin1')))
  t.equal(bare.evaluate(expression), result, expression);
t.equal(raw._lua_gettop(main), 0, 'nothing is left on the stack');
