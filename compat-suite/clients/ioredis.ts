/** A page of work through ioredis, 5 or 6: `node ioredis.js PACKAGE PORT`. Read next: checks.ts. */
import type { Redis as RedisClient, RedisOptions } from 'ioredis';
import { Checks, soon } from './checks.js';

const [packageName, port] = process.argv.slice(2);
const { Redis } = (await import(packageName)) as { Redis: new (options: RedisOptions) => RedisClient };
const checks = new Checks();
const connect = (options: RedisOptions = {}): RedisClient =>
  new Redis({ port: Number(port), host: '127.0.0.1', ...options });

/** Strings, numbers, expiry, binary. */
async function strings(redis: RedisClient): Promise<void> {
  await checks.check(
    'ready after INFO',
    () => soon('ready', (done) => redis.once('ready', () => done('ready'))),
    'ready',
  );
  await checks.check('SET with EX and GET', async () => [await redis.set('s', 'v', 'EX', 100), await redis.get('s')], [
    'OK',
    'v',
  ]);
  await checks.check('SET NX on a key that is there', () => redis.set('s', 'w', 'NX'), null);
  await checks.check('TTL', async () => (await redis.ttl('s')) > 90, true);
  await checks.check(
    'INCRBY and INCRBYFLOAT',
    async () => [await redis.incrby('n', 5), await redis.incrbyfloat('n', 0.5)],
    [5, '5.5'],
  );
  const binary = Buffer.from([0, 255, 13, 10]);
  await checks.check(
    'binary values',
    async () => {
      await redis.set('bin', binary);
      return (await redis.getBuffer('bin'))?.equals(binary);
    },
    true,
  );
  await checks.check(
    'MSET from an object',
    async () => [await redis.mset({ a: '1', b: '2' }), await redis.mget('a', 'b', 'c')],
    ['OK', ['1', '2', null]],
  );
  await checks.check(
    'an error reply',
    () => checks.failure(() => redis.lpush('s', 'x')),
    'WRONGTYPE Operation against a key holding the wrong kind of value',
  );
  await checks.check('a command by name', () => redis.call('STRLEN', 's'), 1);
}

/** Hashes, lists, sets, sorted sets. */
async function collections(redis: RedisClient): Promise<void> {
  await checks.check(
    'HSET from an object, HGETALL',
    async () => [await redis.hset('h', { f: '1', g: '2' }), await redis.hgetall('h')],
    [2, { f: '1', g: '2' }],
  );
  await checks.check('HINCRBY', () => redis.hincrby('h', 'f', 4), 5);
  await checks.check(
    'RPUSH, LRANGE, LPOP',
    async () => [await redis.rpush('l', 'a', 'b', 'c'), await redis.lrange('l', 0, -1), await redis.lpop('l')],
    [3, ['a', 'b', 'c'], 'a'],
  );
  await checks.check('SADD, SISMEMBER, SINTER', async () => {
    await redis.sadd('x', 1, 2, 3);
    await redis.sadd('y', 2, 3, 4);
    return [await redis.sismember('x', 2), (await redis.sinter('x', 'y')).sort()];
  }, [1, ['2', '3']]);
  await checks.check('ZADD, ZRANGE WITHSCORES, ZRANK', async () => {
    await redis.zadd('z', 1, 'one', 2.5, 'two');
    return [
      await redis.zrange('z', 0, -1, 'WITHSCORES'),
      await redis.zrank('z', 'two'),
      await redis.zscore('z', 'two'),
    ];
  }, [['one', '1', 'two', '2.5'], 1, '2.5']);
  await checks.check(
    'scanStream sees every key once or more',
    async () => {
      await redis.mset(...Array.from({ length: 500 }, (_, i) => [`scan:${i}`, 'x']).flat());
      const seen = new Set<string>();
      for await (const keys of redis.scanStream({ match: 'scan:*', count: 50 }))
        for (const key of keys as string[]) seen.add(key);
      return seen.size;
    },
    500,
  );
  await checks.check('hscanStream', async () => {
    const seen: string[] = [];
    for await (const page of redis.hscanStream('h')) seen.push(...(page as string[]));
    return seen.sort();
  }, ['2', '5', 'f', 'g']);
}

/** Pipelines, transactions, optimistic locks. */
async function batches(redis: RedisClient): Promise<void> {
  await checks.check(
    'a pipeline of 1000',
    async () => {
      const pipeline = redis.pipeline();
      for (let i = 0; i < 1000; i++) pipeline.set(`p:${i}`, i);
      return (await pipeline.exec())?.every(([error, reply]) => error === null && reply === 'OK');
    },
    true,
  );
  await checks.check('MULTI and EXEC', () => redis.multi().set('m', 1).incr('m').get('m').exec(), [
    [null, 'OK'],
    [null, 2],
    [null, '2'],
  ]);
  await checks.check('a transaction with an error inside', async () => {
    const replies = await redis.multi().set('m', 'text').incr('m').exec();
    return replies?.map(([error]) => error?.message ?? null);
  }, [null, 'ERR value is not an integer or out of range']);
  await checks.check(
    'WATCH stops an EXEC',
    async () => {
      const other = connect();
      await redis.watch('m');
      await other.set('m', 'changed');
      other.disconnect();
      return redis.multi().set('m', 'mine').exec();
    },
    null,
  );
  await checks.check(
    'a key prefix',
    async () => {
      const prefixed = connect({ keyPrefix: 'pre:' });
      await prefixed.set('k', 'v');
      prefixed.disconnect();
      return redis.get('pre:k');
    },
    'v',
  );
  await checks.check('another database', async () => {
    const other = connect({ db: 3, connectionName: 'third' });
    await other.set('only', 'here');
    const name = await other.client('GETNAME');
    other.disconnect();
    return [await redis.exists('only'), name];
  }, [0, 'third']);
}

/** Blocking, publish and subscribe, connections that come and go. */
async function connections(redis: RedisClient): Promise<void> {
  await checks.check('BLPOP waits for a push', async () => {
    const waiting = connect();
    const popped = waiting.blpop('queue', 5);
    await redis.rpush('queue', 'job');
    const reply = await popped;
    waiting.disconnect();
    return reply;
  }, ['queue', 'job']);
  await checks.check('publish and subscribe', async () => {
    const subscriber = connect();
    await subscriber.subscribe('news');
    await subscriber.psubscribe('n*');
    const seen: string[] = [];
    const both = soon<void>('messages', (done) => {
      const note = (text: string) => seen.push(text) === 2 && done();
      subscriber.on('message', (channel, text) => note(`${channel} ${text}`));
      subscriber.on('pmessage', (pattern, channel, text) => note(`${pattern} ${channel} ${text}`));
    });
    const receivers = await redis.publish('news', 'hello');
    await both;
    await subscriber.unsubscribe('news');
    subscriber.disconnect();
    return [receivers, seen];
  }, [2, ['news hello', 'n* news hello']]);
  await checks.check(
    'reconnects after its connection was killed',
    async () => {
      const victim = connect();
      const id = await victim.client('ID');
      const again = soon<string>('ready', (done) =>
        victim.once('close', () => victim.once('ready', () => done('again'))),
      );
      await redis.client('KILL', 'ID', id);
      await again;
      const reply = await victim.ping();
      victim.disconnect();
      return reply;
    },
    'PONG',
  );
  await checks.check('INFO names the version', async () => /redis_version:7\./.test(await redis.info('server')), true);
  await checks.check('auto-pipelining', async () => {
    const auto = connect({ enableAutoPipelining: true });
    const replies = await Promise.all([auto.set('auto', 1), auto.incr('auto'), auto.get('auto')]);
    auto.disconnect();
    return replies;
  }, ['OK', 2, '2']);
  await checks.check('QUIT', () => redis.quit(), 'OK');
}

const redis = connect();
for (const part of [strings, collections, batches, connections]) await part(redis);
process.exit(checks.exitCode);
