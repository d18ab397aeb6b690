/**
 * Renews recorded/scripting-libraries.txt from an installed redis-server: `node dist/tests/src/scripting/record-libraries.js`. What stands
 * behind ` =>` is written anew, comments and order stay; so a new line needs only its expression.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { RECORDED } from './libraries.js';
import { RealRedis } from './real-redis.js';

const redis = await RealRedis.start();
const lines: string[] = [];
for (const line of readFileSync(RECORDED, 'latin1').trimEnd().split('\n')) {
  const expression = line.split(/ =>(?: |$)/)[0];
  if (line === '' || line.startsWith('#')) lines.push(line);
  else lines.push(`${expression} => ${await redis.evaluate(expression)}`.trimEnd());
}
writeFileSync(RECORDED, `${lines.join('\n')}\n`, 'latin1');
await redis.stop();
