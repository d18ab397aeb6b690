/**
 * What topics tell comes to the same elsewhere, at whatever time; and what is written to files comes back. TOPIC_STEPS and TOPIC_SEED make
 * it longer and other.
 */
import t from 'tap';
import { Replay } from '../../commands/replay.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Crc64 } from '../../storage/rdb/crc64.js';
import type { TopicValue } from '../../storage/topic-value.js';
import { TOPIC } from '../../storage/types.js';
import { seeded } from '../random.js';
import { Session, type Value } from './session.js';
import { TopicTraffic } from './topic-traffic.js';

const STEPS = Number(process.env.TOPIC_STEPS ?? 6000);
const SEED = Number(process.env.TOPIC_SEED ?? 1);
t.setTimeout(3_600_000);
const OPEN = { enableDebugCommand: 'yes' } as const;
const CRC = new Crc64();
const KEYS = ['s', 't', 'u', 'copy', 'other'];

interface Told {
  readonly db: number;
  readonly argv: Bytes[];
}

/** Lines of a session's effects, repeated on another one. */
class Repeated {
  readonly session = new Session(OPEN);
  private readonly told: Told[] = [];
  private readonly replay = new Replay(this.session.server);

  constructor(source: Session) {
    source.server.effects.start({
      take: (db, argv, argc) => this.told.push({ db, argv: argv.slice(0, argc).map((arg) => arg.copy()) }),
    });
  }

  /** Repeats what was told since the last time. @returns how much that was */
  catchUp(): number {
    const { told, replay } = this;
    const n = told.length;
    this.session.server.beginTurn();
    replay.begin();
    for (const { db, argv } of told) {
      const error = replay.run(db, argv, argv.length);
      if (error !== undefined) throw new Error(`${argv.map(String).join(' ')}: ${error}`);
    }
    replay.end();
    told.length = 0;
    return n;
  }
}

function digest(s: Session, key: string): Value {
  // Not by a command that would let time pass.
  return (s.ask(`debug digest-value ${key}`) as Value[])[0];
}

t.test(`${STEPS} random steps, repeated at another time`, { timeout: 3_600_000 }, (t) => {
  const random = seeded(SEED);
  const s = new Session(OPEN, 2, SEED);
  const other = new Repeated(s);
  const traffic = new TopicTraffic(s, random, ['s', 't', 'u']);
  let effects = 0;
  let trims = 0;
  let expired = 0;
  for (let i = 0; i < STEPS; i++) {
    traffic.step();
    if (random() > 0.02) continue;
    for (const event of s.events) {
      if (event.startsWith('topic.trim')) trims++;
      if (event.startsWith('topic.group.expire')) expired++;
    }
    other.session.now += Math.floor(random() * 5_000_000);
    effects += other.catchUp();
    other.session.now = s.now; // for keys with a TTL that nobody has met
    for (const key of KEYS) {
      if (s.server.databases[0].space.find(Bytes.from(key)) === 0) continue;
      const wanted = digest(s, key);
      if (digest(other.session, key) !== wanted) throw new Error(`${key} differs after ${i} steps of seed ${SEED}`);
      // And through a file's form.
      const dump = s.ask(`dump ${key}`) as string;
      if (s.server.databases[0].space.find(Bytes.from(key)) === 0) continue;
      const loaded = new Session(OPEN);
      loaded.ask(['restore', key, String(Math.max(0, s.ask(`pttl ${key}`) as number)), dump]);
      if (digest(loaded, key) !== digest(s, key)) throw new Error(`${key} was not loaded as it was after ${i} steps`);
    }
  }
  t.ok(effects > STEPS / 3, `${effects} effects`);
  t.ok(trims > 10, `${trims} times old events went`);
  t.ok(expired > 10, `${expired} members fell silent`);
  t.end();
});

t.test('members have all of their time again when the data was loaded', (t) => {
  const s = new Session(OPEN);
  const other = new Repeated(s);
  s.ask('topic.create t');
  s.ask('topic.group.create t g timeout 1000');
  s.ask('topic.group.join t g a');
  s.now += 999;
  other.catchUp();
  const dump = s.ask('dump t') as string;
  const loaded = new Session(OPEN);
  for (const there of [other.session, loaded]) {
    there.now = s.now + 1_000_000;
    if (there === loaded) there.ask(['restore', 't', '0', dump]);
    t.equal(there.ask('topic.group.heartbeat t g a 1'), 1);
    there.now += 999;
    t.equal(there.ask('topic.group.heartbeat t g a 1'), 1);
    there.now += 1000;
    t.match(there.ask('topic.group.heartbeat t g a 1'), /^-FENCED/);
  }
  t.end();
});

t.test('numbers that would come to more than a file can say are refused', (t) => {
  const beyond = Number.MAX_SAFE_INTEGER;
  const changes: Readonly<Record<string, (topic: TopicValue) => void>> = {
    'an offset': ({ partitions: [p] }) => (p.firstOffset = p.nextOffset = beyond),
    'a generation': ({ groups }) => (groups.get('g')!.generation = beyond),
    'the generation of groups to come': (topic) => (topic.generationFloor = beyond),
  };
  for (const [what, change] of Object.entries(changes)) {
    const s = new Session(OPEN);
    for (const line of ['topic.create t', 'topic.group.create t g', 'topic.group.join t g a']) s.ask(line);
    change(s.client.db.ownForWrite(Bytes.from('t'), TOPIC) as TopicValue);
    t.match(s.ask(['restore', 'u', '0', s.ask('dump t') as string]), /^-ERR Bad data format/, what);
  }
  t.end();
});

t.test('damaged dumps are refused, and whatever is taken is a sound topic', (t) => {
  const s = new Session(OPEN);
  s.ask('topic.create t partitions 3 maxlen 50');
  for (let i = 0; i < 40; i++) s.ask(`topic.publish t event-${i * 7919} KEY ${i} HEADERS 1 a ${i}`);
  s.ask('topic.group.create t g strategy sticky');
  s.ask('topic.group.join t g a');
  s.ask('topic.group.join t g b');
  const sound = s.ask('dump t') as string;
  const random = seeded(9);
  let taken = 0;
  for (let i = 0; i < 4000; i++) {
    const bytes = Buffer.from(sound, 'latin1');
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--)
      bytes[1 + Math.floor(random() * (bytes.length - 11))] = Math.floor(random() * 256);
    CRC.reset()
      .update(bytes, 0, bytes.length - 8)
      .digest(bytes, bytes.length - 8);
    const reply = s.ask(['restore', 'd', '0', bytes.toString('latin1')]);
    if (reply !== 'OK') {
      if (!/^-ERR (Bad data format|DUMP payload)/.test(String(reply))) throw new Error(String(reply));
      continue;
    }
    taken++;
    for (const line of [
      'topic.info d',
      'topic.read d from 0 0',
      'topic.publish d x PARTITION 0',
      'copy d e',
      'del d e',
    ])
      if (/^-ERR internal/.test(String(s.ask(line)))) throw new Error(`${line} after damage ${i}`);
    while (!s.server.databases[0].space.larges.freeDoomed(8));
  }
  t.ok(taken > 50 && taken < 3900, `${taken} were taken`);
  s.ask('del t');
  while (!s.server.databases[0].space.larges.freeDoomed(8));
  t.equal(s.server.databases[0].space.arena.used, 0);
  t.end();
});
