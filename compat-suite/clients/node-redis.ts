/** A page of work through node-redis, 5 or 6, in RESP2 and RESP3: `node node-redis.js PACKAGE PORT`. Read next: checks.ts. */
import { Checks, soon } from './checks.js';

/** As much of the package as is used here: it is not there on every machine that builds the suite. */
interface Multi {
  set(key: string, value: string | number): Multi;
  incr(key: string): Multi;
  get(key: string): Multi;
  exec(): Promise<unknown[]>;
}

interface NodeRedis {
  connect(): Promise<NodeRedis>;
  close(): Promise<void>;
  destroy(): void;
  duplicate(): NodeRedis;
  on(event: string, listener: (...args: unknown[]) => void): NodeRedis;
  sendCommand(args: readonly string[]): Promise<unknown>;
  multi(): Multi;
  watch(key: string): Promise<unknown>;
  scanIterator(options: { MATCH: string; COUNT: number }): AsyncIterable<string[]>;
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<void>;
  pSubscribe(pattern: string, listener: (message: string, channel: string) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  [method: string]: (...args: never[]) => unknown;
}

type Call = (...args: unknown[]) => Promise<unknown>;

const [packageName, port] = process.argv.slice(2);
const { createClient } = (await import(packageName)) as { createClient: (options: object) => NodeRedis };
const checks = new Checks();

/** The package's method of this name. */
function method(redis: NodeRedis, name: string): Call {
  return (redis[name] as unknown as Call).bind(redis);
}

async function values(redis: NodeRedis): Promise<void> {
  const call = (name: string, ...args: unknown[]) => method(redis, name)(...args);
  await checks.check(
    'SET with options and GET',
    async () => [
      await call('set', 's', 'v', { EX: 100 }),
      await call('get', 's'),
      await call('set', 's', 'w', { NX: true }),
    ],
    ['OK', 'v', null],
  );
  await checks.check(
    'EXPIRE, TTL, PERSIST',
    async () => [await call('expire', 's', 50), Number(await call('ttl', 's')) > 40, await call('persist', 's')],
    [1, true, 1],
  );
  await checks.check(
    'MSET, MGET',
    async () => [await call('mSet', { a: '1', b: '2' }), await call('mGet', ['a', 'b', 'c'])],
    ['OK', ['1', '2', null]],
  );
  await checks.check('numbers', async () => [await call('incrBy', 'n', 7), await call('incrByFloat', 'n', 0.5)], [
    7,
    '7.5',
  ]);
  await checks.check(
    'hashes as objects',
    async () => [
      await call('hSet', 'h', { f: '1', g: '2' }),
      await call('hGetAll', 'h'),
      await call('hmGet', 'h', ['g', 'x']),
    ],
    [2, { f: '1', g: '2' }, ['2', null]],
  );
  await checks.check(
    'lists',
    async () => [
      await call('rPush', 'l', ['a', 'b', 'c']),
      await call('lRange', 'l', 0, -1),
      await call('lPos', 'l', 'b'),
    ],
    [3, ['a', 'b', 'c'], 1],
  );
  await checks.check(
    'sets',
    async () => [
      await call('sAdd', 'set', ['1', '2']),
      await call('sIsMember', 'set', '2'),
      ((await call('sMembers', 'set')) as string[]).sort(),
    ],
    [2, 1, ['1', '2']],
  );
  await checks.check(
    'sorted sets',
    async () => [
      await call('zAdd', 'z', [
        { score: 1, value: 'one' },
        { score: 2.5, value: 'two' },
      ]),
      await call('zRangeWithScores', 'z', 0, -1),
      await call('zScore', 'z', 'two'),
    ],
    [
      2,
      [
        { value: 'one', score: 1 },
        { value: 'two', score: 2.5 },
      ],
      2.5,
    ],
  );
  await checks.check(
    'an error reply',
    () => checks.failure(() => call('lPush', 's', 'x')),
    'WRONGTYPE Operation against a key holding the wrong kind of value',
  );
  await checks.check('any command', () => redis.sendCommand(['OBJECT', 'ENCODING', 's']), 'embstr');
  await checks.check(
    'scanIterator',
    async () => {
      await call(
        'mSet',
        Array.from({ length: 300 }, (_, i): [string, string] => [`scan:${i}`, 'x']),
      );
      const seen = new Set<string>();
      for await (const keys of redis.scanIterator({ MATCH: 'scan:*', COUNT: 40 }))
        for (const key of keys) seen.add(key);
      return seen.size;
    },
    300,
  );
}

async function transactions(redis: NodeRedis): Promise<void> {
  await checks.check(
    'many at once',
    async () => (await Promise.all(Array.from({ length: 1000 }, (_, i) => method(redis, 'set')(`p:${i}`, 'x')))).length,
    1000,
  );
  await checks.check('MULTI and EXEC', () => redis.multi().set('m', 1).incr('m').get('m').exec(), ['OK', 2, '2']);
  await checks.check(
    'WATCH stops an EXEC',
    async () => {
      await redis.watch('m');
      const other = await redis.duplicate().connect();
      await method(other, 'set')('m', 'changed');
      other.destroy();
      return (await checks.failure(() => redis.multi().set('m', 'mine').exec())) !== undefined;
    },
    true,
  );
}

async function connections(redis: NodeRedis): Promise<void> {
  await checks.check(
    'BLPOP waits for a push',
    async () => {
      const waiting = await redis.duplicate().connect();
      const popped = method(waiting, 'blPop')('queue', 5);
      await method(redis, 'rPush')('queue', 'job');
      const reply = await popped;
      waiting.destroy();
      return reply;
    },
    { key: 'queue', element: 'job' },
  );
  await checks.check('publish and subscribe', async () => {
    const subscriber = await redis.duplicate().connect();
    const seen: string[] = [];
    let done = (): void => {};
    const note = (message: string, channel: string): void => {
      if (seen.push(`${channel} ${message}`) === 2) done();
    };
    await subscriber.subscribe('news', note);
    await subscriber.pSubscribe('n*', note);
    const both = soon<void>('messages', (resolve) => (done = () => resolve()));
    await method(redis, 'publish')('news', 'hello');
    await both;
    await subscriber.unsubscribe('news');
    subscriber.destroy();
    return seen;
  }, ['news hello', 'news hello']);
  await checks.check(
    'CLIENT SETNAME, GETNAME',
    async () => [await method(redis, 'clientSetName')('me'), await method(redis, 'clientGetName')()],
    ['OK', 'me'],
  );
  await checks.check('CONFIG GET', () => method(redis, 'configGet')('maxmemory-policy'), {
    'maxmemory-policy': 'noeviction',
  });
  await checks.check(
    'INFO names the version',
    async () => /redis_version:7\./.test((await method(redis, 'info')('server')) as string),
    true,
  );
  await checks.check('closes', async () => (await redis.close()) ?? 'closed', 'closed');
}

for (const RESP of [2, 3]) {
  const redis = createClient({ url: `redis://127.0.0.1:${port}`, RESP, database: RESP });
  redis.on('error', (error) => console.log(`not ok RESP${RESP} connection: ${(error as Error).message}`));
  await checks.check(`RESP${RESP}: connects`, async () => (await redis.connect()) === redis, true);
  await redis.sendCommand(['FLUSHALL']);
  for (const part of [values, transactions, connections]) await part(redis);
}
process.exit(checks.exitCode);
