/**
 * Writes down what a real Redis makes of the cases of a library (lua-cases.ts). Run from the top of the repository:
 *
 *   redis-server --port 7000 --save '' & node dist/tests/src/scripting/record-lua-cases.js cjson 7000
 */
import { Redis } from 'ioredis';
import { recordCases } from './lua-cases.js';

const [name, port] = process.argv.slice(2);
const redis = new Redis(Number(port), '127.0.0.1');
const count = await recordCases(name, async (script) => String(await redis.eval(script, 0)));
redis.disconnect();
console.log(`${count} cases of ${name} recorded`);
