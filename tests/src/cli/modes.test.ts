/**
 * --bigkeys, --memkeys, --stat, --latency, --eval and -X: against the same server redis-cli prints the same, but for what it says around
 * its figures, the order of types, and what is measured.
 */
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { createServer, type SynapServer } from '../../../src/index.js';
import { RequestReader } from '../../request-words.js';
import { HAS_REDIS_CLI, redisCli, synapCli } from './started.js';

/** Lines in their order up to the summary, where types have no order; without comments. */
function comparable(out: string): string[] {
  const lines = out.split('\n').filter((line) => !line.startsWith('#'));
  const summary = lines.indexOf('-------- summary -------');
  return [...lines.slice(0, summary), ...lines.slice(summary).sort()];
}

async function filled(): Promise<SynapServer> {
  const server = await createServer();
  const lines: string[] = [];
  let n = 7;
  const next = (most: number): number => {
    n = (n * 1103515245 + 12345) % 2147483648;
    return 1 + (n % most);
  };
  for (let i = 0; i < 300; i++) {
    lines.push(`set string:${i} ${'x'.repeat(next(400))}`);
    if (i % 3 === 0) lines.push(`rpush list:${i} ${'v '.repeat(next(50))}`);
    if (i % 20 === 0) lines.push(`sadd "set ${i}" ${Array.from({ length: next(30) }, (_, j) => j).join(' ')}`);
  }
  lines.push('hset hash a 1 b 2', 'zadd zset 1 a 2 b 3 c', 'queue.create queue', 'set "\\x00\\xff" bytes');
  await synapCli(['-p', String(server.port), '--raw'], lines.join('\n'));
  return server;
}

t.test('what is big', { skip: !HAS_REDIS_CLI }, async (t) => {
  const server = await filled();
  const port = ['-p', String(server.port)];
  for (const args of [
    ['--bigkeys'],
    ['--memkeys'],
    ['--memkeys-samples', '0'],
    ['--bigkeys', '--pattern', 'list:1*'],
    ['--memkeys', '--pattern', 'list:1*'],
    ['--bigkeys', '--pattern', 'none*'],
    ['--bigkeys', '-i', '0.01'],
    ['-n', '3', '--bigkeys'],
    ['-3', '--bigkeys', '--quoted-pattern', '"\\x00*"'],
  ]) {
    const [ours, real] = await Promise.all([synapCli([...port, ...args]), redisCli([...port, ...args])]);
    t.same(comparable(ours.out), comparable(real.out), args.join(' '));
    t.same([ours.err, ours.code], ['', 0], args.join(' '));
  }
  const { out } = await synapCli([...port, '--bigkeys']);
  t.match(out, /^Sampled 419 keys in the keyspace!$/m);
  t.match(out, /^1 queues with 0 \? \(00\.24% of keys, avg size 0\.00\)$/m, 'a type that Redis has not');
  await server.close();
});

t.test('what goes on', async (t) => {
  const server = await createServer();
  const port = ['-p', String(server.port)];
  await synapCli([...port, 'mset', 'a', '1', 'b', '2']);
  await synapCli([...port, '-n', '3', 'set', 'c', '3']);
  const { out, code, err } = await synapCli([...port, '--stat', '-r', '25', '-i', '0.001']);
  t.same([code, err], [0, '']);
  const lines = out.split('\n');
  t.equal(lines.pop(), '');
  const heads = lines.filter((line) => line.startsWith('keys '));
  t.equal(lines.length, 25 + 2 * heads.length);
  t.equal(heads.length, 2, 'the heads are told each 20 lines');
  const row = /^3 {10}\d+\.\d\d[KM] {3,5}1 {7}0 {7}(?=.{20}3 {11}$)(\d+) \(\+(\d)\) +3 +$/;
  for (const [i, line] of lines.filter((one) => /^\d/.test(one)).entries()) {
    const [, , more] = row.exec(line) ?? [];
    t.equal(more, i === 0 ? '0' : '1', `line ${i}: ${line}`);
  }
  t.match(await synapCli([...port, '-3', '--stat', '-r', '1']), { out: /^3 {10}/m, code: 0 });

  for (const [args, form] of [
    [['--latency', '-i', '0.05'], /^\d+ \d+ \d+\.\d\d \d+\n$/],
    [['--latency', '-i', '0.05', '--csv'], /^\d+,\d+,\d+\.\d\d,\d+\n$/],
    [['--latency', '-i', '0.05', '-r', '2', '--raw'], /^(\d+ \d+ \d+\.\d\d \d+\n){2}$/],
    [
      ['--latency', '-i', '0.05', '-r', '1', '--no-raw'],
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what takes a terminal back to the start of its line
      /^(\x1b\[0G\x1b\[2Kmin: \d+, max: \d+, avg: \d+\.\d\d \(\d+ samples\))+\n$/,
    ],
  ] as const)
    t.match(await synapCli([...port, ...args]), { out: form, err: '', code: 0 }, args.join(' '));
  if (HAS_REDIS_CLI)
    t.match(await redisCli([...port, '--latency', '-i', '0.05']), { out: /^\d+ \d+ \d+\.\d\d \d+\n$/ });
  await server.close();

  const locked = await createServer({ requirepass: 'pw' });
  for (const args of [['--stat'], ['--latency'], ['--bigkeys'], ['--memkeys']])
    t.match(await synapCli(['-p', String(locked.port), ...args]), { code: 1, err: /NOAUTH/ }, args[0]);
  await locked.close();
});

t.test('a server that comes back is waited for', async (t) => {
  let server = await createServer();
  const { port: number } = server;
  const port = ['-p', String(number)];
  for (const [args, form] of [
    [['--stat', '-r', '30', '-i', '0.01'], /^(-.*\n.*\n(\d.*\n){1,20}){2}$/],
    [['--latency', '-i', '0.5'], /^\d+ \d+ .*\n$/],
  ] as const) {
    let noticed = (): void => {};
    const missed = new Promise<void>((resolve) => (noticed = resolve));
    const watching = synapCli([...port, ...args], '', {}, (text) => text.includes('Reconnecting... 1\r') && noticed());
    while (server.clients.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.close();
    await missed;
    server = await createServer({ port: number });
    t.match(await watching, { out: form, code: 0 }, args[0]);
    while (server.clients.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await server.close();
  t.match(await synapCli([...port, '--stat']), { code: 1, err: /Connection refused/ }, 'one that is not there is not');
});

t.test('scripts and tags: the words that are sent', { skip: !HAS_REDIS_CLI }, async (t) => {
  const seen: string[][] = [];
  const server = net.createServer((socket) => {
    const reader = new RequestReader();
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const words of reader.feed(chunk)) {
        seen.push(words);
        socket.write('+OK\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = ['-p', String((server.address() as net.AddressInfo).port)];
  const file = join(t.testdir(), 'script.lua');
  writeFileSync(file, Buffer.from('return {KEYS[1], "\xff\x00é"}', 'latin1'));
  const rows: [string[], string?][] = [
    [['--eval', file, 'k1', 'k2', ',', 'a1', 'a2']],
    [['--eval', file]],
    [['--eval', file, 'k']],
    [['--eval', file, ',', 'a', ',', 'b']],
    [['--eval', file, 'k', ',a']],
    [['-r', '2', '--eval', file, '-n', '0', 'k']],
    [['-X', 'tag', 'set', 'k', 'tag', 'ex', '10'], 'a\nvalue\x00\n'],
    [['-X', 'tag', 'mset', 'tag', '1', 'b', 'tag'], 'first'],
    [['-X', 'tag', 'set', 'k', 'other'], 'x'],
    [['--eval', join(file, 'none')]],
  ];
  for (const [args, input] of rows) {
    const ours = await synapCli([...port, ...args], input);
    const sent = seen.splice(0);
    const real = await redisCli([...port, ...args], input);
    t.same(sent, seen.splice(0), args.join(' '));
    t.same([ours.out, ours.code], [real.out, real.code], args.join(' '));
  }
  t.match(await synapCli(['--eval', '/nonexistent']), {
    err: "Can't open file '/nonexistent': No such file or directory\n",
    code: 1,
  });
  server.close();
});
