/** synap-cli as a process: streams, signals, exit codes, the environment; subscriptions and MONITOR, which have no end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createServer } from '../../../src/index.js';
import { synapCli } from './started.js';

const PROGRAM = new URL('../../../bin/synap-cli.js', import.meta.url).pathname;

interface Running {
  readonly child: ChildProcess;
  /** Waits until the output holds `text`. */
  shows(text: string): Promise<void>;
  readonly out: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

function start(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, ...env } });
  let out = '';
  let wake = (): void => {};
  child.stdout.on('data', (chunk) => {
    out += chunk;
    wake();
  });
  const ended = new Promise<number | string>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal!)),
  );
  const shows = async (text: string): Promise<void> => {
    while (!out.includes(text)) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { child, shows, out: () => out, ended };
}

t.test('one command, by TCP and by a Unix socket', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'synap-cli-'));
  const path = join(dir, 'socket');
  const server = await createServer({ unixsocket: path, requirepass: 'pw' });
  const env = { REDISCLI_AUTH: 'pw' };
  const tcp = start(['-p', String(server.port), 'set', 'k', 'v'], env);
  t.equal(await tcp.ended, 0);
  t.equal(tcp.out(), 'OK\n');
  const unix = start(['-s', path, '--no-raw', 'get', 'k'], env);
  t.equal(await unix.ended, 0);
  t.equal(unix.out(), '"v"\n');
  const failing = start(['-s', path, '-e', 'incr', 'k'], env);
  t.equal(await failing.ended, 1);
  await server.close();
  rmSync(dir, { recursive: true });
});

t.test('a subscription goes on until it is ended', async (t) => {
  for (const [protocol, message] of [
    ['-2', '1) "message"\n2) "news"\n3) "hi"\n'],
    ['-3', '1) "message"\n2) "news"\n3) "hi"\n'],
  ]) {
    const server = await createServer();
    const reader = start(['-p', String(server.port), protocol, '--no-raw', 'subscribe', 'news', 'other']);
    await reader.shows('2) "other"\n3) (integer) 2\n');
    t.match(reader.out(), /^Reading messages\.\.\. \(press Ctrl-C to quit\)\n1\) "subscribe"\n/);
    t.match(await synapCli(['-p', String(server.port), 'publish', 'news', 'hi']), { out: '1\n' });
    await reader.shows(message);
    reader.child.kill('SIGINT');
    t.equal(await reader.ended, 'SIGINT');
    await server.close();
  }
});

t.test('MONITOR, until the server ends', async (t) => {
  const server = await createServer();
  const reader = start(['-p', String(server.port), 'monitor']);
  await reader.shows('OK\n');
  await synapCli(['-p', String(server.port), 'set', 'k', 'v']);
  await reader.shows('"set" "k" "v"\n');
  await server.close();
  t.equal(await reader.ended, 0);
});

t.test('a reader that has seen enough', async (t) => {
  const server = await createServer();
  const endless = start(['-p', String(server.port), '-r', '-1', 'ping']);
  await endless.shows('PONG\nPONG\n');
  endless.child.stdout!.destroy();
  t.equal(await endless.ended, 0);
  await server.close();
});

t.test('a server that ends in the middle', async (t) => {
  const server = await createServer();
  const waiting = start(['-p', String(server.port), 'blpop', 'k', '0']);
  while (server.clients.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.close();
  t.equal(await waiting.ended, 1);
  t.equal(waiting.out(), '');
});

t.test('--pipe gives up on a server that is silent, or goes', async (t) => {
  let leave = false;
  const silent = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => leave && socket.end());
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const args = ['-p', String((silent.address() as net.AddressInfo).port), '--pipe', '--pipe-timeout', '1'];
  t.match(await synapCli(args, 'ping\r\n'), {
    code: 1,
    err: 'No replies for 1 seconds: exiting.\n',
    out: /errors: 0, replies: 0\n$/,
  });
  leave = true;
  t.match(await synapCli(args, 'ping\r\n'), { code: 1, err: 'Error: Server closed the connection\n' });
  silent.close();
});

t.test('a scan is complete', async (t) => {
  const server = await createServer();
  const port = String(server.port);
  await synapCli(['-p', port, 'mset', ...Array.from({ length: 2000 }, (_, i) => [`key:${i}`, 'v']).flat()]);
  const { out, code } = await synapCli(['-p', port, '--scan', '--pattern', 'key:1*', '--count', '100']);
  t.equal(code, 0);
  t.equal(new Set(out.trimEnd().split('\n')).size, 1111);
  t.match(await synapCli(['-p', port, '--scan', '--no-raw', '--pattern', 'key:77?']), { out: /^("key:77\d"\n){10}$/ });
  await server.close();
});
