/** Commands over a real socket with a real client, and what the server does with bad or slow peers. */
import net from 'node:net';
import { Redis } from 'ioredis';
import t from 'tap';
import { createServer } from '../../src/index.js';

/** Sends raw bytes and gives what comes back until the peer closes or falls silent. */
function raw(port: number, input: string | Uint8Array, until?: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(input));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (until !== undefined && text.endsWith(until)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

t.test('strings, counters and expiry through ioredis', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ clock: () => now });
  const redis = new Redis(server.port, '127.0.0.1', {
    enableReadyCheck: false,
    lazyConnect: true,
    disableClientInfo: true,
  });
  await redis.connect();
  t.equal(await redis.set('k', 'v', 'EX', 10), 'OK');
  t.equal(await redis.ttl('k'), 10);
  now += 9999;
  t.equal(await redis.get('k'), 'v');
  now += 1;
  t.equal(await redis.get('k'), null);
  t.equal(server.stats.expiredKeys, 1);
  t.equal(await redis.incrbyfloat('f', 0.1), '0.1');
  t.equal(await redis.incrbyfloat('f', 0.2), '0.3');
  const big = Buffer.alloc(3_000_000, 'xyz');
  await redis.set('big', big);
  t.ok((await redis.getBuffer('big'))?.equals(big));
  t.equal(await redis.append('big', 'end'), 3_000_003);
  t.equal(await redis.getrange('big', -4, -1), 'zend');
  t.equal(await redis.strlen('big'), 3_000_003);
  t.same(await redis.multi().set('a', '1').incr('a').exec(), [
    [null, 'OK'],
    [null, 2],
  ]);
  await t.rejects(redis.incr('big'), { message: 'ERR value is not an integer or out of range' });
  await redis.flushall();
  t.equal(await redis.dbsize(), 0);
  redis.disconnect();
  await server.close();
});

t.test('a counter near 2^53 stores what it answers', async (t) => {
  const server = await createServer();
  for (let i = 0n; i < 40n; i++) {
    const value = 9007199254740991n - i;
    for (const [command, from, to] of [
      ['incr', value - 1n, value],
      ['decr', 1n - value, -value],
    ]) {
      const answer = await raw(server.port, `set k ${from}\r\n${command} k\r\nget k\r\nquit\r\n`);
      t.equal(answer, `+OK\r\n:${to}\r\n$${String(to).length}\r\n${to}\r\n+OK\r\n`);
    }
  }
  await server.close();
});

t.test('WATCH fails on a change, on FLUSHALL and on expiry', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ clock: () => now });
  const { port } = server;
  const watch = 'watch k\r\nmulti\r\nping\r\n';
  const run = async (between: () => Promise<unknown>): Promise<string> => {
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    const wait = async (end: string): Promise<void> => {
      while (!text.endsWith(end)) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    socket.write(watch);
    await wait('QUEUED\r\n');
    await between();
    text = '';
    socket.write('exec\r\n');
    await wait('\r\n');
    socket.destroy();
    return text;
  };
  const other = (line: string) => () => raw(port, `${line}\r\nquit\r\n`);
  t.equal(await run(async () => {}), '*1\r\n+PONG\r\n');
  t.equal(await run(other('set k 1')), '*-1\r\n');
  t.equal(await run(other('flushall')), '*-1\r\n');
  await raw(port, 'set k 1 px 50\r\nquit\r\n');
  t.equal(
    await run(async () => {
      now += 100;
    }),
    '*-1\r\n',
  );
  t.equal(server.watchers.size, 0);
  await server.close();
});

t.test('a password is asked for, and protocol errors end the connection', async (t) => {
  const server = await createServer({ requirepass: 'secret' });
  const { port } = server;
  t.equal(
    await raw(port, 'get k\r\nauth wrong\r\nauth secret\r\nget k\r\nquit\r\n'),
    '-NOAUTH Authentication required.\r\n-WRONGPASS invalid username-password pair or user is disabled.\r\n+OK\r\n$-1\r\n+OK\r\n',
  );
  t.match(await raw(port, 'hello 3 auth default secret\r\nget k\r\nquit\r\n'), /proto\r\n:3[\s\S]*_\r\n\+OK\r\n$/);
  t.equal(await raw(port, '*11\r\n'), '-ERR Protocol error: unauthenticated multibulk length\r\n');
  t.equal(await raw(port, 'auth secret\r\n*1\r\n$x\r\n'), '+OK\r\n-ERR Protocol error: invalid bulk length\r\n');
  await server.close();
});

t.test('clients beyond maxclients are turned away', async (t) => {
  const server = await createServer({ maxclients: 1 });
  const first = net.connect(server.port, '127.0.0.1');
  first.write('ping\r\n');
  await new Promise((resolve) => first.once('data', resolve));
  t.equal(await raw(server.port, 'ping\r\n'), '-ERR max number of clients reached\r\n');
  first.destroy();
  await server.close();
});

t.test('fifty servers run in one process and leave nothing behind', async (t) => {
  const servers = await Promise.all(Array.from({ length: 50 }, () => createServer()));
  t.equal(new Set(servers.map((server) => server.port)).size, 50);
  await raw(servers[0].port, 'set k v\r\nquit\r\n');
  t.equal(await raw(servers[1].port, 'get k\r\nquit\r\n'), '$-1\r\n+OK\r\n');
  await Promise.all(servers.map((server) => server.close()));
});

t.test('a pipeline whose replies are read late is answered whole', async (t) => {
  const server = await createServer();
  const n = 20000;
  const value = 'v'.repeat(1000);
  await raw(server.port, `set k ${value}\r\nquit\r\n`);
  const answer = await raw(server.port, `${'get k\r\n'.repeat(n)}quit\r\n`);
  t.equal(answer.length, n * (value.length + 9) + 5);
  await server.close();
});

t.test('what has expired is deleted without being asked for', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ clock: () => now, hz: 100 });
  const sets = Array.from({ length: 3000 }, (_, i) => `set k${i} v px ${i % 2 === 0 ? 10 : 100000}\r\n`).join('');
  await raw(server.port, `${sets}quit\r\n`);
  now += 1000;
  for (let i = 0; i < 500 && server.databases[0].size > 1500; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  t.equal(server.databases[0].size, 1500);
  await server.close();
});
