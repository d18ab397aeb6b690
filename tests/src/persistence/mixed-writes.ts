/**
 * MixedWrites: a server without sockets whose dataset changes in every way there is, from a seed: commands of all families with random
 * arguments (tests/fuzz/arguments.ts), values of thousands of elements and long strings that are edited, transactions, blocked clients
 * that are served, keys and fields that expire, eviction, flushes and exchanged databases.
 */
import { Client } from '../../../commands/client.js';
import { dispatch } from '../../../commands/dispatch.js';
import { Settings } from '../../../commands/settings.js';
import { Reply } from '../../../protocol/reply.js';
import { SynapServer } from '../../../src/server.js';
import { reap } from '../../../storage/expiry.js';
import { CheckedArena } from '../../../storage/memory/arena.js';
import { Bytes } from '../../../storage/memory/bytes.js';
import { Arguments } from '../../fuzz/arguments.js';
import { seeded } from '../../random.js';

/** Commands that are about something else, or end what they run in. */
const LEFT_OUT =
  /^(shutdown|debug|monitor|quit|hello|auth|reset|save|bgsave|bgrewriteaof|waitaof|[ps]?(un)?subscribe|client\|.*|config\|.*|command\|.*|latency\|.*|memory\|.*|slowlog\|.*|lolwut|info|keys|sort_ro)$/;
const SELDOM = /^(flushall|flushdb|swapdb|select|move)$/;
const FILE_DATABASES = 3;

interface Row {
  readonly name: string;
  readonly words: readonly string[];
  readonly syntax: string;
  readonly group: string;
}

export interface MixedOptions {
  /** Whether fields of hashes get a TTL and there are queues and topics, which Redis 7.0 cannot load. */
  readonly fieldTtls: boolean;
  /** ms since the epoch at which it begins. */
  readonly now: number;
  readonly settings?: Partial<Settings>;
}

export class MixedWrites {
  now: number;
  readonly server: SynapServer;
  readonly args: Arguments;
  private readonly fieldTtls: boolean;
  private readonly rows: Row[] = [];
  private readonly clients: Client[] = [];
  private readonly inspector: Client;

  constructor(seed: number, { fieldTtls, now, settings }: MixedOptions) {
    this.now = now;
    this.fieldTtls = fieldTtls;
    const random = seeded(seed);
    this.server = new SynapServer(
      Object.assign(new Settings(), { loglevel: 'nothing', databases: FILE_DATABASES, save: [], ...settings }),
      { clock: () => this.now, random, write: () => {} },
    );
    this.server.failure = (command, error) => {
      throw new Error(`internal error in ${command.name}: ${error instanceof Error ? error.stack : String(error)}`);
    };
    this.watchArenas();
    const { byName } = this.server.commands;
    for (const command of byName.values()) {
      if (LEFT_OUT.test(command.name) || command.spec.reply === '') continue;
      if (!fieldTtls && /^(h.*expire.*|hsetex|hgetex|(queue|topic)\..*)$/.test(command.name)) continue;
      const { syntax } = command.spec;
      this.rows.push({ name: command.name, words: command.name.split('|'), syntax, group: command.group });
    }
    this.args = new Arguments(
      random,
      this.rows.map(({ syntax }) => syntax),
    );
    const { limits } = this.server.settings;
    const few = (): number => this.args.pick([4, 16, 128]);
    limits.hashMaxListpackEntries = few();
    limits.setMaxIntsetEntries = few();
    limits.setMaxListpackEntries = few();
    limits.zsetMaxListpackEntries = few();
    limits.listMaxListpackSize = this.args.pick([2, 5, 20, -1]);
    if (this.args.below(3) === 0) limits.valueCompressionThreshold = this.args.pick([100, 4000]);
    for (let i = 0; i < 3; i++) this.clients.push(this.client(i + 1));
    this.clients[2].db = this.server.databases[1];
    this.inspector = this.client(9);
  }

  private client(id: number): Client {
    const { server } = this;
    const client = new Client(id, server, new Reply(server.replies), server.databases[0], [], undefined);
    server.clients.set(id, client);
    return client;
  }

  /** Arenas that are new poison what is freed from now on. */
  private watchArenas(): void {
    for (const { space } of this.server.databases) {
      const { arena } = space;
      if (arena instanceof CheckedArena || arena.used !== 0) continue;
      Object.setPrototypeOf(arena, CheckedArena.prototype);
      Object.assign(arena, { blocks: new Map<number, number>() });
    }
  }

  /** Runs one command for one of the clients. @returns what it was answered */
  run(words: readonly string[], client = this.clients[0]): string {
    client.argv = words.map((word) => Bytes.from(word));
    client.argc = words.length;
    this.server.beginTurn();
    dispatch(client);
    const text = Buffer.from(client.out.buf.subarray(0, client.out.pos)).toString('latin1');
    client.out.taken(false);
    this.watchArenas();
    return text;
  }

  /** What DEBUG DIGEST says. */
  digest(): string {
    return this.run(['debug', 'digest'], this.inspector);
  }

  /** One change of some kind, or a few. */
  step(): void {
    const { args } = this;
    args.now = this.now;
    const client = args.pick(this.clients.filter(({ wait }) => wait === undefined));
    const dice = args.below(20);
    if (dice < 8) this.run(this.large(), client);
    else {
      let row = args.pick(this.rows);
      while (SELDOM.test(row.name) && args.below(30) > 0) row = args.pick(this.rows);
      this.run([...row.words, ...args.next(row.syntax, row.group)], client);
    }
    if (args.below(5) === 0) this.now += args.pick([0, 1, 10, 1000]);
    if (args.below(20) === 0) this.background();
  }

  /** What the server does by itself, and an end for who waits. */
  background(): void {
    const { server, args } = this;
    server.beginTurn();
    for (const { space } of server.databases) {
      reap(space, 0, 64);
      space.larges.freeDoomed(16);
    }
    server.blocking.expire();
    for (const client of this.clients) {
      if (client.wait !== undefined && args.below(2) === 0) server.blocking.unblock(client, false);
      client.out.taken(false);
    }
    if (this.clients.every(({ wait }) => wait !== undefined)) server.blocking.unblock(this.clients[0], false);
    if (args.below(4) !== 0) return;
    // A limit for a moment, below what is used: some keys are evicted.
    server.settings.maxmemory = Math.max(1, server.usedMemory() - args.below(20000));
    server.settings.maxmemoryPolicy = args.pick(['allkeys-lru', 'allkeys-random', 'volatile-ttl']);
    server.eviction.configure();
    server.eviction.makeRoom();
    server.settings.maxmemory = 0;
    server.eviction.configure();
  }

  /** Nothing that has expired is kept any more. */
  settle(): void {
    this.server.beginTurn();
    for (const { space } of this.server.databases) while (reap(space, 0, 1 << 20) > 0);
  }

  /** Deletes everything by command, and frees it. @returns what is left in the arenas that were watched from their beginning */
  clear(): string {
    for (const client of this.clients) {
      if (client.wait !== undefined) this.server.blocking.unblock(client, false);
      client.out.taken(false);
      this.run(['discard'], client);
    }
    let left = '';
    for (const db of this.server.databases) {
      const { space } = db;
      const keys: Bytes[] = [];
      const view = new Bytes();
      space.table.forEach((ref) => {
        keys.push(space.key(ref, view).copy());
      });
      for (const key of keys) db.delete(key);
      while (!space.larges.freeDoomed(1 << 20));
      const { arena } = space;
      const blocks = arena instanceof CheckedArena ? arena.blocks.size : 0;
      const outside = arena.outside - space.table.bytes;
      if (
        blocks +
          space.size +
          space.expires +
          space.fieldExpires +
          space.ownValues.size +
          space.larges.retainedBytes +
          outside !==
        0
      )
        left += `database ${db.index}: ${blocks} blocks, ${arena.used} bytes, ${outside} outside, ${space.size} keys, `;
    }
    return left;
  }

  /** Gives the keys that `large` changes values of some hundred elements. */
  fill(): void {
    const numbers = Array.from({ length: 300 }, (_, i) => i * 10);
    for (let i = 0; i < 4; i++) {
      this.run(['del', `H${i}`, `E${i}`, `Z${i}`, `L${i}`], this.inspector);
      this.run(['hset', `H${i}`, ...'a1b2c3d4', ...numbers.flatMap((n) => [`t${n}`, `v${n}`])], this.inspector);
      if (this.fieldTtls) this.fillQueue(i);
      if (this.fieldTtls) this.fillTopic(i);
      if (this.fieldTtls) this.run(['hpexpire', `H${i}`, this.ttl(), 'fields', '2', 'a', 't10'], this.inspector);
      this.run(['sadd', `E${i}`, ...numbers.map((n) => `t${n}`)], this.inspector);
      this.run(['zadd', `Z${i}`, ...numbers.flatMap((n) => [String(n), `t${n}`])], this.inspector);
      this.run(['rpush', `L${i}`, ...numbers.map((n) => `e${n}`)], this.inspector);
    }
  }

  private fillQueue(i: number): void {
    this.run(['del', `Q${i}`], this.inspector);
    this.run(['queue.create', `Q${i}`, 'retries', '1'], this.inspector);
    for (let n = 0; n < 100; n++) this.run(['queue.publish', `Q${i}`, `m${n}`], this.inspector);
  }

  private fillTopic(i: number): void {
    this.run(['del', `T${i}`], this.inspector);
    this.run(['topic.create', `T${i}`, 'partitions', '3', 'maxbytes', '20000', 'retention', '60000'], this.inspector);
    for (let n = 0; n < 100; n++) this.run(['topic.publish', `T${i}`, `event ${n}`], this.inspector);
    this.run(['topic.group.create', `T${i}`, 'g', 'timeout', '5000'], this.inspector);
  }

  /** Some change of a large topic. */
  private topic(which: string): string[] {
    const { args } = this;
    const member = (): string => args.pick(['ann', 'bob', 'cid']);
    const partition = (): string => String(args.below(3));
    return args.pick([
      ['topic.publish', `T${which}`, 'p'.repeat(args.below(500))],
      ['topic.publish', `T${which}`, 'p'.repeat(args.below(5000)), 'partition', '0', 'headers', '1', 'name', 'value'],
      ['topic.publish', `T${which}`, 'p', 'key', String(args.below(9)), 'type', 'some'],
      ['topic.group.join', `T${which}`, 'g', member()],
      ['topic.group.leave', `T${which}`, 'g', member()],
      [
        'topic.group.commit',
        `T${which}`,
        'g',
        member(),
        String(1 + args.below(9)),
        partition(),
        String(args.below(60)),
      ],
      ['topic.trim', `T${which}`, partition(), String(args.below(100))],
      args.pick([
        ['topic.group.create', `T${which}`, member(), 'start', 'latest', 'strategy', 'sticky'],
        ['topic.group.delete', `T${which}`, member()],
        ['copy', `T${which}`, `T${args.below(4)}`, 'replace'],
      ]),
    ]);
  }

  /** Some change of a large queue. */
  private queue(which: string): string[] {
    const { args } = this;
    const ids = (): string[] => Array.from({ length: args.pick([1, 5, 100]) }, () => String(1 + args.below(300)));
    return args.pick([
      ['queue.publish', `Q${which}`, 'p'.repeat(args.below(500)), 'priority', String(args.below(10))],
      ['queue.publish', `Q${which}`, 'p', 'delay', String(1 + args.below(2000)), 'ttl', '5000'],
      ['queue.publish', `Q${which}`, 'p', 'headers', '1', 'name', 'value'],
      ['queue.consume', `Q${which}`, args.pick(['ann', 'bob']), 'count', args.pick(['1', '40'])],
      ['queue.consume', `Q${which}`, 'cid', 'deadline', '10', 'count', '7'],
      ['queue.consume', `Q${which}`, 'cid', 'noack'],
      ['queue.ack', `Q${which}`, ...ids()],
      ['queue.nack', `Q${which}`, ...ids()],
      ['queue.nack', `Q${which}`, 'dead', ...ids()],
      args.pick([
        ['queue.dlq.requeue', `Q${which}`],
        ['queue.dlq.purge', `Q${which}`, ...ids()],
        ['queue.purge', `Q${which}`],
        ['copy', `Q${which}`, `Q${args.below(4)}`, 'replace'],
      ]),
    ]);
  }

  /** Milliseconds: soon, or not within the test. */
  private ttl(): string {
    return String(this.args.pick([0, 1_000_000, 1_000_000]) + this.args.below(3000));
  }

  private hash(): string {
    return this.args.pick(['h0', 'h1', 'H0', 'H1', 'H2', 'H3']);
  }

  /** Makes large values, and changes them. */
  private large(): string[] {
    const { args } = this;
    const n = args.pick([1, 3, 20, 400]);
    const which = String(args.below(4));
    const some = (prefix: string): string => `${prefix}${args.below(3000)}`;
    // Elements of the first nodes of a list, so that these fill up, are emptied, split and merged.
    const near = (): string => `e${args.below(20) * 10}`;
    const list = (prefix: string): string[] =>
      Array.from({ length: n }, () => some(prefix) + 'x'.repeat(args.below(30)));
    const texts = (): string[] => Array.from({ length: n }, () => some('t'));
    if (this.fieldTtls && args.below(8) === 0) return this.queue(which);
    if (this.fieldTtls && args.below(8) === 0) return this.topic(which);
    switch (args.below(18)) {
      case 0:
      case 1:
        return ['hset', `H${which}`, ...texts().flatMap((field) => [field, 'v'.repeat(args.below(40))])];
      case 2:
        return ['hdel', `H${which}`, ...texts()];
      case 3:
      case 4:
        return ['sadd', `E${which}`, ...texts()];
      case 5:
        return ['srem', `E${which}`, ...texts()];
      case 6:
        return ['zadd', `Z${which}`, ...texts().flatMap((member) => [String(args.below(1000) / 8), member])];
      case 7:
        return args.pick([
          ['zrem', `Z${which}`, ...texts()],
          ['zremrangebyrank', `Z${which}`, String(args.below(50)), String(args.below(200))],
          ['zincrby', `Z${which}`, '2.5', some('t')],
        ]);
      case 8:
      case 9:
        return [args.pick(['rpush', 'lpush']), `L${which}`, ...list('e')];
      case 10:
        return args.pick([
          ['lset', `L${which}`, String(args.below(2000) - 1000), 's'.repeat(args.below(200))],
          ['linsert', `L${which}`, 'before', near(), 'inserted'.repeat(1 + args.below(200))],
          ['linsert', `L${which}`, args.pick(['before', 'after']), near(), near()],
          ['linsert', `L${which}`, args.pick(['before', 'after']), near(), near()],
          ['lrem', `L${which}`, String(args.below(5) - 2), near()],
          ['lrem', `L${which}`, '1', near()],
          ['ltrim', `L${which}`, String(args.below(100)), '-20'],
          ['lpop', `L${which}`, String(args.below(300))],
          ['rpop', `L${which}`, String(args.below(100))],
          ['rpush', `L${which}`, 'p'.repeat(40000)],
          ['lmove', `L${which}`, `L${args.below(4)}`, 'left', 'right'],
        ]);
      case 11:
        // The last is still long when it is compressed.
        return args.pick([
          ['set', `S${which}`, 'b'.repeat(args.pick([100, 40000, 300000]))],
          ['set', `S${which}`, Array.from({ length: 20000 }, () => some('t')).join('')],
        ]);
      case 12:
        return args.pick([
          ['setrange', `S${which}`, String(args.below(400000)), 'w'.repeat(args.below(5000))],
          ['append', `S${which}`, 'a'.repeat(args.below(70000))],
        ]);
      case 13:
        return [
          args.pick(['rename', 'copy']),
          args.pick([...'HEZLS']) + which,
          args.pick([...'HEZLS']) + args.below(4),
        ];
      case 14:
        return ['mset', ...Array.from({ length: n }, () => [some('k'), some('v')]).flat()];
      case 15:
      case 16:
        return args.pick([
          ['hset', this.hash(), 'a', some('v'), 'b', some('v'), 'c', some('v')],
          ['hset', this.hash(), 'd', some('v')],
          ...(this.fieldTtls ? [['hpexpire', this.hash(), this.ttl(), 'fields', '3', ...'abc']] : []),
          ...(this.fieldTtls ? [['hpexpire', this.hash(), this.ttl(), 'fields', '2', 'a', 'd']] : []),
          ...(this.fieldTtls ? [['hsetex', this.hash(), 'px', this.ttl(), 'fields', '1', 'a', 'v']] : []),
          ...(this.fieldTtls ? [['hpersist', this.hash(), 'fields', '1', 'b']] : []),
        ]);
      default:
        return args.pick([
          ['del', args.pick([...'HEZLS']) + which],
          ['unlink', ...Array.from({ length: 10 }, () => some('k'))],
          ['pexpire', some('k'), String(args.below(3000))],
          ['pexpire', args.pick([...'HEZLS']) + which, String(args.below(20000))],
          ['sunionstore', `E${which}`, 'E0', 'E1'],
          ['zunionstore', `Z${which}`, '2', 'Z0', 'E1'],
          ['spop', `E${which}`, String(args.below(200))],
          ['move', some('k'), String(args.below(FILE_DATABASES))],
          ['move', args.pick([...'HEZLS']) + which, String(args.below(FILE_DATABASES))],
          ['copy', some('k'), some('k'), 'db', String(args.below(FILE_DATABASES)), 'replace'],
          ['copy', `H${which}`, `H${args.below(4)}`, 'db', String(args.below(FILE_DATABASES)), 'replace'],
        ]);
    }
  }
}
