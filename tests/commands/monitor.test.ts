/** MONITOR: lines, their order and what they hide. The expected lines are those of Redis 7.0.15. */
import net from 'node:net';
import { tmpdir } from 'node:os';
import t from 'tap';
import { createServer } from '../../src/index.js';

const CLOCK = { clock: () => 1_700_000_000_123 };

/** A connection in whose input times and ports are left out: `+T [0 P] "get" "k"`. */
class Peer {
  private received = '';
  private wake: () => void = () => {};

  private constructor(private readonly socket: net.Socket) {
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.wake();
    });
    socket.on('error', () => {});
  }

  static async to(where: number | string): Promise<Peer> {
    const socket = typeof where === 'number' ? net.connect(where, '127.0.0.1') : net.connect(where);
    await new Promise((resolve) => socket.once('connect', resolve));
    return new Peer(socket);
  }

  send(...words: string[]): void {
    const bulks = words.map((word) => `$${word.length}\r\n${word}\r\n`);
    this.socket.write(`*${words.length}\r\n${bulks.join('')}`, 'latin1');
  }

  /** Everything received so far, once it contains `end`. */
  async until(end: string): Promise<string> {
    while (!this.received.includes(end))
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    const text = this.received.replace(/1700000000\.123000/g, 'T').replace(/127\.0\.0\.1:\d+/g, 'P');
    this.received = '';
    return text;
  }

  /** Sends a line of words and gives what comes until an echo that follows it. */
  async ask(line: string): Promise<string> {
    this.send(...line.split(' '));
    this.send('echo', 'END');
    return (await this.until('$3\r\nEND\r\n')).replace('$3\r\nEND\r\n', '');
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A server, a monitor that has its OK, and another client. */
async function open(): Promise<{ server: Awaited<ReturnType<typeof createServer>>; m: Peer; c: Peer }> {
  const server = await createServer({ ...CLOCK, enableDebugCommand: 'yes' });
  const m = await Peer.to(server.port);
  m.send('monitor');
  await m.until('+OK\r\n');
  return { server, m, c: await Peer.to(server.port) };
}

/** What the monitor is shown of lines that `c` sends. */
async function shown(m: Peer, c: Peer, lines: readonly string[]): Promise<string[]> {
  for (const line of lines) c.send(...line.split(' '));
  c.send('echo', 'LAST');
  const text = await m.until('"echo" "LAST"\r\n');
  return text.split('\r\n').slice(0, -2);
}

t.test('the line', async (t) => {
  const { server, m, c } = await open();
  const before = server.attention;
  t.not(before, 0);
  t.same(await shown(m, c, ['SeT k v', 'get k', 'object encoding k', 'select 3', 'get k', 'select 0']), [
    '+T [0 P] "SeT" "k" "v"',
    '+T [0 P] "get" "k"',
    '+T [0 P] "object" "encoding" "k"',
    '+T [3 P] "select" "3"',
    '+T [3 P] "get" "k"',
    '+T [0 P] "select" "0"',
  ]);
  c.send('set', 'k', 'x\n\x00\xff"\\ \x07\x08\t\r');
  t.equal(
    (await m.until('\\r"\r\n')).trimEnd(),
    '+T [0 P] "set" "k" "x\\n\\x00\\xff\\"\\\\ \\a\\b\\t\\r"',
    'bytes are escaped as in C',
  );
  m.close();
  while (server.monitors.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  t.equal(server.attention, 0, 'nobody is left, and nothing costs');
  c.close();
  await server.close();
});

t.test('what is shown, and when', async (t) => {
  const { server, m, c } = await open();
  t.same(await shown(m, c, ['nope', 'get', 'monitor x', 'debug error X', 'incr', 'lpush k 1', 'incr k']), [
    '+T [0 P] "lpush" "k" "1"',
    '+T [0 P] "incr" "k"',
  ]);
  t.same(await shown(m, c, ['multi', 'set a 1', 'incr k', 'select 2', 'exec', 'select 0']), [
    '+T [0 P] "multi"',
    '+T [0 P] "set" "a" "1"',
    '+T [0 P] "incr" "k"',
    '+T [2 P] "select" "2"',
    '+T [2 P] "exec"',
    '+T [0 P] "select" "0"',
  ]);
  t.same(await shown(m, c, ['multi', 'set a 1', 'nope', 'exec', 'multi', 'discard']), [
    '+T [0 P] "multi"',
    '+T [0 P] "exec"',
    '+T [0 P] "multi"',
    '+T [0 P] "discard"',
  ]);
  const waiting = await Peer.to(server.port);
  waiting.send('blpop', 'queue', '0');
  t.equal(await m.until('"0"\r\n'), '+T [0 P] "blpop" "queue" "0"\r\n');
  t.same(await shown(m, c, ['rpush queue x']), ['+T [0 P] "rpush" "queue" "x"'], 'who was served is not shown again');
  t.equal(await waiting.until('x\r\n'), '*2\r\n$5\r\nqueue\r\n$1\r\nx\r\n');
  for (const peer of [waiting, m, c]) peer.close();
  await server.close();
});

t.test('a pipeline is shown whole, to everybody who monitors', async (t) => {
  const { server, m, c } = await open();
  const second = await Peer.to(server.port);
  second.send('monitor');
  await second.until('+OK\r\n');
  const lines = Array.from({ length: 5000 }, (_, i) => `set k${i} v`);
  const wanted = lines.map((_, i) => `+T [0 P] "set" "k${i}" "v"`);
  t.same(await shown(m, c, lines), wanted);
  t.same((await second.until('"echo" "LAST"\r\n')).split('\r\n').slice(0, -2), wanted);
  for (const peer of [second, m, c]) peer.close();
  await server.close();
});

t.test('passwords are not shown', async (t) => {
  const { server, m, c } = await open();
  t.same(
    await shown(m, c, [
      'auth foo',
      'auth a b',
      'auth a b c',
      'hello 2 auth default foo setname x',
      'hello 2 setname auth',
    ]),
    [
      '+T [0 P] "auth" "(redacted)"',
      '+T [0 P] "auth" "(redacted)" "(redacted)"',
      '+T [0 P] "auth" "a" "b" "c"',
      '+T [0 P] "hello" "2" "auth" "(redacted)" "(redacted)" "setname" "x"',
      '+T [0 P] "hello" "2" "setname" "auth"',
    ],
  );
  m.close();
  c.close();
  await server.close();
});

t.test('what a monitor may still run', async (t) => {
  const { server, m, c } = await open();
  c.close();
  const own = async (line: string): Promise<string> => (await m.ask(line)).replace('+T [0 P] "echo" "END"\r\n', '');
  await own('ping');
  const refused = "-ERR Replica can't interact with the keyspace\r\n";
  t.match(await own('ping'), '+PONG\r\n+T [0 P] "ping"\r\n');
  for (const line of ['get k', 'set k v', 'dbsize', 'keys *', 'blpop k 1']) t.match(await own(line), refused, line);
  t.notMatch(await own('monitor'), '+OK', 'a second time there is no reply');
  t.match(await own('watch k'), '+OK\r\n+T [0 P] "watch" "k"\r\n');
  t.equal(server.monitors.size, 1);
  const [client] = [...server.clients.values()].filter((one) => server.monitors.has(one));
  server.monitors.remove(client);
  await m.ask('ping');
  t.equal(await m.ask('ping'), '+PONG\r\n', 'an ordinary client again');
  t.equal(await m.ask('get k'), '$-1\r\n');
  m.send('multi');
  m.send('monitor');
  m.send('exec');
  t.equal(
    await m.until('client\r\n'),
    "+OK\r\n+QUEUED\r\n*1\r\n-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n",
  );
  m.close();
  await server.close();
});

t.test('a Unix socket', async (t) => {
  const unixsocket = `${tmpdir()}/synap-monitor-${process.pid}.sock`;
  const server = await createServer({ ...CLOCK, unixsocket });
  const m = await Peer.to(unixsocket);
  m.send('monitor');
  await m.until('+OK\r\n');
  t.match(await m.ask('ping'), `+T [0 unix:${unixsocket}] "ping"\r\n`);
  m.close();
  await server.close();
});
