/** redis-cli in its many ways: `node redis-cli.js PORT`. Read next: checks.ts. */
import { spawn } from 'node:child_process';
import { Checks } from './checks.js';

const [port] = process.argv.slice(2);
const checks = new Checks();

/** Runs redis-cli and gives exit code and what it printed. `ms`: when to end it, for what would run for ever. */
function cli(args: readonly string[], input = '', ms = 20_000): Promise<{ code: number | null; text: string }> {
  // Line by line, or what it printed would be lost when it is ended.
  const child = spawn('stdbuf', ['-oL', 'redis-cli', '-p', port, ...args], {
    timeout: ms,
    env: { ...process.env, TERM: 'dumb' },
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}

/** Checks that a run ends with 0 and that the pattern is in what it printed. */
async function prints(what: string, pattern: RegExp, args: readonly string[], input?: string): Promise<void> {
  await checks.check(
    what,
    async () => {
      const { code, text } = await cli(args, input);
      return code === 0 && pattern.test(text) && !/\(error\)|unknown command/.test(text)
        ? true
        : `exit code ${code}: ${text}`;
    },
    true,
  );
}

const request = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

await prints('a command', /^OK\n$/, ['set', 'greeting', 'hello']);
await prints('commands from stdin', /^1\n2\n$/, [], 'incr n\nincr n\n');
await prints('a value from stdin: -x', /^OK\n$/, ['-x', 'set', 'stdin'], 'text');
await prints('repeats: -r', /^3\n4\n5\n$/, ['-r', '3', 'incr', 'n']);
await prints('another database: -n', /^\n$/, ['-n', '3', 'get', 'greeting']);
await prints('a list', /^3\n$/, ['rpush', 'l', 'a', 'b', 'c']);
await prints('--csv', /^"a","b","c"\n$/, ['--csv', 'lrange', 'l', '0', '-1']);
await prints('a hash', /^2\n$/, ['hset', 'h', 'f', '1', 'g', '2']);
await prints('RESP3: -3', /^1# "f" => "1"\n2# "g" => "2"\n$/, ['-3', '--no-raw', 'hgetall', 'h']);
await prints('--json', /^\{"f":"1","g":"2"\}\n$/, ['--json', 'hgetall', 'h']);
await prints('a transaction from stdin', /^OK\nQUEUED\nQUEUED\n6\nhello\n$/, [], 'multi\nincr n\nget greeting\nexec\n');
const load = Array.from({ length: 5000 }, (_, i) => request('SET', `bulk:${i}`, `value ${i}`)).join('');
await prints('--pipe', /errors: 0, replies: 5000\n/, ['--pipe'], load);
await prints('--scan --pattern', /^bulk:4999\n$/, ['--scan', '--pattern', 'bulk:4999']);
await prints('--bigkeys', /Sampled 500[45] keys[\s\S]*Biggest +list found \S*l\S* has 3 items/, ['--bigkeys']);
await prints('--memkeys', /Sampled 500[45] keys[\s\S]*Biggest +hash found \S*h\S* has \d+ bytes/, ['--memkeys']);
await prints('--latency', /^\d+ \d+ [\d.]+ \d+\n$/, ['--latency', '--raw', '-i', '1']);
await checks.check(
  '--stat',
  async () => {
    const { text } = await cli(['--stat', '-i', '0.1'], '', 1500);
    return /keys +mem +clients +blocked +requests +connections/.test(text) && /\n500[45] +[\d.]+[KM] +\d+/.test(text)
      ? true
      : text;
  },
  true,
);
await prints('INFO', /redis_version:7\.[\s\S]*db0:keys=500[45]/, ['info']);
await prints('MEMORY DOCTOR', /\w+/, ['memory', 'doctor']);
await prints('help from COMMAND DOCS', /\w/, ['command', 'docs', 'get']);
process.exit(checks.exitCode);
