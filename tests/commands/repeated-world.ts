/**
 * RepeatedWorld: two servers without sockets. One runs random commands of several clients, some of which wait, while time goes on and
 * keys and fields expire or are evicted; the other repeats what the first one tells, at whatever time, and must come to hold the same:
 * keys, values, encodings, expiry times of keys and fields, those that have passed included.
 */
import { Client } from '../../commands/client.js';
import { dispatch } from '../../commands/dispatch.js';
import { Replay } from '../../commands/replay.js';
import { Settings } from '../../commands/settings.js';
import { Random } from '../../compat-suite/random/random.js';
import { expand, type Template } from '../../compat-suite/random/template.js';
import { Reply } from '../../protocol/reply.js';
import { SynapServer } from '../../src/server.js';
import { reap } from '../../storage/expiry.js';
import { HashReader } from '../../storage/hash-reader.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { HASH, ZSET } from '../../storage/types.js';
import { seeded } from '../random.js';
import { DUMP, ON_EXPIRED, TEMPLATES } from './repeated-templates.js';

const DATABASES = 3;
const CLIENTS = 4;
/** The dataset of one world stays around that size (bytes) while eviction is on. */
const MAXMEMORY = 20_000;

/** More fields than several commands delete on their way, when they have expired. */
const MANY_FIELDS = 600;

interface Told {
  readonly db: number;
  readonly argv: Bytes[];
}

interface Asked {
  readonly client: number;
  readonly argv: Bytes[];
}

class Difference extends Error {
  constructor(
    readonly key: string,
    message: string,
  ) {
    super(message);
  }
}

export class RepeatedWorld {
  /** How many commands ran, and how many effects they and time have told. */
  commands = 0;
  effects = 0;
  /** How often a hash kept fields that had expired when the servers were compared. */
  hidden = 0;
  now = 1_700_000_000_000;
  readonly server: SynapServer;
  readonly other: SynapServer;
  private readonly replay: Replay;
  private readonly clients: Client[] = [];
  private readonly random: Random;
  /** SORT turns sorted sets into their big form, which is no change and is told to nobody. */
  private readonly sorts: boolean;
  private told: Told[] = [];
  /** The last commands and effects, for the message of a failure. */
  private readonly history: (Told | Asked | string)[] = [];

  /** @param evicts whether memory is limited */
  constructor(
    seed: number,
    evicts: boolean,
    private readonly families: readonly Template[],
  ) {
    this.random = new Random(seed);
    this.sorts = this.random.oneIn(2);
    this.server = this.make(seed, evicts);
    this.other = this.make(seed + 1, false);
    this.replay = new Replay(this.other);
    for (let i = 1; i <= CLIENTS; i++) {
      const { server } = this;
      const client = new Client(i, server, new Reply(server.replies), server.databases[0], [], undefined);
      server.clients.set(i, client);
      this.clients.push(client);
    }
    this.server.effects.start({
      take: (db, argv, argc) => {
        const copies = argv.slice(0, argc).map((arg) => arg.copy());
        const told = { db, argv: copies };
        this.told.push(told);
        this.note(told);
      },
    });
  }

  private make(seed: number, evicts: boolean): SynapServer {
    const settings = new Settings();
    Object.assign(settings, { databases: DATABASES, loglevel: 'nothing', enableDebugCommand: 'yes' });
    Object.assign(settings, { protoMaxBulkLen: 1 << 20 });
    if (evicts)
      Object.assign(settings, {
        maxmemory: MAXMEMORY,
        maxmemoryPolicy: this.random.pick(['allkeys-lru', 'allkeys-random', 'volatile-ttl', 'allkeys-lfu']),
      });
    const server = new SynapServer(settings, { clock: () => this.now, random: seeded(seed), write: () => {} });
    server.failure = (command, error) => {
      throw new Error(`internal error in ${command.name}: ${error instanceof Error ? error.stack : String(error)}`);
    };
    return server;
  }

  /** Runs about `count` commands, then compares. @throws an Error that tells what differs, after what */
  run(count: number): void {
    try {
      for (const end = this.commands + count; this.commands < end; ) this.step();
      this.repeatAndCompare();
    } catch (e) {
      const about = e instanceof Difference ? this.history.filter((entry) => concerns(entry, e.key)) : this.history;
      throw new Error(`${e instanceof Error ? e.stack : e}\n${about.slice(-60).map(line).join('\n')}`);
    }
  }

  private repeatAndCompare(): void {
    this.repeat();
    this.compare();
  }

  private step(): void {
    const { random, server } = this;
    const group = expand(random.pick(random.oneIn(2) ? TEMPLATES : this.families), random);
    const client = this.clients[random.oneIn(4) ? random.below(CLIENTS) : 0];
    if (random.oneIn(40)) this.restore(client);
    if (random.oneIn(120)) this.meetExpiredFields(client);
    for (const words of group) {
      if (words[0] === 'FLUSHALL' || words[0] === 'FLUSHDB') if (!random.oneIn(10)) continue;
      if (/^(AUTH|HELLO|QUIT|CONFIG)$/.test(words[0])) continue;
      this.execute(client, words);
    }
    if (random.oneIn(3)) this.now += random.pick([1, 5, 20, 150, 1000]);
    if (random.oneIn(10)) this.background();
    if (random.oneIn(20)) this.repeat();
    for (const waiting of this.clients)
      if (waiting.wait !== undefined && random.oneIn(6)) server.blocking.unblock(waiting, false);
  }

  /** Puts what DUMP gives of some key at another, for some time. */
  private restore(client: Client): void {
    const { random } = this;
    const [from, to] = expand(DUMP, random).map((words) => words[1]);
    const reply = this.execute(client, ['DUMP', from]);
    if (reply[0] !== '$' || reply[1] === '-') return;
    const payload = reply.slice(reply.indexOf('\r\n') + 2, -2);
    const time = random.pick([
      ['0'],
      ['1'],
      ['300'],
      [String(this.now + random.pick([-5, 5, 500])), 'ABSTTL'],
      ['4102444800123', 'ABSTTL'],
    ]);
    this.now += random.pick([0, 0, 20]);
    const options = random.pick([[], ['REPLACE'], ['REPLACE'], ['REPLACE', 'IDLETIME', '100'], ['FREQ', '7']]);
    this.execute(client, ['RESTORE', to, time[0], payload, ...time.slice(1), ...options]);
  }

  /** A hash of so many fields that have all expired that not all are deleted on the way to it, and commands that meet the rest. */
  private meetExpiredFields(client: Client): void {
    const { random } = this;
    const pairs = Array.from({ length: MANY_FIELDS }, (_, i) => [`f${i}`, String(i)]).flat();
    const fields = Array.from({ length: MANY_FIELDS }, (_, i) => `f${i}`);
    this.execute(client, ['DEL', 'c', 'l']);
    this.execute(client, ['ZADD', 'l', '0', 'c']);
    this.execute(client, ['HSET', 'c', 'lives', '1', ...pairs]);
    this.execute(
      client,
      random.pick([['HDEL', 'c', 'lives'], ['HPEXPIRE', 'c', '900', 'FIELDS', '1', 'lives'], ['PING']]),
    );
    this.execute(client, ['HPEXPIRE', 'c', '10', 'FIELDS', String(MANY_FIELDS), ...fields]);
    this.now += 15;
    for (let i = random.below(8); i > 0; i--) {
      const command = expand(random.pick(ON_EXPIRED), random)[0];
      this.execute(
        client,
        command.map((word) => word.replace(/FIELD(?!S)/, random.pick(fields))),
      );
    }
    if (client.wait === undefined) this.repeatAndCompare();
  }

  /** Runs a command, unless the client waits. @returns its reply, latin1 */
  private execute(client: Client, words: readonly string[]): string {
    if (client.wait !== undefined || (words[0].startsWith('SORT') && !this.sorts)) return '';
    this.commands++;
    client.argv = words.map((word) => Bytes.from(word));
    this.note({ client: client.id, argv: client.argv });
    client.argc = words.length;
    this.server.beginTurn();
    dispatch(client);
    this.server.endTurn();
    const reply = Buffer.from(client.out.buf.subarray(0, client.out.pos)).toString('latin1');
    for (const each of this.clients) each.out.taken(false);
    return reply;
  }

  /** What the server does by itself. */
  private background(): void {
    const { server, random } = this;
    server.beginTurn();
    server.pause.expire();
    server.blocking.expire();
    for (const { space } of server.databases) {
      if (!random.oneIn(3)) reap(space, 0, random.pick([1, 1 << 10]));
      space.larges.freeDoomed(1 << 10);
    }
    server.endTurn();
  }

  /** Repeats what was told: in one slice, at a time that has nothing to do with it. */
  private repeat(): void {
    const { replay, other } = this;
    this.note('(repeated)');
    other.beginTurn();
    const { dirty, stats } = other;
    const before = JSON.stringify([stats, other.attention, other.now]);
    replay.begin();
    for (const { db, argv } of this.told) {
      this.effects++;
      const error = replay.run(db, argv, argv.length);
      if (error !== undefined) throw new Error(`${argv.map(shown).join(' ')} (db ${db}): ${error}`);
    }
    replay.end();
    this.told = [];
    if (other.dirty !== dirty || JSON.stringify([stats, other.attention, other.now]) !== before)
      throw new Error('replay has left traces beside the dataset');
  }

  private compare(): void {
    // So that expired fields are seen.
    for (const { databases } of [this.server, this.other]) for (const { space } of databases) space.now = 0;
    const digests = [this.server, this.other].map((server) => this.digest(server));
    for (let i = 0; i < DATABASES; i++) {
      const ours = this.content(this.server, i, digests[0] !== digests[1]);
      const theirs = this.content(this.other, i, digests[0] !== digests[1]);
      for (const key of new Set([...ours.keys(), ...theirs.keys()]))
        if (ours.get(key) !== theirs.get(key))
          throw new Difference(key, `${key} in db ${i} is\n${ours.get(key)}\nbut was repeated as\n${theirs.get(key)}`);
    }
    if (digests[0] !== digests[1]) throw new Error(`DEBUG DIGEST ${digests.join(' and ')}`);
    for (const { databases, now } of [this.server, this.other]) for (const { space } of databases) space.now = now;
  }

  /** Of everything, or of the value at `key`. */
  private digest(server: SynapServer, key?: Bytes, db = server.databases[0]): string {
    const client = new Client(9, server, new Reply(server.replies), db, [], undefined);
    client.argv = [
      Bytes.from('debug'),
      ...(key === undefined ? [Bytes.from('digest')] : [Bytes.from('digest-value'), key]),
    ];
    client.argc = client.argv.length;
    dispatch(client);
    return Buffer.from(client.out.buf.subarray(0, client.out.pos)).toString('latin1');
  }

  /** Of each key its type, encoding, expiry and the expiry of its fields, whether they have passed or not; with `values` its digest. */
  private content(server: SynapServer, index: number, values: boolean): Map<string, string> {
    const db = server.databases[index];
    const { space } = db;
    const content = new Map<string, string>();
    const view = new Bytes();
    space.table.forEach((entry) => {
      const key = space.key(entry, view).toString();
      const parts = [`type ${space.type(entry)}`, `expires ${space.expireAt(entry)}`];
      if (space.type(entry) !== ZSET || !this.sorts) parts.push(encodingOf(db.encodingName(entry)));
      if (space.type(entry) === HASH) parts.push(this.fieldTimes(server, new HashReader(space).bind(entry)));
      content.set(key, parts.join(' '));
    });
    if (values)
      for (const [key, text] of content) content.set(key, `${text} ${this.digest(server, Bytes.from(key), db)}`);
    return content;
  }

  private fieldTimes(server: SynapServer, hash: HashReader): string {
    if (server === this.server && hash.due <= server.now) this.hidden++;
    const times: string[] = [];
    hash.begin();
    while (hash.next()) if (hash.expireAt >= 0) times.push(`${hash.field}:${hash.expireAt}`);
    return times.sort().join();
  }

  private note(line: Told | Asked | string): void {
    this.history.push(line);
    if (this.history.length > 5000) this.history.splice(0, 2500);
  }
}

/** INCRBYFLOAT leaves a string of digits, which is an integer where it is repeated, as in Redis. */
function encodingOf(name: string): string {
  return name === 'int' || name === 'embstr' ? 'short' : name;
}

/** Whether an entry of the history may have to do with a key. */
function concerns(entry: Told | Asked | string, key: string): boolean {
  if (typeof entry === 'string') return true;
  const words = entry.argv.map(String);
  return words.includes(key) || /^(FLUSH|SWAP|SELECT|MULTI|EXEC|DISCARD|CLIENT)/.test(words[0]);
}

function line(entry: Told | Asked | string): string {
  if (typeof entry === 'string') return entry;
  const words = entry.argv.map(shown).join(' ');
  return 'db' in entry ? `   db ${entry.db}: ${words}` : `${entry.client}> ${words}`;
}

function shown(arg: Bytes): string {
  const text = JSON.stringify(arg.toString());
  return text.length > 60 ? `${text.slice(0, 40)}...${arg.length}` : text;
}
