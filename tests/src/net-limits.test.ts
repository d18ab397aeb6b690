/** What bounds a connection: buffers, time, number, and who may connect at all; and that a defect costs one connection only. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import t from 'tap';
import { family } from '../../commands/spec/family.js';
import { READONLY } from '../../commands/spec/flags.js';
import { createServer, type SynapServer } from '../../src/index.js';
import { closeIdle } from '../../src/net/idle.js';
import { closeOverfull } from '../../src/net/output-limit.js';

const tick = (ms = 1): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: () => boolean): Promise<boolean> {
  for (let i = 0; i < 3000 && !what(); i++) await tick();
  return what();
}

/** A socket that reads only what it is told to. */
class Peer {
  text = '';
  closed = false;

  private constructor(readonly socket: net.Socket) {
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
  }

  static async connect(to: number | string, host = '127.0.0.1'): Promise<Peer> {
    const socket = typeof to === 'number' ? net.connect({ port: to, host, noDelay: true }) : net.connect(to);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Peer(socket);
  }

  read(): this {
    this.socket.on('data', (chunk) => (this.text += chunk.toString('latin1')));
    return this;
  }

  async ask(input: string, end = '\r\n'): Promise<string> {
    this.text = '';
    this.socket.write(input, 'latin1');
    await until(() => this.text.endsWith(end) || this.closed);
    return this.text;
  }
}

/** A request in bulks: inline ones have a length. */
function request(...args: string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

/** A server whose log can be read. */
async function logged(
  options: Parameters<typeof createServer>[0] = {},
): Promise<{ server: SynapServer; log: string[] }> {
  const log: string[] = [];
  const server = await createServer({ ...options, write: (line) => log.push(line) });
  server.log.level = 'verbose';
  return { server, log };
}

const clientOf = (server: SynapServer) => [...server.clients.values()].at(-1)!;

t.test('a class of clients has a hard limit of output: above it they are closed, others are not', async (t) => {
  const { server, log } = await logged();
  const other = (await Peer.connect(server.port)).read();
  await other.ask(request('set', 'k', 'v'.repeat(60_000)));
  const none = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  server.settings.clientOutputBufferLimit = { normal: { ...none, hardBytes: 100_000 }, replica: none, pubsub: none };
  t.equal((await other.ask('get k\r\n', 'v\r\n')).length, 60_010, 'what stays below is sent');
  const greedy = (await Peer.connect(server.port)).read();
  greedy.socket.write('get k\r\n'.repeat(3000));
  t.ok(await until(() => greedy.closed));
  const lines = log.filter((line) => line.includes('buffer limits'));
  t.equal(lines.length, 1);
  t.match(
    lines[0],
    /# Client id=2 addr=127.0.0.1:.* cmd=get .* scheduled to be closed ASAP for overcoming of output buffer limits\.\n$/,
  );
  t.equal(server.clients.size, 1);
  const listener = (await Peer.connect(server.port)).read();
  await listener.ask('ping\r\n');
  clientOf(server).subscriptions = 1;
  t.equal(
    (await listener.ask('get k\r\nget k\r\nget k\r\necho PONG\r\n', 'PONG\r\n')).length,
    3 * 60_010 + 10,
    'another class',
  );
  t.equal(await other.ask('ping\r\n'), '+PONG\r\n');
  await server.close();
});

t.test('a soft limit closes who stays above it for its seconds', async (t) => {
  let now = 1_700_000_000_000;
  const { server, log } = await logged({ clock: () => now, hz: 1 });
  const none = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  server.settings.clientOutputBufferLimit = {
    normal: { hardBytes: 0, softBytes: 1_000_000, softSeconds: 5 },
    replica: none,
    pubsub: none,
  };
  const slow = await Peer.connect(server.port);
  slow.socket.write(request('set', 'k', 'v'.repeat(3_000_000)) + 'get k\r\n'.repeat(8));
  t.ok(await until(() => server.clients.size === 1 && clientOf(server).link!.unsentBytes > 1_000_000));
  const later = (ms: number): void => {
    now += ms;
    server.beginTurn();
    closeOverfull(server);
  };
  later(5000);
  t.equal(server.clients.size, 1);
  later(1);
  t.equal(server.clients.size, 0);
  t.match(log.join(''), /overcoming of output buffer limits/);
  // Who reads in time is spared, and the time counts anew.
  const reader = await Peer.connect(server.port);
  reader.socket.write('get k\r\n'.repeat(8));
  t.ok(await until(() => server.clients.size === 1 && clientOf(server).link!.unsentBytes > 1_000_000));
  reader.read();
  t.ok(await until(() => clientOf(server).link!.unsentBytes === 0 && reader.text.length === 8 * 3_000_012));
  later(60_000);
  t.equal(server.clients.size, 1);
  await server.close();
});

t.test('who does not read is not served further: memory stays bounded, others are served', async (t) => {
  const server = await createServer();
  const other = (await Peer.connect(server.port)).read();
  await other.ask(request('set', 'big', 'v'.repeat(4_000_000)));
  const slow = await Peer.connect(server.port);
  const pipeline = 'get big\r\n'.repeat(200); // 800 MB of replies
  slow.socket.write(pipeline);
  await until(() => (clientOf(server).link?.unsentBytes ?? 0) > 200_000_000);
  t.equal(await other.ask('ping\r\n'), '+PONG\r\n');
  const unsent = clientOf(server).link!.unsentBytes;
  t.ok(unsent < 273_000_000, `${unsent} bytes wait`);
  t.ok(clientOf(server).link!.inputBytes < 100_000);
  slow.socket.destroy();
  t.ok(await until(() => server.clients.size === 1));
  await server.close();
});

t.test('small replies to who does not read are gathered, and arrive whole and in order', async (t) => {
  const server = await createServer();
  const slow = await Peer.connect(server.port);
  const filler = 'x'.repeat(3_000_000);
  await (await Peer.connect(server.port)).read().ask(request('set', 'filler', filler));
  slow.socket.write('get filler\r\n'.repeat(3));
  const client = [...server.clients.values()][0];
  t.ok(await until(() => client.link!.unsentBytes > 0));
  const before = client.link!.unsentPieces;
  for (let i = 0; i < 300; i++) {
    slow.socket.write(`echo ${i}\r\n`);
    await tick(0);
  }
  await until(() => client.out.pos > 2000);
  t.ok(client.link!.unsentPieces - before < 10, 'few pieces');
  slow.read();
  t.ok(await until(() => slow.text.endsWith('\r\n299\r\n')));
  const echoes = Array.from({ length: 300 }, (_, i) => `$${String(i).length}\r\n${i}\r\n`).join('');
  t.ok(slow.text === `$3000000\r\n${filler}\r\n`.repeat(3) + echoes);
  await server.close();
});

t.test('a request that grows beyond client-query-buffer-limit ends its connection', async (t) => {
  const { server, log } = await logged();
  server.settings.clientQueryBufferLimit = 1_000_000;
  const peer = (await Peer.connect(server.port)).read();
  peer.socket.write(`*2\r\n$4\r\nECHO\r\n$2000000\r\n${'y'.repeat(1_100_000)}`);
  t.ok(await until(() => peer.closed));
  t.match(log.join(''), /# Closing client that reached max query buffer length: id=1 /);
  const queuer = (await Peer.connect(server.port)).read();
  await queuer.ask('multi\r\n');
  for (let i = 0; i < 40 && !queuer.closed; i++) await queuer.ask(request('set', 'k', 'z'.repeat(30_000)));
  t.ok(queuer.closed, 'what MULTI has queued counts too');
  await server.close();
});

t.test('idle clients are closed after `timeout` seconds, not those that wait or listen', async (t) => {
  let now = 1_700_000_000_000;
  const { server, log } = await logged({ clock: () => now, timeout: 10, hz: 100 });
  const peers: Peer[] = [];
  for (const line of ['ping\r\n', 'blpop k 0\r\n', 'ping\r\n', 'ping\r\n']) {
    const peer = (await Peer.connect(server.port)).read();
    peer.socket.write(line);
    peers.push(peer);
    await until(() => clientOf(server)?.command !== undefined && server.clients.size === peers.length);
  }
  [...server.clients.values()][2].subscriptions = 1;
  now += 9_000;
  await peers[3].ask('ping\r\n');
  now += 1_500;
  t.ok(await until(() => peers[0].closed));
  t.same([...server.clients.keys()], [2, 3, 4]);
  t.match(log.join(''), / - Closing idle client\n/);
  server.settings.timeout = 0;
  now += 1_000_000;
  server.beginTurn();
  closeIdle(server);
  t.equal(server.clients.size, 3);
  await server.close();
});

t.test('a defect in a connection is logged and costs that connection only', async (t) => {
  const { server, log } = await logged();
  const tests = family('connection', {
    break: { syntax: '', reply: 'ok', flags: READONLY, since: '0.0.0', complexity: 'O(1)', summary: 'For tests.' },
  });
  server.commands.add(tests, {
    break: (c) => {
      const get = (): never => {
        throw new RangeError('broken on purpose');
      };
      Object.defineProperty(c.out, 'pos', { get, set: () => {} });
    },
  });
  const other = (await Peer.connect(server.port)).read();
  await other.ask('set k v\r\n');
  const peer = (await Peer.connect(server.port)).read();
  peer.socket.write('break\r\n');
  t.ok(await until(() => peer.closed));
  t.match(log.join(''), /# internal error in the connection of 127\.0\.0\.1:\d+: RangeError: broken on purpose/);
  t.equal(await other.ask('get k\r\n'), '$1\r\nv\r\n');
  t.equal(server.clients.size, 1);
  await server.close();
});

t.test('protected mode turns away who comes from elsewhere, until there is a password', async (t) => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((i) => i !== undefined && i.family === 'IPv4' && !i.internal)?.address;
  if (outside === undefined) {
    t.pass('this machine has no address but loopback');
    return;
  }
  const server = await createServer({ bind: ['*'] });
  const knock = async (): Promise<Peer> => (await Peer.connect(server.port, outside)).read();
  const turned = await knock();
  t.ok(await until(() => turned.closed));
  t.match(
    turned.text,
    /^-DENIED Redis is running in protected mode because .* 1\) Just disable .* connections from the outside\.\r\n$/,
  );
  t.equal(turned.text.length, 1067);
  t.equal(server.stats.rejectedConnections, 1);
  t.equal(await (await Peer.connect(server.port)).read().ask('ping\r\n'), '+PONG\r\n');
  server.settings.requirepass = 'secret';
  t.equal(await (await knock()).ask('ping\r\n'), '-NOAUTH Authentication required.\r\n');
  server.settings.requirepass = '';
  server.settings.protectedMode = false;
  t.equal(await (await knock()).ask('ping\r\n'), '+PONG\r\n');
  await server.close();
});

t.test('several addresses, one of which may be missing, and a Unix socket with its permissions', async (t) => {
  const dir = mkdtempSync(`${tmpdir()}/synap-`);
  const path = `${dir}/s.sock`;
  const server = await createServer({
    bind: ['127.0.0.1', '-192.0.2.77', '127.0.0.2'],
    unixsocket: path,
    unixsocketperm: 0o700,
  });
  for (const host of ['127.0.0.1', '127.0.0.2'])
    t.equal(await (await Peer.connect(server.port, host)).read().ask('ping\r\n'), '+PONG\r\n');
  t.equal(statSync(path).mode & 0o777, 0o700);
  const peer = (await Peer.connect(path)).read();
  t.match(
    await peer.ask('client info\r\n', '\n\r\n'),
    new RegExp(` addr=${path}:0 laddr=${path}:0 fd=\\d+ .* flags=U `),
  );
  t.equal(await peer.ask(`client kill ${path}:0\r\n`), '+OK\r\n');
  t.ok(await until(() => peer.closed));
  await server.close();
  await t.rejects(createServer({ bind: ['192.0.2.77'] }), { code: 'EADDRNOTAVAIL' });
  const quiet = await createServer({ noTcp: true, unixsocket: path });
  t.equal(quiet.port, 0);
  t.equal(await (await Peer.connect(path)).read().ask('ping\r\n'), '+PONG\r\n');
  await quiet.close();
  rmSync(dir, { recursive: true });
});

t.test('`*` is all of IPv4 and `::*` all of IPv6, side by side', async (t) => {
  const server = await createServer({ bind: ['*', '-::*'] });
  t.equal(await (await Peer.connect(server.port)).read().ask('ping\r\n'), '+PONG\r\n');
  const v6 = Object.values(networkInterfaces())
    .flat()
    .some((i) => i?.address === '::1');
  if (v6) t.equal(await (await Peer.connect(server.port, '::1')).read().ask('ping\r\n'), '+PONG\r\n');
  await server.close();
});

t.test('a peer that closes its half is answered what it has asked', async (t) => {
  const server = await createServer();
  const peer = (await Peer.connect(server.port)).read();
  peer.socket.end('ping\r\necho last\r\n');
  t.ok(await until(() => peer.closed));
  t.equal(peer.text, '+PONG\r\n$4\r\nlast\r\n');
  t.ok(await until(() => server.clients.size === 0));
  const cut = (await Peer.connect(server.port)).read();
  cut.socket.end('*2\r\n$4\r\nECHO\r\n$10\r\nabc');
  t.ok(await until(() => cut.closed && server.clients.size === 0));
  t.equal(cut.text, '');
  await server.close();
});
