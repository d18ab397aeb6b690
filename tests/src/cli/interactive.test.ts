/** The terminal, on streams that say they are one: prompts, completion, hints, messages, Ctrl-C, reconnecting. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { main } from '../../../src/cli/program.js';
import { createServer, type Options } from '../../../src/index.js';

interface Typist {
  readonly port: number;
  /** Types, and waits until the screen shows `until`. @returns what has appeared, without the terminal's own sequences */
  type(text: string, until: string): Promise<string>;
  /** What was shown with its sequences. */
  screen(): string;
  readonly history: string;
  readonly code: Promise<number>;
  readonly server: Awaited<ReturnType<typeof createServer>>;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
const SEQUENCES = /\x1b(\[[0-9;]*[A-Za-z]|[78])/g;

type Test = typeof t;

async function terminal(test: Test, args: string[] = [], ofServer: Options = {}): Promise<Typist> {
  const server = await createServer(ofServer);
  const dir = mkdtempSync(join(tmpdir(), 'synap-cli-'));
  const history = join(dir, 'history');
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 200, rows: 50 });
  let all = '';
  let wake = (): void => {};
  const add = (chunk: Buffer): void => {
    all += chunk.toString('utf8');
    wake();
  };
  output.on('data', add);
  const error = new PassThrough();
  error.on('data', add);
  const argv = ['-p', String(server.port), ...args];
  const code = main({ argv, env: { SYNAPCLI_HISTFILE: history }, input, output, error, version: '0' });
  test.teardown(async () => {
    input.end();
    await code;
    await server.close();
    rmSync(dir, { recursive: true });
  });
  const plain = (text: string): string => text.replace(SEQUENCES, '').replace(/\r/g, '');
  const type = async (text: string, until: string): Promise<string> => {
    const from = all.length;
    input.write(text);
    while (!plain(all.slice(from)).includes(until)) await new Promise<void>((resolve) => (wake = resolve));
    return plain(all.slice(from));
  };
  return { port: server.port, type, screen: () => all, history, code, server };
}

t.test('the prompt tells the database, a transaction and the connection', async (t) => {
  const { type, port, code, server } = await terminal(t as Test);
  const at = `127.0.0.1:${port}`;
  t.match(await type('set k v\r', `OK\n${at}> `), /set key value \[NX\|XX\]/);
  await type('select 2\r', `OK\n${at}[2]> `);
  await type('multi\r', `OK\n${at}[2](TX)> `);
  await type('select 3\r', `QUEUED\n${at}[3](TX)> `);
  await type('discard\r', `OK\n${at}[2]> `);
  await type('multi\r', `(TX)> `);
  await type('get k\r', 'QUEUED');
  await type('exec\r', `1) (nil)\n${at}[2]> `);
  await type('reset\r', `RESET\n${at}> `);
  await type('get "open\r', `Invalid argument(s)\n${at}> `);
  await type('2 incr n\r', `(integer) 1\n(integer) 2\n${at}> `);
  await type(`connect 127.0.0.1 1\r`, 'Connection refused\nnot connected> ');
  await type(`connect 127.0.0.1 ${server.port}\r`, `${at}> `);
  await type('quit\r', '');
  t.equal(await code, 0);
});

t.test('completion, hints and history', async (t) => {
  const { type, screen, history } = await terminal(t as Test);
  await type('getr\t', 'ange');
  await type(' k', 'start end');
  t.match(screen(), '\x1b[2m start end\x1b[0m', 'dim');
  await type(' 0 -1\r', '""');
  await type('auth secret\r', 'ERR AUTH');
  await type('config set requirepass ""\r', 'OK');
  await type('\x1b[A', 'getrange k 0 -1');
  await type('\r', '""');
  t.equal(readFileSync(history, 'utf8'), 'getrange k 0 -1\ngetrange k 0 -1\n');
});

t.test('messages appear while one types', async (t) => {
  for (const args of [[], ['-3']]) {
    const { type, port } = await terminal(t as Test, args);
    const publisher = await terminal(t as Test, ['-p', String(port)]);
    await type('subscribe news other\r', '(subscribed mode)> ');
    await type('get', 't');
    const shown = type('', '"hello"');
    await publisher.type('publish news hello\r', '(integer) 1');
    t.match(await shown, '1) "message"\n2) "news"\n3) "hello"');
    await type('\x15unsubscribe\r', `127.0.0.1:${port}> `);
    await type('rpush list message a b\r', '(integer) 3');
    await type('lrange list 0 -1\r', '1) "message"\n2) "a"\n3) "b"');
  }
});

t.test('Ctrl-C gives up a command that waits, then a line, then the program', async (t) => {
  const { type, port, code, server } = await terminal(t as Test);
  await type('blpop jobs 0\r', '\n');
  await type('\x03', 'not connected> ');
  while (server.clients.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await type('rpush jobs a\r', `(integer) 1\n127.0.0.1:${port}> `);
  await type('lrange jobs 0 -1\r', `1) "a"\n127.0.0.1:${port}> `);
  await type('100000000 ping\r', 'PONG\nPONG\n');
  await type('\x03', 'not connected> ');
  await type('set k é\r', 'OK');
  await type('get k\r', `"\\xc3\\xa9"\n127.0.0.1:${port}> `);
  await type('half a line', 'half a line');
  await type('\x03', '^C');
  await type('ping\r', `PONG\n127.0.0.1:${port}> `);
  await type('\x03', '');
  t.equal(await code, 0);
});

t.test('a server that goes and comes back', async (t) => {
  const { type, port } = await terminal(t as Test, ['-n', '4', '-3']);
  await type('set k v\r', 'OK');
  await type('client kill type normal skipme no\r', 'not connected> ');
  await type('get k\r', `"v"\n127.0.0.1:${port}[4]> `);
  t.match(await type('hgetall none\r', `\n127.0.0.1:${port}[4]> `), /\(empty hash\)/, 'RESP3 again');
});

t.test('a login', async (t) => {
  const { type, screen } = await terminal(t as Test, ['-a', 'wrong'], { requirepass: 'right' });
  await type('ping\r', 'NOAUTH');
  t.match(screen(), 'AUTH failed: WRONGPASS');
  await type('auth right\r', 'OK');
  await type('ping\r', 'PONG');
  await type('client kill type normal skipme no\r', 'not connected> ');
  await type('ping\r', 'PONG');
  t.equal(screen().match(/AUTH failed/g)?.length, 1, 'the login is said again');
});
