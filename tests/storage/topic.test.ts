/** Topics against arrays: random events, retention and groups, in an arena that checks who owns which block. */
import t from 'tap';
import { LargeValues } from '../../storage/large.js';
import { blockBytes, CheckedArena } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Topic, type TopicSettings } from '../../storage/topic.js';
import { TopicCursor } from '../../storage/topic-cursor.js';
import type { TopicPartition } from '../../storage/topic-partition.js';
import { checkRecords, EventDraft, MAX_TIME } from '../../storage/topic-record.js';
import { seeded } from '../random.js';

interface Event {
  readonly offset: number;
  readonly time: number;
  readonly key: string | undefined;
  readonly type: string | undefined;
  readonly data: string;
  readonly headers: readonly string[];
}

/** What a partition should hold. */
class Model {
  events: Event[] = [];
  next = 0;

  get bytes(): number {
    return this.events.reduce((n, event) => n + size(event), 0);
  }
}

function count(n: number): number {
  return Math.max(1, Math.ceil((32 - Math.clz32(n)) / 7));
}

/** The bytes of an event's record, as topic-record.ts describes it. */
function size({ key, type, data, headers }: Event): number {
  let n = 7 + data.length;
  for (const field of [key, type, ...headers]) if (field !== undefined) n += count(field.length) + field.length;
  if (headers.length > 0) n += count(data.length) + count(headers.length / 2);
  return count(n) + n;
}

function draft({ key, type, data, headers }: Event): EventDraft {
  const made = new EventDraft();
  if (key !== undefined) made.key = Bytes.from(key);
  if (type !== undefined) made.type = Bytes.from(type);
  made.data = Bytes.from(data);
  made.headers = [Bytes.from('before'), ...headers.map((text) => Bytes.from(text)), Bytes.from('behind')];
  made.from = 1;
  made.to = 1 + headers.length;
  return made;
}

function read(partition: TopicPartition, offset: number, limit = Number.POSITIVE_INFINITY): Event[] {
  const cursor = new TopicCursor().seek(partition, offset);
  const events: Event[] = [];
  const view = new Bytes();
  while (events.length < limit && cursor.next()) {
    const { record } = cursor;
    const key = record.hasKey ? record.field(view).toString() : undefined;
    const type = record.hasType ? record.field(view).toString() : undefined;
    const data = record.data(view).toString();
    const headers: string[] = [];
    for (let left = 2 * record.headers(); left > 0; left--) headers.push(record.field(view).toString());
    events.push({ offset: cursor.offset, time: record.time, key, type, data, headers });
  }
  return events;
}

const SIZES = [0, 1, 5, 20, 127, 128, 300, 5000, 16_384, 70_000];

class Rig {
  readonly arena = new CheckedArena();
  readonly larges = new LargeValues();
  readonly topic: Topic;
  readonly models: Model[];
  now = 1_700_000_000_000;
  readonly random: () => number;

  constructor(
    readonly settings: TopicSettings,
    partitions: number,
    seed: number,
  ) {
    this.random = seeded(seed);
    this.topic = new Topic(this.arena, settings, partitions);
    this.models = Array.from({ length: partitions }, () => new Model());
  }

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  text(most: number): string {
    return String.fromCharCode(this.below(256)).repeat(Math.min(most, SIZES[this.below(SIZES.length)]));
  }

  append(index: number, long: number): void {
    const model = this.models[index];
    const event: Event = {
      offset: model.next++,
      time: this.now,
      key: this.below(2) === 0 ? this.text(200) : undefined,
      type: this.below(3) === 0 ? this.text(20) : undefined,
      data: this.text(long),
      headers: Array.from({ length: 2 * this.below(3) }, () => this.text(130)),
    };
    this.topic.append(index, draft(event), this.now);
    model.events.push(event);
    const { maxLen, maxBytes } = this.settings;
    while (maxLen > 0 && model.events.length > maxLen) model.events.shift();
    while (maxBytes > 0 && model.bytes > maxBytes) model.events.shift();
  }

  passTime(): void {
    for (const [i, model] of this.models.entries()) {
      const from = this.topic.retainedFrom(i, this.now, 3);
      const { retention } = this.settings;
      const living = model.events.filter((event) => event.time > this.now - retention);
      // Three blocks are looked at: what is told may be less than all, never more.
      if (retention === 0 || from > (living[0]?.offset ?? model.next)) throw new Error('too much would go');
      if (from === this.topic.partitions[i].firstOffset && living.length < model.events.length)
        throw new Error('nothing would ever go');
      const gone = this.topic.trim(i, from, this.larges);
      for (let left = gone; left > 0; left--) model.events.shift();
      if (this.topic.trim(i, from, this.larges) !== 0) throw new Error('gone twice');
    }
  }

  /** What is wrong, or ''. */
  flaw(): string {
    while (!this.larges.freeDoomed(3));
    let blocks = 0;
    for (const [i, model] of this.models.entries()) {
      const partition = this.topic.partitions[i];
      if (partition.nextOffset !== model.next) return 'the next offset';
      if (partition.events !== model.events.length) return `${partition.events} events for ${model.events.length}`;
      if (partition.firstOffset !== (model.events[0]?.offset ?? model.next)) return 'the first offset';
      if (partition.bytes !== model.bytes) return `${partition.bytes} bytes for ${model.bytes}`;
      if (partition.firstTime !== (model.events[0]?.time ?? Number.POSITIVE_INFINITY)) return 'the first time';
      const from = this.below(model.next + 1);
      const limit = 1 + this.below(20);
      const kept = model.events.filter((event) => event.offset >= from);
      if (partition.bytesFrom(Math.max(from, partition.firstOffset)) !== kept.reduce((n, event) => n + size(event), 0))
        return `bytes from ${from}`;
      const wanted = model.events.filter((event) => event.offset >= from).slice(0, limit);
      if (JSON.stringify(read(partition, from, limit)) !== JSON.stringify(wanted)) return `events from ${from}`;
      if (model.events.length === 0 && partition.blockCount > 0) return 'an empty partition that keeps a block';
      for (let b = partition.head; b < partition.blocks.length; b++) {
        const block = partition.blocks[b]!;
        if (this.arena.blocks.get(block.ref) !== blockBytes(block.capacity)) return 'a wrong capacity';
        blocks++;
      }
    }
    if (this.arena.blocks.size !== blocks) return `${this.arena.blocks.size} blocks for ${blocks}`;
    const { used, outside } = this.arena;
    return this.topic.bytes === used + outside ? '' : `bytes: ${this.topic.bytes} for ${used} + ${outside}`;
  }
}

const KINDS: readonly TopicSettings[] = [
  { retention: 0, maxBytes: 0, maxLen: 0 },
  { retention: 0, maxBytes: 0, maxLen: 7 },
  { retention: 0, maxBytes: 200_000, maxLen: 0 },
  { retention: 0, maxBytes: 100_000, maxLen: 50 },
  { retention: 1000, maxBytes: 0, maxLen: 0 },
  { retention: 300, maxBytes: 150_000, maxLen: 90 },
];

for (const [i, settings] of KINDS.entries())
  t.test(`retention ${settings.retention}, ${settings.maxBytes} bytes, ${settings.maxLen} events`, (t) => {
    for (const long of [30, 100_000]) {
      const rig = new Rig(settings, 1 + (i % 3), 77 + i);
      let flaw = '';
      for (let step = 0; step < 1500 && flaw === ''; step++) {
        rig.now += rig.below(20) === 0 ? rig.below(settings.retention + 1) : rig.below(3);
        rig.append(rig.below(rig.models.length), long);
        if (settings.retention > 0 && rig.below(4) === 0) rig.passTime();
        if (rig.below(200) === 0) {
          const at = rig.below(rig.models.length);
          const model = rig.models[at];
          const to = rig.below(model.next + 1);
          rig.topic.trim(at, to, rig.larges);
          model.events = model.events.filter((event) => event.offset >= to);
        }
        if (step % 10 === 0) flaw = rig.flaw();
      }
      t.equal(flaw, '');
      const offsets = rig.topic.partitions.map(({ nextOffset }) => nextOffset);
      for (const [at, model] of rig.models.entries()) {
        rig.topic.trim(at, model.next + 5, rig.larges);
        model.events = [];
      }
      t.equal(rig.flaw(), '', 'everything was dropped');
      rig.append(0, long);
      t.equal(rig.models[0].events.at(-1)?.offset ?? rig.models[0].next - 1, offsets[0], 'no offset comes again');
      t.equal(rig.flaw(), '');
      while (!rig.topic.free(2));
      t.equal(rig.arena.blocks.size, 0);
      t.equal(rig.arena.used + rig.arena.outside, 0);
    }
    t.end();
  });

t.test('what is read from the middle of a large partition', (t) => {
  const rig = new Rig(KINDS[0], 1, 5);
  const event = (n: number): Event => ({
    offset: n,
    time: n,
    key: undefined,
    type: undefined,
    data: `event ${n}`,
    headers: [],
  });
  const n = 50_000;
  for (let i = 0; i < n; i++) rig.topic.append(0, draft(event(i)), i);
  const [partition] = rig.topic.partitions;
  t.ok(partition.blockCount > 10);
  t.ok(partition.blockBytes < 1.1 * partition.bytes, 'little is wasted');
  for (const at of [0, 1, 4095, 20_000, n - 1]) t.same(read(partition, at, 1), [event(at)]);
  t.same(read(partition, n), []);
  t.equal(partition.firstAfter(29_999, 1000), 30_000);
  t.equal(partition.firstAfter(n, 1000), n);
  t.equal(partition.firstAfter(-1, 1000), 0);
  t.end();
});

t.test('much is dropped at once, and freed bit by bit', (t) => {
  const rig = new Rig(KINDS[0], 1, 5);
  for (let i = 0; i < 900; i++) rig.append(0, 100_000);
  const { arena, larges, topic } = rig;
  const { used } = arena;
  const bytes = topic.bytes;
  t.equal(topic.trim(0, 880, larges), 880);
  t.ok(topic.bytes < bytes / 4);
  t.equal(arena.used, used, 'nothing is freed yet');
  t.notOk(larges.freeDoomed(10));
  t.ok(arena.used < used && arena.used > topic.bytes);
  while (!larges.freeDoomed(10));
  t.equal(arena.used + arena.outside, topic.bytes);
  t.end();
});

t.test('records that are none', (t) => {
  const topic = new Topic(new CheckedArena(), KINDS[0], 1);
  const first: Event = { offset: 0, time: 5, key: 'k', type: 't', data: 'data', headers: ['a', 'b'] };
  topic.append(0, draft(first), 5);
  topic.append(0, draft({ ...first, offset: 1 }), MAX_TIME - 1);
  const [partition] = topic.partitions;
  const { ref, used } = partition.blocks[0]!;
  const u8 = topic.arena.u8[0].slice(ref << 4, (ref << 4) + used);
  t.equal(checkRecords(u8, 0, used, 2, 5), MAX_TIME - 1);
  t.equal(checkRecords(u8, 0, used, 1, 5), -1);
  t.equal(checkRecords(u8, 0, used, 3, 5), -1);
  t.equal(checkRecords(u8, 0, used - 1, 2, 5), -1);
  t.equal(checkRecords(u8, 0, used, 2, 6), -1, 'a time that goes back');
  const random = seeded(3);
  let sound = 0;
  for (let i = 0; i < 20_000; i++) {
    const damaged = u8.slice();
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--)
      damaged[Math.floor(random() * used)] = Math.floor(random() * 256);
    if (checkRecords(damaged, 0, used, 2, 0) < 0) continue;
    sound++;
    // What is taken for sound can be read to its end, and no further.
    const arena = new CheckedArena();
    const other = new Topic(arena, KINDS[0], 1);
    other.partitions[0].appendRecords(damaged, 0, used, 2, 0);
    const events = read(other.partitions[0], 0);
    if (events.length !== 2 || events.reduce((n, event) => n + size(event), 0) !== used) t.fail(`damage ${i}`);
  }
  t.ok(sound > 1000 && sound < 19_000);
  t.end();
});

t.test('the partition of a key is the same everywhere', (t) => {
  const topic = new Topic(new CheckedArena(), KINDS[0], 1024);
  // FNV-1a, 32 bits: the published values of '', 'a' and 'foobar'.
  t.equal(topic.partitionOf(Bytes.from('')), 0x811c9dc5 % 1024);
  t.equal(topic.partitionOf(Bytes.from('a')), 0xe40c292c % 1024);
  t.equal(topic.partitionOf(Bytes.from('foobar')), 0xbf9cf968 % 1024);
  t.end();
});
