/** Publish/subscribe: who gets which messages, in which form, in which order; and what a subscriber may still run. */
import t from 'tap';
import { SUBSCRIBER } from '../../commands/gates.js';
import { CHANNEL, PATTERN, SHARD } from '../../commands/subscription.js';
import { createServer } from '../../src/index.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { seeded } from '../random.js';
import { play } from '../script.js';
import { Session } from './session.js';

const ONLY = 'only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context';

/** Scripts that run alike against redis-server 7.0.15. */
const SCENES: Readonly<Record<string, string>> = {
  'a message for every name, with the number of subscriptions': `
    A> SUBSCRIBE a b a
    A< [subscribe,a,:1]
    A< [subscribe,b,:2]
    A< [subscribe,a,:2]
    A> PSUBSCRIBE a* b*
    A< [psubscribe,a*,:3]
    A< [psubscribe,b*,:4]
    A> SSUBSCRIBE a
    A< [ssubscribe,a,:1]
    A> UNSUBSCRIBE a zz
    A< [unsubscribe,a,:3]
    A< [unsubscribe,zz,:3]
    A> PUNSUBSCRIBE b* zz
    A< [punsubscribe,b*,:2]
    A< [punsubscribe,zz,:2]
    A> UNSUBSCRIBE
    A< [unsubscribe,b,:1]
    A> PUNSUBSCRIBE
    A< [punsubscribe,a*,:0]
    A> PUNSUBSCRIBE
    A< [punsubscribe,nil,:0]
    A> SUNSUBSCRIBE
    A< [sunsubscribe,a,:0]
    A?`,
  'unsubscribing from nothing is answered': `
    A  UNSUBSCRIBE => [unsubscribe,nil,:0]
    A  PUNSUBSCRIBE => [punsubscribe,nil,:0]
    A  SUNSUBSCRIBE => [sunsubscribe,nil,:0]
    A> UNSUBSCRIBE x y
    A< [unsubscribe,x,:0]
    A< [unsubscribe,y,:0]
    A  PUNSUBSCRIBE x => [punsubscribe,x,:0]
    A  SUNSUBSCRIBE x => [sunsubscribe,x,:0]
    A3
    A  UNSUBSCRIBE => >{unsubscribe,null,:0}
    A  SUNSUBSCRIBE x => >{sunsubscribe,x,:0}`,
  'channels and patterns both hear, each for itself': `
    A> SUBSCRIBE news
    A< [subscribe,news,:1]
    A> PSUBSCRIBE n?ws
    A< [psubscribe,n?ws,:2]
    B  SUBSCRIBE news => [subscribe,news,:1]
    C3
    C  PSUBSCRIBE * => >{psubscribe,*,:1}
    D  PUBLISH news hello => :4
    A< [message,news,hello]
    A< [pmessage,n?ws,news,hello]
    B< [message,news,hello]
    C< >{pmessage,*,news,hello}
    D  PUBLISH nows "" => :2
    A< [pmessage,n?ws,nows,""]
    C< >{pmessage,*,nows,""}
    D  PUBLISH other x => :1
    C< >{pmessage,*,other,x}
    A?
    B?
    A> UNSUBSCRIBE news
    A< [unsubscribe,news,:1]
    D  PUBLISH news bye => :3
    A< [pmessage,n?ws,news,bye]
    B< [message,news,bye]
    C< >{pmessage,*,news,bye}`,
  'shard channels are a world of their own': `
    A  SSUBSCRIBE s => [ssubscribe,s,:1]
    B  SUBSCRIBE s => [subscribe,s,:1]
    C  PSUBSCRIBE * => [psubscribe,*,:1]
    D3
    D  SSUBSCRIBE s => >{ssubscribe,s,:1}
    E  SPUBLISH s one => :2
    A< [smessage,s,one]
    D< >{smessage,s,one}
    E  PUBLISH s two => :2
    B< [message,s,two]
    C< [pmessage,*,s,two]
    A?
    D?
    A> PING
    A< [pong,""]`,
  'what a RESP2 subscriber may run': `
    A  SUBSCRIBE a => [subscribe,a,:1]
    A  GET k => -ERR Can't execute 'get': ${ONLY}
    A  OBJECT ENCODING k => -ERR Can't execute 'object|encoding': ${ONLY}
    A  PUBLISH a x => -ERR Can't execute 'publish': ${ONLY}
    A  PUBSUB NUMPAT => -ERR Can't execute 'pubsub|numpat': ${ONLY}
    A  HELLO 3 => -ERR Can't execute 'hello': ${ONLY}
    A  MULTI => -ERR Can't execute 'multi': ${ONLY}
    A  EXEC => -EXECABORT Transaction discarded because of: Can't execute 'exec': ${ONLY}
    A  GET => -ERR wrong number of arguments for 'get' command
    A  PING => [pong,""]
    A  PING hi => [pong,hi]
    A  PING a b => -ERR wrong number of arguments for 'ping' command
    A  SSUBSCRIBE s => [ssubscribe,s,:1]
    A  UNSUBSCRIBE => [unsubscribe,a,:0]
    A  GET k => -ERR Can't execute 'get': ${ONLY}
    A  SUNSUBSCRIBE => [sunsubscribe,s,:0]
    A  GET k => nil
    A  PING => +PONG
    A  PSUBSCRIBE p => [psubscribe,p,:1]
    A  QUIT => +OK
    B  PUBLISH p x => :0`,
  'a RESP3 subscriber may run anything': `
    A3
    A  SUBSCRIBE a => >{subscribe,a,:1}
    A  GET k => null
    A  PING => +PONG
    A  PING hi => hi
    A  MULTI => +OK
    A  PUBSUB NUMSUB a => +QUEUED
    A  EXEC => [[a,:1]]`,
  'subscriptions in a transaction': `
    A  MULTI => +OK
    A  SUBSCRIBE q => +QUEUED
    A  GET k => +QUEUED
    A  PING => +QUEUED
    A  EXEC => [[subscribe,q,:1],nil,[pong,""]]
    A  GET k => -ERR Can't execute 'get': ${ONLY}
    B  MULTI => +OK
    B  PUBLISH q 1 => +QUEUED
    B  PUBLISH q 2 => +QUEUED
    A?
    B  EXEC => [:1,:1]
    A< [message,q,1]
    A< [message,q,2]`,
  'who is gone listens no more': `
    A  SUBSCRIBE a => [subscribe,a,:1]
    B  PSUBSCRIBE a* => [psubscribe,a*,:1]
    C  SSUBSCRIBE a => [ssubscribe,a,:1]
    D  PUBSUB NUMSUB a => [a,:1]
    A!
    B!
    C!
    D  PUBLISH a x => :0
    D  SPUBLISH a x => :0
    D  PUBSUB CHANNELS => []
    D  PUBSUB NUMPAT => :0
    D  PUBSUB SHARDCHANNELS => []`,
  'a client that waits for a key gets its messages': `
    A3
    A  SUBSCRIBE a => >{subscribe,a,:1}
    A> BLPOP k 0
    B  PUBLISH a x => :1
    A< >{message,a,x}
    B  RPUSH k 1 => :1
    A< [k,1]`,
  'PUBSUB tells who listens': `
    A> SUBSCRIBE a b
    A< [subscribe,a,:1]
    A< [subscribe,b,:2]
    B  SUBSCRIBE a => [subscribe,a,:1]
    B  PSUBSCRIBE x* => [psubscribe,x*,:2]
    C  PSUBSCRIBE x* => [psubscribe,x*,:1]
    C  SSUBSCRIBE s => [ssubscribe,s,:1]
    D  PUBSUB CHANNELS a* => [a]
    D  PUBSUB CHANNELS [b-z] => [b]
    D  PUBSUB CHANNELS none => []
    D  PUBSUB CHANNELS a b => -ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.
    D  PUBSUB shardchannels a b => -ERR unknown subcommand or wrong number of arguments for 'shardchannels'. Try PUBSUB HELP.
    D  PUBSUB NUMSUB a zz b a => [a,:2,zz,:0,b,:1,a,:2]
    D  PUBSUB NUMSUB => []
    D  PUBSUB NUMPAT => :1
    D  PUBSUB SHARDCHANNELS => [s]
    D  PUBSUB SHARDCHANNELS a => []
    D  PUBSUB SHARDNUMSUB s a => [s,:1,a,:0]
    D  PUBSUB SHARDNUMSUB => []
    D  PUBSUB FOO => -ERR unknown subcommand 'FOO'. Try PUBSUB HELP.
    D3
    D  PUBSUB NUMSUB a => [a,:2]`,
};

/** Against what 7.0 does: a message that a client causes for itself follows the reply and stands never within it (7.2). */
const OWN_MESSAGES = `
    A3
    A  SUBSCRIBE me => >{subscribe,me,:1}
    A  PUBLISH me x => :1
    A< >{message,me,x}
    A  MULTI => +OK
    A  PUBLISH me 1 => +QUEUED
    A  SUBSCRIBE q => +QUEUED
    A> PUBLISH me 2
    A< +QUEUED
    A> EXEC
    A< [:1,>{subscribe,q,:2},:1]
    A< >{message,me,1}
    A< >{message,me,2}
    A> UNSUBSCRIBE
    A< >{unsubscribe,me,:1}
    A< >{unsubscribe,q,:0}
    A?`;

type Test = Pick<typeof t, 'same'>;

async function scene(t: Test, script: string): Promise<void> {
  const server = await createServer();
  t.same(await play(server.port, script), []);
  await server.close();
}

for (const [name, script] of Object.entries(SCENES)) t.test(name, (t) => scene(t, script));
t.test('own messages follow the reply', (t) => scene(t, OWN_MESSAGES));

t.test('an own keyspace event never stands inside a reply, nor is it lost with one that fails', (t) => {
  const session = new Session({ notifyKeyspaceEvents: 0b11_1111_1111_1111 }, 3);
  Reflect.deleteProperty(session.server, 'notify'); // the server's own again
  session.raw('SUBSCRIBE __keyevent@0__:expired');
  const message = '>3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:expired\r\n$1\r\nb\r\n';
  session.raw('SET a 1');
  session.raw('SET b 1 PX 10');
  session.now += 10;
  t.equal(session.raw('MGET a b'), `*2\r\n$1\r\n1\r\n_\r\n${message}`);
  session.raw('RPUSH l 1');
  session.raw('SET b 1 PX 10');
  session.now += 10;
  const failed = session.raw('SINTERSTORE d b l');
  t.match(failed, /^-WRONGTYPE/);
  t.ok(failed.endsWith(message));
  t.end();
});

t.test('many listeners, some of whom leave', async (t) => {
  const server = await createServer();
  const lines: string[] = [];
  const names = 'ABCDEFGHIJKLMNOPQRST';
  for (const name of names) {
    if (name > 'J') lines.push(`${name}3`);
    lines.push(`${name}> SUBSCRIBE x ${name}`, `${name}< ${form(name, `subscribe,x,:1`)}`);
    lines.push(`${name}< ${form(name, `subscribe,${name},:2`)}`);
  }
  const left = [...names].filter((_, i) => i % 3 !== 0);
  for (const name of names) if (!left.includes(name)) lines.push(`${name}!`);
  const message = 'long'.repeat(5000);
  lines.push(`z  PUBLISH x ${message} => :${left.length}`);
  for (const name of left) lines.push(`${name}< ${form(name, `message,x,${message}`)}`);
  for (const name of left) lines.push(`z  PUBLISH ${name} own => :1`, `${name}< ${form(name, `message,${name},own`)}`);
  for (const name of left) lines.push(`${name}?`);
  t.same(await play(server.port, lines.join('\n')), []);
  t.equal(server.pubsub.size(CHANNEL), 1 + left.length);
  await server.close();
});

function form(name: string, items: string): string {
  return name > 'J' ? `>{${items}}` : `[${items}]`;
}

t.test('the protocol at the time decides', (t) => {
  const session = new Session({}, 3);
  session.raw('SUBSCRIBE a');
  t.equal(session.raw('GET k'), '_\r\n');
  session.raw('HELLO 2');
  t.equal(session.raw('GET k'), `-ERR Can't execute 'get': ${ONLY}\r\n`);
  t.equal(session.raw('PING'), '*2\r\n$4\r\npong\r\n$0\r\n\r\n');
  t.equal(session.raw('UNSUBSCRIBE'), '*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n');
  t.equal(session.raw('GET k'), '$-1\r\n');
  t.end();
});

t.test('names and messages are bytes, of any length', (t) => {
  const session = new Session({}, 3);
  const name = `\x00\xff\r\n${'n'.repeat(3000)}`;
  const message = `\r\n\x00${'m'.repeat(300_000)}`;
  session.raw(['SUBSCRIBE', name]);
  t.equal(
    session.raw(['PUBLISH', name, message]),
    `:1\r\n>3\r\n$7\r\nmessage\r\n$${name.length}\r\n${name}\r\n$${message.length}\r\n${message}\r\n`,
  );
  session.raw(['PSUBSCRIBE', '']);
  t.match(session.raw(['PUBLISH', '', 'x']), /^:1\r\n>4\r\n\$8\r\npmessage\r\n\$0\r\n\r\n\$0\r\n\r\n\$1\r\nx\r\n$/);
  t.end();
});

t.test('two channels whose names have the same hash are two channels', (t) => {
  const seen = new Map<number, string>();
  let pair: [string, string] | undefined;
  const random = seeded(5);
  for (let i = 0; pair === undefined; i++) {
    // Names that differ in their last few digits only have different hashes.
    const name = `channel:${Math.floor(random() * 1e15)}:${i}`;
    const hash = Bytes.from(name).hash();
    const other = seen.get(hash);
    if (other !== undefined) pair = [other, name];
    seen.set(hash, name);
  }
  const [x, y] = pair;
  const session = new Session({}, 3);
  const count = (name: string) => session.server.pubsub.listeners(CHANNEL, Bytes.from(name));
  session.raw(`SUBSCRIBE ${x}`);
  t.same([count(x), count(y)], [1, 0]);
  session.raw(`SUBSCRIBE ${y}`);
  t.same([count(x), count(y)], [1, 1]);
  session.raw(`UNSUBSCRIBE ${x}`);
  t.same([count(x), count(y)], [0, 1]);
  session.raw(`SUBSCRIBE ${x}`);
  session.raw(`UNSUBSCRIBE ${y}`);
  t.same([count(x), count(y)], [1, 0]);
  session.raw('UNSUBSCRIBE');
  t.same([count(x), count(y)], [0, 0]);
  t.end();
});

t.test('forgetting a client leaves nothing of its subscriptions', (t) => {
  const { server, client } = new Session();
  const { pubsub } = server;
  for (let i = 0; i < 100; i++)
    for (const kind of [CHANNEL, PATTERN, SHARD] as const) pubsub.subscribe(client, kind, Bytes.from(`name:${i}`));
  t.equal(client.subscriptions, 300);
  t.equal(pubsub.count(client, PATTERN), 100);
  t.ok((client.gates & SUBSCRIBER) !== 0);
  pubsub.forget(client);
  pubsub.forget(client);
  t.equal(client.subscriptions, 0);
  t.equal(client.gates & SUBSCRIBER, 0);
  t.same(
    [CHANNEL, PATTERN, SHARD].map((kind) => pubsub.size(kind as 0 | 1 | 2)),
    [0, 0, 0],
  );
  t.equal(client.out.pos, 0, 'and tells it nothing');
  t.end();
});

t.test('a refused EXEC ends the transaction, whatever refused it', (t) =>
  scene(
    t,
    `
    A  MULTI => +OK
    A  SET k 1 => +QUEUED
    A  EXEC now => -EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command
    A  EXEC => -ERR EXEC without MULTI
    A  EXISTS k => :0`,
  ),
);
