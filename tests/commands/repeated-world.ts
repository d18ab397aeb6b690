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
import { expand, parseTemplate, type Template } from '../../compat-suite/random/template.js';
import { Reply } from '../../protocol/reply.js';
import { SynapServer } from '../../src/server.js';
import { reap } from '../../storage/expiry.js';
import { HashReader } from '../../storage/hash-reader.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { HASH } from '../../storage/types.js';
import { seeded } from '../random.js';

const DATABASES = 3;
const CLIENTS = 4;
/** The dataset of one world stays around that size (bytes) while eviction is on. */
const MAXMEMORY = 20_000;

/** What the families of the compatibility suite seldom or never ask: short lives, waiting, and what Redis 7.0 does not know. */
const TEMPLATES = `
3x SET $key $value (PX|EX) (1|20|300)
2x SET $key $number (PX 30|KEEPTTL|GET|NX|XX)+
4x PEXPIRE $key (1|20|200|3000) (NX|XX|GT|LT)?
2x EXPIRE $key (1|2) (NX|XX|GT|LT)?
2x GETEX $key (PX 20|EX 1|PERSIST|EXAT 1)
PSETEX $key (1|30) $value
GETDEL $key
GETSET $key $value
3x INCRBYFLOAT $key $double
2x HINCRBYFLOAT $key $field $double
3x SPOP $key $small
2x SPOP $key
3x SADD $key $many
SPOP $key 50
2x SORT $key (BY w*|BY *->f1|BY *|BY nosort) (ALPHA|DESC|GET #|GET *->f2|LIMIT 0 5)* STORE $key
4x HSET $key ($field $value)+
2x HSET $key $manypairs
5x HPEXPIRE $key (1|20|200|2000) (NX|XX|GT|LT)? FIELDS 3 f1 $field f3
2x HEXPIRE $key 1 FIELDS 2 f1 f2
HPEXPIRE $key 15 FIELDS 20 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19
HPEXPIREAT $key (1|4102444800123) FIELDS 2 f1 $field
3x HPERSIST $key FIELDS 2 f1 $field
3x HGETEX $key (PX 20|EX 1|PERSIST|EXAT 1|PXAT 4102444800123) FIELDS 2 f1 $field
2x HGETDEL $key FIELDS 2 f2 $field
4x HSETEX $key (FNX|FXX)? (PX 20|EX 1|KEEPTTL|PXAT 4102444800123|EXAT 1)? FIELDS 2 f1 $value $field $value
2x HSETNX $key $field $value
3x HINCRBY $key $field $int
2x HSET $key $field $number ; HINCRBY $same $field $number ; HINCRBYFLOAT $same $field 0.5
3x HDEL $key $field $field
2x BLPOP $key $key 0.03
2x BRPOP $key 0
2x BLMOVE $key $key (LEFT|RIGHT) (LEFT|RIGHT) 0
BRPOPLPUSH $key $key 0.2
2x BLMPOP 0 2 $key $key (LEFT|RIGHT) COUNT $small
2x BZPOPMIN $key $key 0
BZPOPMAX $key 0.05
2x BZMPOP 0 2 $key $key (MIN|MAX) COUNT $small
3x RPUSH $key ($value)+
3x ZADD $key ($double $member)+
MULTI ; SET $key $value PX 20 ; SPOP $key ; BLPOP $key 0 ; HPEXPIRE $key 20 FIELDS 1 f1 ; INCRBYFLOAT $key 1.5 ; EXEC
MULTI ; RPUSH $key $many ; ZADD $key 1 a ; EXEC
MULTI ; CLIENT PAUSE 30 WRITE ; INCR $key ; SUNIONSTORE $key $key $key ; RPUSH $key a ; EXEC
SELECT (0|1|2)
MOVE $key (0|1|2)
COPY $key $key DB (0|1|2) (REPLACE)?
SWAPDB (0|1) (1|2)
RENAME $key $key
DEBUG POPULATE 3 $key
GET $key
HGETALL $key
SMEMBERS $key
`
  .trim()
  .split('\n')
  .map(parseTemplate)
  .flatMap((template) => new Array<Template>(template.weight).fill(template));

/** What may meet fields that have expired in the hash `c`. */
const ON_EXPIRED = `
HSETNX c FIELD $value
HINCRBY c FIELD 1
HINCRBYFLOAT c FIELD 0.5
HSETEX c (FNX|FXX|KEEPTTL|KEEPTTL|PX 20)? FIELDS 2 FIELD $value FIELD $value
2x HPERSIST c FIELDS 2 FIELD lives
HDEL c FIELD FIELD lives
HGETDEL c FIELDS 2 FIELD lives
HGETEX c (PERSIST|PX 20) FIELDS 2 FIELD lives
HPEXPIRE c 30 (NX|XX|GT|LT)? FIELDS 2 FIELD lives
HSET c FIELD $value FIELD $value
HMSET c FIELD $value
COPY c b REPLACE
RENAME c d
EXPIRE c 100
2x SORT l BY nosort GET *->FIELD STORE e
`
  .trim()
  .split('\n')
  .map(parseTemplate)
  .flatMap((template) => new Array<Template>(template.weight).fill(template));
const MANY_FIELDS = 900;

interface Told {
  readonly db: number;
  readonly argv: Bytes[];
}

interface Asked {
  readonly client: number;
  readonly argv: Bytes[];
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
  private told: Told[] = [];
  /** The last commands and effects, for the message of a failure. */
  private readonly history: (Told | Asked | string)[] = [];
  private encodingsFree = new Set<string>();

  constructor(
    seed: number,
    private readonly families: readonly Template[],
  ) {
    this.random = new Random(seed);
    this.server = this.make(seed, this.random.oneIn(3));
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
      throw new Error(`${e instanceof Error ? e.stack : e}\n${this.history.slice(-60).map(line).join('\n')}`);
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
    if (random.oneIn(90)) this.meetExpiredFields(client);
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

  private execute(client: Client, words: readonly string[]): void {
    if (client.wait !== undefined) return;
    this.commands++;
    client.argv = words.map((word) => Bytes.from(word));
    this.note({ client: client.id, argv: client.argv });
    client.argc = words.length;
    this.server.beginTurn();
    dispatch(client);
    this.server.endTurn();
    for (const each of this.clients) each.out.taken(false);
    if (words[0] === 'SORT') for (const word of words) this.encodingsFree.add(word);
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
    for (let i = 0; i < DATABASES; i++) {
      const ours = this.content(this.server, i);
      const theirs = this.content(this.other, i);
      for (const key of new Set([...ours.keys(), ...theirs.keys()]))
        if (ours.get(key) !== theirs.get(key))
          throw new Error(`${key} in db ${i} is\n${ours.get(key)}\nbut was repeated as\n${theirs.get(key)}`);
    }
    const digests = [this.server, this.other].map((server) => this.digest(server));
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

  /** Of each key its type, encoding, expiry and the expiry of its fields, whether they have passed or not. */
  private content(server: SynapServer, index: number): Map<string, string> {
    const db = server.databases[index];
    const { space } = db;
    const content = new Map<string, string>();
    const view = new Bytes();
    space.table.forEach((entry) => {
      const key = space.key(entry, view).toString();
      const parts = [`type ${space.type(entry)}`, `expires ${space.expireAt(entry)}`];
      if (!this.encodingsFree.has(key)) parts.push(encodingOf(db.encodingName(entry)));
      if (space.type(entry) === HASH) parts.push(this.fieldTimes(server, new HashReader(space).bind(entry)));
      content.set(key, parts.join(' '));
    });
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
    if (this.history.length > 500) this.history.splice(0, 250);
  }
}

/** INCRBYFLOAT leaves a string of digits, which is an integer where it is repeated, as in Redis. */
function encodingOf(name: string): string {
  return name === 'int' || name === 'embstr' ? 'short' : name;
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
