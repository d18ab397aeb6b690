/** Waiting for messages: who is served, in which order, what wakes, and what time does to who waits. */
import { Redis } from 'ioredis';
import t from 'tap';
import { createServer } from '../../src/index.js';
import { play } from '../script.js';

const NOW = 1_700_000_000_000;

/** A message as a reply shows it, published and delivered at NOW; `wait` 0: it needs no acknowledgement. */
function m(id: number, body: string, wait = 30_000, deliveries = 1): string {
  const deadline = wait === 0 ? 0 : NOW + wait;
  return `[id,${id},payload,${body},priority,:5,deliveries,:${deliveries},published,:${NOW},deadline,:${deadline},headers,[]]`;
}

/** Played while the clock stands still. */
const SCENES: Readonly<Record<string, string>> = {
  'first come, first served, and who is served again waits behind the others': `
    A  QUEUE.CREATE q => :1
    B> QUEUE.CONSUME q b BLOCK 0 NOACK
    C> QUEUE.CONSUME q c BLOCK 0 NOACK
    D> QUEUE.CONSUME q d BLOCK 0 NOACK
    A  QUEUE.PUBLISH q x => 1
    B< [${m(1, 'x', 0)}]
    C?
    B> QUEUE.CONSUME q b BLOCK 0 NOACK
    A  QUEUE.PUBLISH q y => 2
    C< [${m(2, 'y', 0)}]
    A  QUEUE.PUBLISH q z => 3
    D< [${m(3, 'z', 0)}]
    B?
    A  QUEUE.PUBLISH q w => 4
    B< [${m(4, 'w', 0)}]`,
  'several messages at once serve as many as wait': `
    A  QUEUE.CREATE q => :1
    B> QUEUE.CONSUME q b BLOCK 0 COUNT 2
    C> QUEUE.CONSUME q c BLOCK 0 COUNT 2
    D> QUEUE.CONSUME q d BLOCK 0
    A  MULTI => +OK
    A  QUEUE.PUBLISH q m1 => +QUEUED
    A  QUEUE.PUBLISH q m2 => +QUEUED
    A  QUEUE.PUBLISH q m3 => +QUEUED
    A  EXEC => [1,2,3]
    B< [${m(1, 'm1')},${m(2, 'm2')}]
    C< [${m(3, 'm3')}]
    D?`,
  'who holds all that he may is passed over, until he acknowledges': `
    A  QUEUE.CREATE q PREFETCH 1 => :1
    A  QUEUE.PUBLISH q x => 1
    C  QUEUE.CONSUME q c => [${m(1, 'x')}]
    C> QUEUE.CONSUME q c BLOCK 0
    D> QUEUE.CONSUME q d BLOCK 0
    A  QUEUE.PUBLISH q y => 2
    D< [${m(2, 'y')}]
    A  QUEUE.PUBLISH q z => 3
    C?
    A  QUEUE.ACK q CONSUMER c 1 => :1
    C< [${m(3, 'z')}]`,
  'who is passed over keeps his turn': `
    A  QUEUE.CREATE q PREFETCH 1 => :1
    A  QUEUE.PUBLISH q x => 1
    C  QUEUE.CONSUME q c => [${m(1, 'x')}]
    C> QUEUE.CONSUME q c BLOCK 0
    D> QUEUE.CONSUME q d BLOCK 0
    E> QUEUE.CONSUME q e BLOCK 0
    A  QUEUE.PUBLISH q y => 2
    D< [${m(2, 'y')}]
    A  MULTI => +OK
    A  QUEUE.ACK q 1 => +QUEUED
    A  QUEUE.PUBLISH q z => +QUEUED
    A  EXEC => [:1,3]
    C< [${m(3, 'z')}]
    E?`,
  'what is given back, and what is put back, wakes': `
    A  QUEUE.CREATE q => :1
    A  QUEUE.PUBLISH q x => 1
    A  QUEUE.CONSUME q a => [${m(1, 'x')}]
    B> QUEUE.CONSUME q b BLOCK 0 DEADLINE 5
    A  QUEUE.NACK q 1 => :1
    B< [${m(1, 'x', 5, 2)}]
    C> QUEUE.CONSUME q c BLOCK 0
    A  QUEUE.NACK q DEAD 1 => :1
    C?
    A  QUEUE.DLQ.REQUEUE q => :1
    C< [${m(1, 'x')}]`,
  'a queue that goes, or becomes something else, ends the waiting': `
    A  QUEUE.CREATE q => :1
    B> QUEUE.CONSUME q b BLOCK 0
    A  QUEUE.DELETE q => :1
    B< -ERR no such queue
    A  QUEUE.CREATE q => :1
    B> QUEUE.CONSUME q b BLOCK 0
    A  SET q v => +OK
    B< -WRONGTYPE Operation against a key holding the wrong kind of value
    A  DEL q => :1
    A  QUEUE.CREATE q => :1
    B> QUEUE.CONSUME q b BLOCK 0
    A  QUEUE.CREATE p => :1
    A  QUEUE.PUBLISH p x => 1
    A  RENAME p q => +OK
    B< [${m(1, 'x')}]`,
  'inside MULTI nobody waits': `
    A  QUEUE.CREATE q => :1
    A  MULTI => +OK
    A  QUEUE.CONSUME q a BLOCK 0 => +QUEUED
    A  EXEC => [nil[]]`,
};

for (const [what, script] of Object.entries(SCENES))
  t.test(what, async (t) => {
    const server = await createServer({ clock: () => NOW });
    t.same(await play(server.port, script), []);
    await server.close();
  });

t.test('no message in time', async (t) => {
  const server = await createServer();
  const script = `
    A  QUEUE.CREATE q => :1
    A  QUEUE.CONSUME q a BLOCK 20 => nil[]
    A3
    A  QUEUE.CONSUME q a BLOCK 20 => null`;
  t.same(await play(server.port, script), []);
  await server.close();
});

/** A server that looks only once a second for what is due, and two clients of it. */
async function patient(work: (a: Redis, b: Redis) => Promise<void>): Promise<void> {
  const server = await createServer({ hz: 1 });
  const clients = [1, 2].map(() => new Redis(server.port, '127.0.0.1', { enableReadyCheck: false }));
  await clients[0].call('QUEUE.CREATE', 'q', 'RETRIES', '1');
  await work(clients[0], clients[1]);
  for (const client of clients) client.disconnect();
  await server.close();
}

/** Ids of a reply. */
function ids(reply: unknown): string {
  return reply === null ? 'none' : (reply as unknown[][]).map((message) => message[1]).join(' ');
}

t.test('a message that becomes due wakes in time', async (t) => {
  await patient(async (a, b) => {
    const begun = performance.now();
    const later = b.call('QUEUE.CONSUME', 'q', 'b', 'BLOCK', '0');
    await a.call('QUEUE.PUBLISH', 'q', 'late', 'DELAY', '300');
    await a.call('QUEUE.PUBLISH', 'q', 'soon', 'DELAY', '100');
    t.equal(ids(await later), '2', 'the one that was due first, though it came later');
    const took = performance.now() - begun;
    t.ok(took >= 98 && took < 290, `${took} ms`);
    t.equal(ids(await b.call('QUEUE.CONSUME', 'q', 'b', 'BLOCK', '5000')), '1');
    t.ok(performance.now() - begun < 700);
  });
});

t.test('a deadline that passes wakes in time', async (t) => {
  await patient(async (a, b) => {
    await a.call('QUEUE.PUBLISH', 'q', 'x');
    const begun = performance.now();
    t.equal(ids(await a.call('QUEUE.CONSUME', 'q', 'a', 'DEADLINE', '150')), '1');
    t.equal(ids(await b.call('QUEUE.CONSUME', 'q', 'b', 'BLOCK', '5000', 'DEADLINE', '50')), '1');
    const took = performance.now() - begun;
    t.ok(took >= 148 && took < 600, `${took} ms`);
    t.equal(ids(await b.call('QUEUE.CONSUME', 'q', 'b', 'BLOCK', '200')), 'none', 'dead now');
    t.equal(ids(await b.call('QUEUE.DLQ.LIST', 'q')), '1');
  });
});

t.test('much that is due at once is done without waiting for the next look', async (t) => {
  await patient(async (a) => {
    const pipeline = a.pipeline();
    for (let i = 0; i < 10_000; i++) pipeline.call('QUEUE.PUBLISH', 'q', 'x', 'TTL', '700');
    await pipeline.exec();
    await new Promise((later) => setTimeout(later, 2500));
    const info = (await a.call('QUEUE.INFO', 'q')) as unknown[];
    t.equal(info[info.indexOf('expired') + 1], 10_000);
  });
});

t.test('what is deleted by its TTL, or with everything, ends the waiting', async (t) => {
  await patient(async (a, b) => {
    const flushed = b.call('QUEUE.CONSUME', 'q', 'b', 'BLOCK', '0');
    await a.call('FLUSHALL');
    await t.rejects(flushed, /no such queue/);
  });
});

t.test('events are of the class d, and part of A', async (t) => {
  const server = await createServer({ clock: () => NOW });
  const script = `
    A  CONFIG SET notify-keyspace-events Kd => +OK
    B  SUBSCRIBE __keyspace@0__:q => [subscribe,__keyspace@0__:q,:1]
    A  QUEUE.CREATE q => :1
    B< [message,__keyspace@0__:q,queue.create]
    A  QUEUE.PUBLISH q x => 1
    B< [message,__keyspace@0__:q,queue.publish]
    A  CONFIG SET notify-keyspace-events Kg => +OK
    A  QUEUE.PUBLISH q x => 2
    B?
    A  CONFIG SET notify-keyspace-events KA => +OK
    A  QUEUE.PURGE q => :2
    B< [message,__keyspace@0__:q,queue.purge]`;
  t.same(await play(server.port, script), []);
  await server.close();
});
