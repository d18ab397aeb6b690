/**
 * World: a small server without sockets, all of whose commands are called with random arguments, and everything that must hold after
 * each of them, whatever it was:
 *
 *   one well-formed reply of the kind that the spec names | no internal error | an error has changed nothing, and nothing changes
 *   without being counted as dirty | a parked client has got no reply, and gets one when it is let go | bounded time and output
 *
 * and in the end: with all keys deleted, every block of the arenas is free again. Time moves only between commands.
 */
import { Client } from '../../commands/client.js';
import type { Command } from '../../commands/command.js';
import { dispatch } from '../../commands/dispatch.js';
import { Settings } from '../../commands/settings.js';
import { parseReply, type ReplyType } from '../../commands/spec/reply.js';
import { Reply } from '../../protocol/reply.js';
import { SynapServer } from '../../src/server.js';
import type { Database } from '../../storage/database.js';
import { letTimePass, reap } from '../../storage/expiry.js';
import { CheckedArena } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { ownDue } from '../../storage/value-due.js';
import { seeded } from '../random.js';
import { Arguments } from './arguments.js';
import { conforms, type Node, readReply } from './reply-check.js';

/** Commands that end or change the connection or the process, and those that answer other than with one reply. */
const LEFT_OUT =
  /^(shutdown|debug|monitor|quit|hello|auth|reset|sync|psync|replicaof|slaveof|failover|save|bgsave|bgrewriteaof|[ps]?(un)?subscribe|client\|(pause|kill|reply|no-evict)|config\|(set|rewrite)|acl\|(setuser|deluser|load|save)|replconf)(\||$)/;
/** Commands that would keep the keyspace empty if they came as often as others. */
const SELDOM = /^(flushall|flushdb|swapdb|select|move)$/;
const BULK_MAX = 1 << 20;
const OUTPUT_MAX = 1 << 27;
/** Processor time that no command on a small keyspace may take, ms. */
const TIME_MAX = 5000;
const DATABASES = 2;
/** How values are read for the digest, by TYPE. */
const READS: Readonly<Record<string, readonly string[]>> = {
  string: ['get KEY'],
  list: ['lrange KEY 0 -1'],
  set: ['smembers KEY'],
  zset: ['zrange KEY 0 -1 WITHSCORES'],
  hash: ['hgetall KEY'],
  queue: ['queue.peek KEY COUNT 10000', 'queue.dlq.list KEY', 'queue.info KEY'],
  topic: ['topic.info KEY', 'topic.read KEY FROM 0 0', 'topic.group.offsets KEY g'],
};

interface Row {
  readonly command: Command;
  readonly words: readonly string[];
  readonly reply: ReplyType;
}

export class World {
  /** How many commands ran. */
  count = 0;
  /** The commands that have worked, and those that have failed. */
  readonly worked = new Set<string>();
  readonly failed = new Set<string>();
  now = 1_700_000_000_000;
  readonly server: SynapServer;
  /** What is called. */
  readonly rows: Row[] = [];
  private readonly args: Arguments;
  private readonly clients: Client[] = [];
  private readonly inspector: Client;
  private readonly random: () => number;
  private defect: string | undefined = undefined;

  constructor(seed: number) {
    this.random = seeded(seed);
    const settings = new Settings();
    settings.databases = DATABASES;
    settings.loglevel = 'nothing';
    settings.save = [];
    settings.protoMaxBulkLen = BULK_MAX;
    this.server = new SynapServer(settings, { clock: () => this.now, random: this.random, write: () => {} });
    this.server.failure = (command, error) => {
      this.defect = `internal error in ${command.name}: ${error instanceof Error ? error.stack : String(error)}`;
    };
    for (const db of this.server.databases) watchArena(db);
    for (const command of this.server.commands.byName.values()) {
      if (LEFT_OUT.test(command.name) || command.spec.reply === '') continue;
      this.rows.push({ command, words: command.name.split('|'), reply: parseReply(command.spec.reply) });
    }
    this.args = new Arguments(
      this.random,
      this.rows.map((row) => row.command.spec.syntax),
    );
    for (let i = 1; i <= 2; i++) this.clients.push(this.client(i));
    this.inspector = this.client(3);
  }

  private client(id: number): Client {
    const { server } = this;
    const client = new Client(id, server, new Reply(server.replies), server.databases[0], [], undefined);
    server.clients.set(id, client);
    return client;
  }

  // ---- one epoch: settings at random, some keys, many commands, and what is left behind --------------------------------------------

  /** Runs `commands` commands. @throws an Error that tells the command and what was wrong with it */
  epoch(commands: number): void {
    const { limits } = this.server.settings;
    const few = (): number => this.args.pick([0, 1, 4, 16, 128]);
    limits.hashMaxListpackEntries = few();
    limits.setMaxIntsetEntries = few();
    limits.setMaxListpackEntries = few();
    limits.zsetMaxListpackEntries = few();
    limits.hashMaxListpackValue = limits.setMaxListpackValue = limits.zsetMaxListpackValue = this.args.pick([0, 8, 64]);
    limits.listMaxListpackSize = this.args.pick([1, 2, 5, -1, -2]);
    for (let i = 0; i < commands; i++) this.step();
    this.settle();
  }

  private step(): void {
    const client = this.clients[this.args.below(8) === 0 ? 1 : 0];
    client.out.resp = this.args.below(2) === 0 ? 2 : 3;
    this.args.now = this.now;
    if (this.args.below(20) === 0) this.populate(client);
    else this.random_(client);
    if (this.args.below(6) === 0) this.now += this.args.pick([0, 1, 10, 100, 5000, 100000]);
    if (this.args.below(50) === 0) this.background();
  }

  /** Some command with arguments of its kind. */
  private random_(client: Client): void {
    let row = this.args.pick(this.rows);
    while (SELDOM.test(row.command.name) && this.args.below(40) > 0) row = this.args.pick(this.rows);
    const words = [...row.words, ...this.args.next(row.command.spec.syntax, row.command.group)];
    this.run(client, words, row);
    if (client.wait !== undefined) this.letGo(client, row);
  }

  /** Puts several elements at once to some key. */
  private populate(client: Client): void {
    const n = 1 + this.args.below(60);
    const words = this.args.pick([
      ['rpush', this.args.key('l'), ...this.texts(n)],
      ['sadd', this.args.key('e'), ...this.texts(n)],
      ['sadd', this.args.key('e'), ...Array.from({ length: n }, (_, i) => String(i * 3))],
      ['hset', this.args.key('h'), ...this.texts(n * 2)],
      ['zadd', this.args.key('z'), ...this.texts(n).flatMap((text) => [String(this.args.below(20) / 2), text])],
      ['set', this.args.key('s'), this.args.text()],
      ['queue.create', this.args.key('q'), 'DEADLINE', String(1 + this.args.below(2000)), 'RETRIES', '1'],
      ['queue.publish', this.args.key('q'), ...this.texts(1), 'PRIORITY', String(this.args.below(10))],
      ['queue.publish', this.args.key('q'), ...this.texts(1), 'TTL', '2000', 'HEADERS', '1', ...this.texts(2)],
      ['queue.consume', this.args.key('q'), 'ann', 'COUNT', String(n)],
      ['queue.nack', this.args.key('q'), 'DEAD', ...Array.from({ length: n }, (_, i) => String(i + 1))],
      [
        'topic.create',
        this.args.key('t'),
        'PARTITIONS',
        '3',
        'RETENTION',
        '2000',
        'MAXLEN',
        String(1 + this.args.below(20)),
      ],
      ['topic.publish', this.args.key('t'), ...this.texts(1), 'KEY', ...this.texts(1)],
      ['topic.group.create', this.args.key('t'), 'g', 'TIMEOUT', String(1 + this.args.below(2000))],
      ['topic.group.join', this.args.key('t'), 'g', this.args.pick(['ann', 'bob'])],
      ['topic.group.commit', this.args.key('t'), 'g', 'ann', '1', '0', String(this.args.below(9))],
      ['pexpire', this.args.key(this.args.pick(['s', 'h', 'l'])), String(1 + this.args.below(3000))],
      [
        'hpexpire',
        this.args.key('h'),
        String(1 + this.args.below(3000)),
        'FIELDS',
        '2',
        this.args.text(),
        this.args.text(),
      ],
    ]);
    this.run(client, words, undefined);
  }

  private texts(n: number): string[] {
    return Array.from({ length: n }, () => this.args.text());
  }

  /** Does all that is due in values of our own types, so that the next command does not. */
  private passTime(): void {
    for (const { space } of this.server.databases) {
      const refs: number[] = [];
      space.table.forEach((ref) => {
        refs.push(ref);
      });
      const key = new Bytes();
      for (const ref of refs)
        while (ownDue(space, ref) <= space.now) letTimePass(space, ref, space.key(ref, key).copy());
    }
  }

  private background(): void {
    for (const { space } of this.server.databases) {
      reap(space, 0, 1 << 20);
      space.larges.freeDoomed(16);
    }
    this.server.blocking.expire();
    this.takeAll();
  }

  /** Deletes everything by command. What then is left in the arenas has leaked. */
  private settle(): void {
    this.now += 1;
    for (const client of this.clients) {
      client.out.resp = 2;
      this.run(client, ['discard'], undefined);
      this.run(client, ['unwatch'], undefined);
    }
    for (const [i, db] of this.server.databases.entries()) {
      for (const key of this.inspect(['keys', '*'], db).items) {
        this.inspector.db = db;
        this.execute(this.inspector, ['del', key.text]);
      }
      const { space } = db;
      reap(space, 0, 1 << 30);
      while (!space.larges.freeDoomed(1 << 20));
      const { arena } = space;
      const blocks = (arena as CheckedArena).blocks.size;
      const left = `${blocks} blocks, ${arena.used} bytes, ${arena.outside - space.table.bytes} outside, ${space.size} keys, ${space.expires} expires, ${space.fieldExpires + space.ownValues.size} values that expire`;
      if (!/^0 blocks, 0 bytes, 0 outside, 0 keys, 0 expires, 0 v/.test(left))
        throw new Error(`left in database ${i}: ${left}`);
    }
    for (const client of this.clients) client.db = this.server.databases[0];
  }

  // ---- one command ---------------------------------------------------------------------------------------------------------------

  private run(client: Client, words: readonly string[], row: Row | undefined): void {
    const checked = this.args.below(8) === 0;
    this.server.beginTurn();
    if (checked) this.passTime();
    const before = checked ? this.digest() : '';
    const { dirty } = this.server;
    const queued = client.gates !== 0;
    this.count++;
    if (process.env.FUZZ_TRACE !== undefined) process.stderr.write(`${this.count} ${shown(words)}\n`);
    try {
      const text = this.execute(client, words);
      if (client.wait !== undefined) {
        if (text !== '') throw new Error('parked, but with a reply');
        return;
      }
      const waits = queued && text === '+QUEUED\r\n';
      const node = this.judged(client, text, waits ? undefined : row);
      const wrong = node.type === '-';
      if (row !== undefined && !waits) (wrong ? this.failed : this.worked).add(row.command.name);
      if (wrong && this.server.dirty !== dirty) throw new Error(`${text}, but dirty`);
      if (checked && (wrong || this.server.dirty === dirty) && this.digest() !== before)
        throw new Error(wrong ? `changed something, but ${text}` : 'changed something without dirty');
      for (const db of this.server.databases) watchArena(db);
    } catch (e) {
      const said = e instanceof Error ? e.message : String(e);
      throw new Error(`command ${this.count}, RESP${client.out.resp}: ${shown(words)}\n${said}`);
    }
  }

  /** Runs `words` and takes the reply (latin1). */
  private execute(client: Client, words: readonly string[]): string {
    const from = process.cpuUsage();
    client.argv = words.map((word) => Bytes.from(word));
    client.argc = words.length;
    dispatch(client);
    const { user, system } = process.cpuUsage(from);
    if ((user + system) / 1000 > TIME_MAX) throw new Error('takes too long');
    return this.taken(client);
  }

  private taken(client: Client): string {
    const { out } = client;
    if (this.defect !== undefined) throw new Error(this.defect);
    if (out.pos > OUTPUT_MAX) throw new Error(`${out.pos} bytes of output`);
    const text = Buffer.from(out.buf.buffer, out.buf.byteOffset, out.pos).toString('latin1');
    out.taken(false);
    return text;
  }

  private judged(client: Client, text: string, row: Row | undefined): Node {
    const { resp } = client.out;
    const node = readReply(text, resp);
    if (node.type === '-' && !/^-[A-Z]+ [^\r\n]*\r\n$/.test(text)) throw new Error(`an error without a code: ${text}`);
    if (row === undefined || node.type === '-') return node;
    // A random argument may have been the name of a sub-command.
    const sub = client.command?.parent === row.command ? client.command : undefined;
    const reply = sub === undefined ? row.reply : parseReply(sub.spec.reply);
    if (!conforms(node, reply, resp))
      throw new Error(`answers ${JSON.stringify(text.slice(0, 300))}, not ${(sub ?? row.command).spec.reply}`);
    return node;
  }

  /** Ends the wait of a parked client in one of the ways there are. */
  private letGo(client: Client, row: Row): void {
    const other = this.clients[client === this.clients[0] ? 1 : 0];
    other.out.resp = client.out.resp;
    if (other.wait === undefined)
      for (let i = this.args.below(3); i > 0 && client.wait !== undefined; i--) this.populate(other);
    const parked = client.wait;
    if (parked !== undefined && parked.deadline < this.now + 1e6 && this.args.below(2) === 0) {
      this.now = Math.ceil(parked.deadline);
      this.server.beginTurn();
      this.server.blocking.expire();
      this.server.appendOnly.check();
    } else if (parked !== undefined) {
      const error = this.args.below(2) === 0;
      if (!this.server.blocking.unblock(client, error)) this.server.appendOnly.unblock(client, error);
    }
    if (client.wait !== undefined) throw new Error(`${row.command.name} still waits`);
    readReply(this.taken(client), client.out.resp);
  }

  /** Clients that were woken by somebody else. */
  private takeAll(): void {
    for (const client of this.clients) if (client.wait === undefined && client.out.pos > 0) this.taken(client);
  }

  // ---- what is in the databases ---------------------------------------------------------------------------------------------------

  /** All living keys with their values and times, without touching or expiring any. */
  private digest(): string {
    const parts: string[] = [];
    for (const db of this.server.databases) {
      const { space } = db;
      const { reaping, touching } = space;
      space.reaping = space.touching = false;
      const keys = this.inspect(['keys', '*'], db).items.map((item) => item.text);
      for (const key of keys.sort()) {
        const type = this.inspect(['type', key], db).text;
        // All of its fields have expired: the next who looks for it finds none.
        if (type === 'hash' && this.inspect(['hkeys', key], db).items.length === 0) continue;
        parts.push(key, type, this.inspect(['pexpiretime', key], db).text);
        for (const read of READS[type] ?? [])
          parts.push(
            sorted(
              this.inspect(
                read.split(' ').map((word) => (word === 'KEY' ? key : word)),
                db,
              ),
              type,
            ),
          );
        if (type === 'hash') parts.push(this.fieldTimes(key, db));
      }
      parts.push('|');
      space.reaping = reaping;
      space.touching = touching;
    }
    return JSON.stringify(parts);
  }

  private fieldTimes(key: string, db: Database): string {
    const fields = this.inspect(['hkeys', key], db)
      .items.map((item) => item.text)
      .sort();
    if (fields.length === 0) return '';
    const times = this.inspect(['hpexpiretime', key, 'fields', String(fields.length), ...fields], db);
    return times.items.map((item) => item.text).join();
  }

  private inspect(words: readonly string[], db: Database): Node {
    this.inspector.db = db;
    return readReply(this.execute(this.inspector, words), 2);
  }
}

function sorted(node: Node, type: string): string {
  const texts = node.items.length > 0 ? node.items.map((item) => item.text) : [node.text];
  if (type === 'set') texts.sort();
  if (type !== 'hash') return texts.join('\n');
  return texts
    .map((text, i) => (i % 2 === 0 ? `${text}=${texts[i + 1]}` : ''))
    .sort()
    .join('\n');
}

/** Makes the arena of a database that has none yet a checked one. */
function watchArena(db: Database): void {
  const { arena } = db.space;
  if (arena instanceof CheckedArena) return;
  if (arena.used !== 0) throw new Error('a new arena that is used already');
  Object.setPrototypeOf(arena, CheckedArena.prototype);
  Object.assign(arena, { blocks: new Map<number, number>() });
}

function shown(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word.length > 80 ? `${word.slice(0, 20)}…${word.length}` : word)).join(' ');
}
