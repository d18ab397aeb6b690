/**
 * Random expressions to the libraries here and to an installed redis-server:
 * `node dist/tests/src/scripting/compare-random.js [family] [count] [seed]`. Prints those that come to something else.
 */
import { seeded } from '../../random.js';
import { openLibraries } from './libraries.js';
import { caseScript, runScript } from './lua-cases.js';
import { RandomExpressions } from './random-expressions.js';
import { RealRedis } from './real-redis.js';

const FAMILIES = ['bit', 'format', 'struct', 'cmsgpack', 'lua'] as const;

const [family = 'all', count = '2000', seed = '1'] = process.argv.slice(2);
const lua = await openLibraries();
const redis = await RealRedis.start();
let different = 0;
for (const name of FAMILIES) {
  if (family !== 'all' && family !== name) continue;
  const random = new RandomExpressions(seeded(Number(seed)));
  for (let i = 0; i < Number(count); i++) {
    const expression = random[name]();
    const script = caseScript(`return ${expression}`);
    const ours = runScript(lua, script);
    const theirs = await redis.eval(script);
    if (ours === theirs) continue;
    if (++different <= 30) console.log(`${expression}\n  here  ${ours}\n  redis ${theirs}`);
  }
}
await redis.stop();
console.log(`${different} different`);
process.exitCode = different === 0 ? 0 : 1;
