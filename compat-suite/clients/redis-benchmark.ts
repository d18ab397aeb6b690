/** redis-benchmark, briefly: `node redis-benchmark.js PORT`. It is to run without a complaint, not to measure. Read next: checks.ts. */
import { spawn } from 'node:child_process';
import { Checks } from './checks.js';

const [port] = process.argv.slice(2);
const checks = new Checks();
const TESTS = 'ping_inline,ping_mbulk,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange_100,mset';

function benchmark(args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn('redis-benchmark', ['-p', port, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}

/** Checks that a run ends with 0, without an error or warning, and reports so many results. */
async function runs(what: string, args: readonly string[], results: number): Promise<void> {
  await checks.check(
    what,
    async () => {
      const { code, text } = await benchmark(args);
      const found = text.match(/requests per second/g)?.length ?? 0;
      return code === 0 && found === results && !/error|warning/i.test(text)
        ? true
        : `exit code ${code}, ${found} results: ${text.slice(-500)}`;
    },
    true,
  );
}

await runs('one at a time', ['-q', '-n', '500', '-c', '10', '-t', TESTS], 17);
await runs('pipelined', ['-q', '-n', '5000', '-c', '10', '-P', '16', '-r', '1000', '-t', TESTS], 17);
await runs('RESP3', ['-q', '-3', '-n', '1000', '-c', '5', '-t', 'set,get'], 2);
await runs('values of 10 kB, random keys', ['-q', '-n', '500', '-d', '10000', '-r', '100', '-t', 'set,get'], 2);
await runs('a command of its own', ['-q', '-n', '500', '-r', '100', 'hset', 'hash:__rand_int__', 'field', 'value'], 1);
process.exit(checks.exitCode);
