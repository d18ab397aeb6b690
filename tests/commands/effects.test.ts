/**
 * What each command tells when it has changed something: request by request, compared with what Redis 7.0.15 has written to its
 * append-only file (recorded/effects.txt), and for what Redis 7.0 does not know with what stands here. Every write command needs a
 * decision in TOLD and a case.
 *
 *   1 SET k v ; EXPIRE k 100 => PEXPIREAT k @100000      after the last `;` (or from MULTI on) the request; `@`: ms from now;
 *                                                        first by how many it has raised rdb_changes_since_last_save
 *   2 2> BLPOP k 0 ; RPUSH k a => ...                    a second client waits
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Client } from '../../commands/client.js';
import { dispatch } from '../../commands/dispatch.js';
import { commandTable } from '../../commands/registry.js';
import { WRITE } from '../../commands/spec/flags.js';
import { Reply } from '../../protocol/reply.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session } from './session.js';

/** The request itself, what came of it, or one of both; `apart`: has tests of its own. */
type Decision = 'request' | 'result' | 'either' | 'apart';

const list = (decision: Decision, names: string): [string, Decision][] =>
  names.split(' ').map((name) => [name, decision]);

const TOLD = new Map<string, Decision>([
  // The same wherever and whenever they run.
  ...list('request', 'append decr decrby incr incrby mset msetnx setnx setrange'),
  ...list('request', 'copy del flushall flushdb move persist rename renamenx swapdb unlink'),
  ...list('request', 'linsert lmove lpop lpush lpushx lrem lset ltrim rpop rpoplpush rpush rpushx'),
  ...list('request', 'sadd sdiffstore sinterstore smove srem sunionstore'),
  ...list('request', 'hmset hset'),
  ...list('request', 'zadd zdiffstore zincrby zinterstore zpopmax zpopmin zrem'),
  ...list('request', 'zremrangebyrank zremrangebyscore zunionstore'),
  // Depend on the time, on floating point, on chance, on who was waiting.
  ...list('result', 'expire expireat getdel getex getset incrbyfloat pexpire pexpireat psetex setex'),
  ...list('result', 'blmove blmpop blpop brpop brpoplpush lmpop spop'),
  ...list('result', 'bzmpop bzpopmax bzpopmin zmpop'),
  ...list('result', 'hexpire hexpireat hgetdel hgetex hincrbyfloat hpersist hpexpire hpexpireat hsetex'),
  // Queues look at the states of messages only, and tell times and ids.
  ...list('request', 'queue.ack queue.create queue.delete queue.dlq.purge queue.dlq.requeue queue.purge queue.replay'),
  ...list('result', 'queue.consume queue.nack queue.publish'),
  // By what was asked for, or met.
  ...list('either', 'hdel hincrby hsetnx set sort zrangestore zremrangebylex'),
  ...list('apart', 'restore'),
  // What is our own.
  ...list('request', 'topic.append topic.create topic.delete topic.trim'),
  ...list('request', 'topic.group.commit topic.group.create topic.group.delete topic.group.join topic.group.leave'),
  ...list('result', 'topic.publish'),
]);

/** Where less is told: Redis repeats conditions that held, and its SCAN deletes what has expired. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'SET k v ; SET k w XX': 'SET k w',
  'SET k v NX': 'SET k v',
  'SET k v ; SET k w XX GET': 'SET k w',
  'SET k v ; EXPIRE k 100 NX': 'PEXPIREAT k @100000',
  'SET k v EX 100 ; EXPIRE k 200 GT': 'PEXPIREAT k @200000',
  'SET k v PX 1 ; WAIT_EXPIRED ; SET k w XX': 'DEL k',
  'SET k v PX 1 ; WAIT_EXPIRED ; SCAN 0': '',
};

/** What Redis 7.0 does not have, or has and repeats by its request where that is not enough. */
const OWN = `
3 DEBUG POPULATE 3 => DEBUG POPULATE 3
1 SADD k 1 ; SORT k BY w_* ALPHA STORE l => DEL l ; RPUSH l 1
2 RPUSH k 1 2 ; HSET w_1 f 9 ; SORT k BY w_*->f STORE l => DEL l ; RPUSH l 2 1
1 RPUSH k 1 ; HSET w_1 f 9 ; SORT k GET w_*->f STORE l => DEL l ; RPUSH l 9
1 RPUSH l 1 ; SORT none BY w_*->f STORE l => DEL l
0 SORT none BY w_*->f STORE l =>
2 HSET k f v g w ; HEXPIRE k 100 FIELDS 3 f none g => HPEXPIREAT k @100000 FIELDS 2 f g
1 HSET k f v g w ; HPEXPIRE k 100000 NX FIELDS 1 g => HPEXPIREAT k @100000 FIELDS 1 g
1 HSET k f v ; HEXPIREAT k 4000000000 FIELDS 1 f => HPEXPIREAT k 4000000000000 FIELDS 1 f
1 HSET k f v ; HPEXPIREAT k 4000000000000 FIELDS 1 f => HPEXPIREAT k 4000000000000 FIELDS 1 f
1 HSET k f v ; HPEXPIREAT k 1 FIELDS 2 f none => HDEL k f
1 HSET k f v ; HEXPIRE k 0 FIELDS 1 f => HDEL k f
0 HSET k f v ; HEXPIRE k 100 XX FIELDS 1 f =>
0 HEXPIRE k 100 FIELDS 1 f =>
1 HSETEX k EX 100 FIELDS 1 f v ; HPERSIST k FIELDS 2 f g => HPERSIST k FIELDS 1 f
0 HSET k f v ; HPERSIST k FIELDS 1 f =>
1 HSET k f v g w ; HGETDEL k FIELDS 2 g none => HDEL k g
0 HSET k f v ; HGETDEL k FIELDS 1 none =>
1 HSET k f v ; HGETEX k EX 100 FIELDS 2 f g => HPEXPIREAT k @100000 FIELDS 1 f
1 HSET k f v ; HGETEX k PXAT 1 FIELDS 1 f => HDEL k f
1 HSETEX k EX 100 FIELDS 1 f v ; HGETEX k PERSIST FIELDS 1 f => HPERSIST k FIELDS 1 f
0 HSET k f v ; HGETEX k FIELDS 1 f =>
2 HSETEX k EX 100 FIELDS 2 f v g w => HSETEX k PXAT @100000 FIELDS 2 f v g w
1 HSETEX k FNX PXAT 4000000000000 FIELDS 1 f v => HSETEX k PXAT 4000000000000 FIELDS 1 f v
1 HSETEX k FIELDS 1 f v => HSET k f v
1 HSETEX k EX 100 FIELDS 1 f v ; HSETEX k FXX KEEPTTL FIELDS 1 f w => HSETEX k KEEPTTL FIELDS 1 f w
0 HSET k f v ; HSETEX k FNX FIELDS 1 f w =>
1 HSET k f v ; HSETEX k PXAT 1 FIELDS 2 f w g w => HDEL k f
1 HSETEX k EX 100 FIELDS 1 f 1 ; HINCRBYFLOAT k f 1.5 => HSETEX k KEEPTTL FIELDS 1 f 2.5
1 HSETEX k EX 100 FIELDS 1 f 1 ; HINCRBY k f 1 => HINCRBY k f 1
0 HSETEX k PX 1 FIELDS 1 f v ; WAIT_EXPIRED ; HGET k f => HDEL k f
1 HSETEX k PX 1 FIELDS 1 f v ; WAIT_EXPIRED ; HSET k f w => HDEL k f ; HSET k f w
1 HSETEX k PX 1 FIELDS 1 f 7 ; HSET k g w ; WAIT_EXPIRED ; HINCRBY k f 1 => HDEL k f ; HINCRBY k f 1
2 ZADD k 1 a 1 b 2 c ; ZREMRANGEBYLEX k - (c => ZREMRANGEBYRANK k 0 1
1 ZADD k 1 a 1 b 2 c ; ZRANGESTORE d k - (c BYLEX LIMIT 1 5 => ZRANGESTORE d k 1 1
1 ZADD k 1 a 1 b 2 c ; ZADD d 1 x ; ZRANGESTORE d k (x + BYLEX => DEL d
0 ZADD k 1 a 1 b 2 c ; ZRANGESTORE d k (x + BYLEX =>
1 QUEUE.CREATE q DEADLINE 9 => QUEUE.CREATE q DEADLINE 9
0 QUEUE.CREATE q ; QUEUE.CREATE q DEADLINE 9 =>
1 QUEUE.CREATE q ; QUEUE.DELETE q none => QUEUE.DELETE q none
1 QUEUE.CREATE q ; QUEUE.PUBLISH q hi => QUEUE.REPLAY q PUBLISH 1 @0 0 0 5 3 hi
1 QUEUE.CREATE q ; QUEUE.PUBLISH q hi DELAY 5000 TTL 9000 PRIORITY 2 RETRIES 7 => QUEUE.REPLAY q PUBLISH 1 @0 @5000 @9000 2 7 hi
2 QUEUE.CREATE q ; QUEUE.PUBLISH q a ; QUEUE.PUBLISH q b ; QUEUE.CONSUME q ann COUNT 5 => QUEUE.REPLAY q DELIVER ann @30000 1 2
1 QUEUE.CREATE q ; QUEUE.PUBLISH q a ; QUEUE.CONSUME q ann NOACK => QUEUE.REPLAY q TAKE 1
2 QUEUE.CREATE q ; 2> QUEUE.CONSUME q ann BLOCK 0 DEADLINE 9000 ; QUEUE.PUBLISH q a => QUEUE.REPLAY q PUBLISH 1 @0 0 0 5 3 a ; QUEUE.REPLAY q DELIVER ann @9000 1
0 QUEUE.CREATE q ; QUEUE.CONSUME q ann =>
1 QUEUE.CREATE q ; QUEUE.PUBLISH q a ; QUEUE.CONSUME q ann ; QUEUE.ACK q 1 2 => QUEUE.ACK q 1 2
0 QUEUE.CREATE q ; QUEUE.PUBLISH q a ; QUEUE.ACK q 1 =>
2 QUEUE.CREATE q RETRIES 1 ; QUEUE.PUBLISH q a ; QUEUE.PUBLISH q b RETRIES 0 ; QUEUE.CONSUME q ann COUNT 2 ; QUEUE.NACK q DELAY 7000 1 2 => QUEUE.REPLAY q BACK 1 @7000 1 ; QUEUE.REPLAY q BURY 1 0 @0 2
1 QUEUE.CREATE q ; QUEUE.PUBLISH q a ; QUEUE.CONSUME q ann ; QUEUE.NACK q DEAD 1 => QUEUE.REPLAY q BURY 1 1 @0 1
1 QUEUE.CREATE q ; QUEUE.PUBLISH q a ; QUEUE.CONSUME q ann ; QUEUE.NACK q DEAD 1 ; QUEUE.DLQ.REQUEUE q => QUEUE.DLQ.REQUEUE q
1 QUEUE.CREATE q ; QUEUE.PUBLISH q a ; QUEUE.CONSUME q ann ; QUEUE.NACK q DEAD 1 ; QUEUE.DLQ.PURGE q 1 => QUEUE.DLQ.PURGE q 1
1 QUEUE.CREATE q ; QUEUE.PUBLISH q a DELAY 9 ; QUEUE.PURGE q => QUEUE.PURGE q
1 QUEUE.CREATE q ; QUEUE.REPLAY q PUBLISH 7 1 0 0 5 3 hi => QUEUE.REPLAY q PUBLISH 7 1 0 0 5 3 hi
0 QUEUE.CREATE q ; QUEUE.PUBLISH q a TTL 1 ; WAIT_EXPIRED ; QUEUE.INFO q => QUEUE.REPLAY q EXPIRE 1
0 QUEUE.CREATE q ; QUEUE.PUBLISH q a ; QUEUE.CONSUME q ann DEADLINE 1 ; WAIT_EXPIRED ; QUEUE.PEEK q => QUEUE.REPLAY q BACK 0 0 1
0 QUEUE.CREATE q ; QUEUE.PUBLISH q a RETRIES 0 ; QUEUE.CONSUME q ann DEADLINE 1 ; WAIT_EXPIRED ; QUEUE.DLQ.LIST q => QUEUE.REPLAY q BURY 0 0 @0 1
0 QUEUE.CREATE q ; QUEUE.PUBLISH q a DELAY 1 ; WAIT_EXPIRED ; QUEUE.PEEK q =>
1 QUEUE.CREATE q ; QUEUE.PUBLISH q a ; QUEUE.CONSUME q ann DEADLINE 1 ; WAIT_EXPIRED ; QUEUE.CONSUME q bob DEADLINE 9000 => QUEUE.REPLAY q BACK 0 0 1 ; QUEUE.REPLAY q DELIVER bob @9000 1
1 ZADD k 1 a 1 b ; ZRANGESTORE d k - (b BYLEX => ZRANGESTORE d k - (b BYLEX
1 MULTI ; FLUSHALL ; SELECT 1 ; SET k v ; SELECT 0 ; EXEC => FLUSHALL ; SET k v
1 TOPIC.CREATE t PARTITIONS 2 => TOPIC.CREATE t PARTITIONS 2
0 TOPIC.CREATE t ; TOPIC.CREATE t PARTITIONS 2 =>
1 TOPIC.CREATE t ; TOPIC.DELETE t u => TOPIC.DELETE t u
0 TOPIC.DELETE t =>
1 TOPIC.CREATE t PARTITIONS 2 ; TOPIC.PUBLISH t a ; TOPIC.PUBLISH t b => TOPIC.APPEND t 1 0 @0 b
1 TOPIC.CREATE t PARTITIONS 2 ; TOPIC.PUBLISH t a KEY k HEADERS 1 h v TYPE x => TOPIC.APPEND t 0 0 @0 a KEY k TYPE x HEADERS 1 h v
1 TOPIC.CREATE t MAXLEN 1 ; TOPIC.PUBLISH t a ; TOPIC.PUBLISH t b PARTITION 0 => TOPIC.APPEND t 0 1 @0 b
1 TOPIC.CREATE t ; TOPIC.APPEND t 0 0 5 a => TOPIC.APPEND t 0 0 5 a
2 TOPIC.CREATE t ; TOPIC.PUBLISH t a ; TOPIC.PUBLISH t b ; TOPIC.TRIM t 0 7 => TOPIC.TRIM t 0 7
0 TOPIC.CREATE t ; TOPIC.TRIM t 0 7 =>
0 TOPIC.CREATE t RETENTION 4 ; TOPIC.PUBLISH t a ; WAIT_EXPIRED ; TOPIC.INFO t => TOPIC.TRIM t 0 1
1 TOPIC.CREATE t RETENTION 4 ; TOPIC.PUBLISH t a ; WAIT_EXPIRED ; TOPIC.PUBLISH t b => TOPIC.TRIM t 0 1 ; TOPIC.APPEND t 0 1 @0 b
1 TOPIC.CREATE t ; TOPIC.GROUP.CREATE t g START LATEST => TOPIC.GROUP.CREATE t g START LATEST
0 TOPIC.CREATE t ; TOPIC.GROUP.CREATE t g ; TOPIC.GROUP.CREATE t g =>
1 TOPIC.CREATE t ; TOPIC.GROUP.CREATE t g ; TOPIC.GROUP.DELETE t g => TOPIC.GROUP.DELETE t g
1 TOPIC.CREATE t ; TOPIC.GROUP.CREATE t g ; TOPIC.GROUP.JOIN t g m => TOPIC.GROUP.JOIN t g m
0 TOPIC.CREATE t ; TOPIC.GROUP.CREATE t g ; TOPIC.GROUP.JOIN t g m ; TOPIC.GROUP.JOIN t g m =>
0 TOPIC.CREATE t ; TOPIC.GROUP.CREATE t g ; TOPIC.GROUP.JOIN t g m ; TOPIC.GROUP.HEARTBEAT t g m 1 =>
1 TOPIC.CREATE t ; TOPIC.GROUP.CREATE t g ; TOPIC.GROUP.JOIN t g m ; TOPIC.GROUP.LEAVE t g m => TOPIC.GROUP.LEAVE t g m
0 TOPIC.CREATE t ; TOPIC.GROUP.CREATE t g TIMEOUT 5 ; TOPIC.GROUP.JOIN t g m ; WAIT_EXPIRED ; TOPIC.GROUP.INFO t g => TOPIC.GROUP.LEAVE t g m
0 TOPIC.CREATE t ; TOPIC.GROUP.CREATE t g ; TOPIC.GROUP.JOIN t g m ; TOPIC.GROUP.COMMIT t g m 1 0 0 =>
1 TOPIC.CREATE t ; TOPIC.PUBLISH t a ; TOPIC.GROUP.CREATE t g ; TOPIC.GROUP.JOIN t g m ; TOPIC.GROUP.COMMIT t g m 1 0 1 => TOPIC.GROUP.COMMIT t g m 1 0 1
`;

interface Case {
  readonly changes: number;
  readonly steps: readonly string[];
  readonly expected: string;
}

function parse(text: string): Case[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [before, told] = line.split(' =>');
      const blank = before.indexOf(' ');
      const steps = before.slice(blank + 1).split(' ; ');
      return { changes: Number(before.slice(0, blank)), steps, expected: told.trim() };
    });
}

const RECORDED = parse(
  readFileSync(new URL('../../../tests/commands/recorded/effects.txt', import.meta.url), 'latin1'),
);
const CASES = parse(OWN);

function words(step: string): string[] {
  return step.split(' ').map((word) => (word === '""' ? '' : word));
}

/** The name of the command, or of the first between MULTI and EXEC, that is asked about. */
function asked({ steps }: Case): string {
  const multi = steps.indexOf('MULTI');
  const step = multi >= 0 ? steps[multi + 1] : (steps.find((s) => s.startsWith('2> '))?.slice(3) ?? steps.at(-1)!);
  return step.split(' ')[0].toLowerCase();
}

interface Outcome {
  /** What the request told, a word for each argument. */
  readonly effects: string[][];
  readonly changes: number;
}

function run({ steps }: Case): Outcome {
  const session = new Session({ enableDebugCommand: 'yes' });
  const effects: string[][] = [];
  const multi = steps.indexOf('MULTI');
  let dirty = 0;
  for (const [i, step] of steps.entries()) {
    if (i === (multi >= 0 ? multi : steps.length - 1)) {
      session.server.effects.start({ take: (_db, argv, argc) => effects.push(argv.slice(0, argc).map(String)) });
      dirty = session.server.dirty;
    }
    if (step === 'WAIT_EXPIRED') session.now += 5;
    else if (step.startsWith('2> ')) park(session, words(step.slice(3)));
    else session.ask(words(step));
  }
  for (const effect of effects)
    for (const [i, word] of effect.entries())
      if (/^17\d{11}$/.test(word)) effect[i] = `@${Math.round((Number(word) - session.now) / 1000) * 1000}`;
  return { effects, changes: session.server.dirty - dirty };
}

function park(session: Session, argv: readonly string[]): void {
  const { server } = session;
  const second = new Client(2, server, new Reply(server.replies), server.databases[0], [], undefined);
  second.argv = argv.map((word) => Bytes.from(word));
  second.argc = argv.length;
  dispatch(second);
}

t.test('what Redis 7.0 tells', async (t) => {
  const differ = new Set<string>();
  for (const one of RECORDED) {
    const text = one.steps.join(' ; ');
    const outcome = run(one);
    const effects = outcome.effects
      .map((effect) => effect.map((word) => (word === '' ? '""' : word)).join(' '))
      .join(' ; ');
    // A client that waited repeats its own words, which Redis has put in lower case.
    const ours = OTHERWISE[text] ?? one.expected;
    t.equal(effects.toLowerCase(), ours.toLowerCase(), text);
    if (OTHERWISE[text] !== undefined) differ.add(text);
    // Redis forgets to count the one element that it takes for somebody who waits.
    const forgotten = /^2> (BL?R?POP|BLMOVE|BRPOPLPUSH) /.test(text) ? 1 : 0;
    t.equal(outcome.changes, one.changes + forgotten, `${text}: changes`);
  }
  t.equal(differ.size, Object.keys(OTHERWISE).length, 'every difference is one');
});

t.test('what Redis 7.0 does not have', async (t) => {
  for (const one of CASES) {
    const { effects, changes } = run(one);
    const text = one.steps.join(' ; ');
    t.equal(effects.map((effect) => effect.join(' ')).join(' ; '), one.expected, text);
    t.equal(changes, one.changes, `${text}: changes`);
  }
});

t.test('every write command has a decision and keeps to it', async (t) => {
  const met = new Set<string>();
  for (const one of [...RECORDED, ...CASES]) {
    const { effects } = run(one);
    const name = asked(one);
    const decision = TOLD.get(name);
    if (effects.length === 0 || decision === undefined) continue;
    met.add(name);
    const verbatim = effects.some((effect) => effect[0].toLowerCase() === name);
    if (decision === 'request') t.ok(verbatim || effects[0][0] === 'DEL', `${one.steps.join(' ; ')} tells its request`);
  }
  for (const [name, { flags }] of commandTable().byName) {
    if ((flags & WRITE) === 0) continue;
    t.ok(TOLD.has(name), `${name}: decide what it tells and say so in TOLD`);
    if (TOLD.get(name) !== 'apart') t.ok(met.has(name), `${name} has a case that changes something`);
  }
});

t.test('told under its own name when it was renamed', async (t) => {
  const session = new Session({ renameCommand: [{ from: 'set', to: 'put' }] });
  const effects: string[] = [];
  session.server.effects.start({ take: (db, argv, argc) => effects.push(`${db} ${argv.slice(0, argc).join(' ')}`) });
  session.ask('PUT k v');
  session.ask('SELECT 3');
  session.ask('SETEX k 100 v');
  t.same(effects, ['0 set k v', `3 SET k v PXAT ${session.now + 100_000}`]);
});

t.test('SPOP of many and SORT of much tell in pieces', async (t) => {
  const session = new Session();
  const members = Array.from({ length: 5000 }, (_, i) => String(i * 7));
  session.ask(['SADD', 'k', ...members]);
  session.ask(['SADD', 'l', ...members, 'x']);
  const effects: string[][] = [];
  session.server.effects.start({ take: (_db, argv, argc) => effects.push(argv.slice(0, argc).map(String)) });
  const taken = session.ask('SPOP k 4000') as string[];
  t.ok(effects.every((effect) => effect[0] === 'SREM' && effect[1] === 'k' && effect.length <= 1024));
  t.same(
    effects.flatMap((effect) => effect.slice(2)),
    taken,
  );
  effects.length = 0;
  t.equal(session.ask('SORT l ALPHA BY w_* STORE d'), 5001);
  t.same(effects[0], ['DEL', 'd']);
  t.same(
    effects.slice(1).flatMap((effect) => effect.slice(2)),
    session.ask('LRANGE d 0 -1'),
  );
});

t.test('nobody is told when nobody listens, or any more', async (t) => {
  const session = new Session({ enableDebugCommand: 'yes' });
  const { effects } = session.server;
  let count = 0;
  effects.start({ take: () => count++ });
  session.ask('SET k v');
  t.equal(count, 1);
  effects.start(undefined);
  session.ask('SETEX k 100 v');
  session.ask('FLUSHALL');
  t.equal(count, 1);
  t.equal(effects.told, 1);
});
