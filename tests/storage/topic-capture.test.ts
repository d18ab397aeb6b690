/** Topics that change while a snapshot writes them: the file holds what they were when it began, and no block is lost or freed twice. */
import t from 'tap';
import { ATTEND_CAPTURE } from '../../commands/attention.js';
import { Capture } from '../../storage/capture.js';
import { CheckedArena } from '../../storage/memory/arena.js';
import { FINISHED, RdbFileReader } from '../../storage/rdb/file-reader.js';
import { RdbFileWriter } from '../../storage/rdb/file-writer.js';
import { RdbOutput } from '../../storage/rdb/output.js';
import { NO_ACCESS } from '../../storage/rdb/value-writer.js';
import { Session, type Value } from '../commands/session.js';
import { TopicTraffic } from '../commands/topic-traffic.js';
import { seeded } from '../random.js';

const OPEN = { enableDebugCommand: 'yes' } as const;
const TOPICS = ['s', 't', 'u'];

class Rig {
  readonly s = new Session(OPEN);
  readonly random: () => number;
  readonly traffic: TopicTraffic;
  private readonly writer = new RdbFileWriter(new RdbOutput());

  constructor(seed: number) {
    this.random = seeded(seed);
    const { arena } = this.space;
    Object.assign(Object.setPrototypeOf(arena, CheckedArena.prototype), { blocks: new Map<number, number>() });
    this.traffic = new TopicTraffic(this.s, this.random, TOPICS);
  }

  get space() {
    return this.s.server.databases[0].space;
  }

  begin(giant: boolean): Capture {
    this.writer.header(10, []);
    const sizes = { atOnce: 0, giantBytes: giant ? 0 : 1 << 30, giantNodes: giant ? 0 : 1 << 30 };
    const capture = new Capture(this.s.server.databases, this.writer, NO_ACCESS, true, sizes);
    this.s.server.attention |= ATTEND_CAPTURE;
    return capture;
  }

  /** Writes one unit more. */
  step(capture: Capture): boolean {
    return capture.step(1, this.writer.out.pos + 1);
  }

  over(): void {
    this.s.server.attention &= ~ATTEND_CAPTURE;
  }

  /** The digest of what the file holds. */
  loaded(): Value {
    this.writer.footer();
    const other = new Session(OPEN);
    const reader = new RdbFileReader(other.server.databases);
    reader.push(this.writer.out.buf, this.writer.out.pos);
    reader.end();
    while (reader.step(1 << 20) !== FINISHED);
    return other.ask('debug digest');
  }

  /** Deletes everything. @returns what is left, in words; '' when that is nothing */
  leak(): string {
    const { s, space } = this;
    s.ask('del s t u copy other');
    while (!space.larges.freeDoomed(3));
    if (space.larges.retainedBytes !== 0) return `${space.larges.retainedBytes} bytes retained`;
    return space.arena.used === 0 ? '' : `${space.arena.used} bytes used`;
  }
}

for (const giant of [false, true])
  t.test(`random changes between the steps, ${giant ? 'giants' : 'large values'}`, (t) => {
    let held = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const rig = new Rig(seed);
      const { s, traffic } = rig;
      for (let i = 0; i < 1500; i++) traffic.step();
      const before = s.ask('debug digest');
      const capture = rig.begin(giant);
      for (let done = false; !done; ) {
        for (let n = rig.random() * 40; n > 0; n--) traffic.step();
        if (rig.random() < 0.01) s.ask('del t');
        if (rig.random() < 0.01) s.ask('unlink s');
        held = Math.max(held, capture.extraBytes);
        done = rig.step(capture);
      }
      rig.over();
      t.equal(rig.loaded(), before, `seed ${seed}`);
      t.equal(capture.heldBytes, 0);
      t.equal(rig.leak(), '');
    }
    t.ok(held > 10_000, 'something had to be held back');
    t.end();
  });

t.test('a long event is written in pieces, whatever becomes of it meanwhile', (t) => {
  const rig = new Rig(1);
  const { s } = rig;
  s.ask('topic.create t maxlen 3');
  for (const n of [10, 1_000_000, 300_000])
    s.ask(['topic.publish', 't', 'x'.repeat(n), 'HEADERS', '1', 'name', `v${n}`]);
  const before = s.ask('debug digest');
  const capture = rig.begin(false);
  let steps = 0;
  for (; !rig.step(capture); steps++) if (steps === 8) s.ask('topic.trim t 0 2');
  rig.over();
  t.ok(steps > 20, `${steps} steps`);
  t.equal(rig.loaded(), before);
  const dump = s.ask('dump t') as string;
  s.ask(['restore', 'u', '0', dump]);
  const [one, other] = s.ask('debug digest-value t u') as Value[];
  t.equal(one, other);
  t.equal(rig.leak(), '');
  t.end();
});

t.test('a snapshot that is given up leaves nothing behind', (t) => {
  for (let seed = 1; seed <= 12; seed++) {
    const rig = new Rig(seed);
    for (let i = 0; i < 1000; i++) rig.traffic.step();
    const capture = rig.begin(seed % 2 === 0);
    for (let n = seed; n > 0; n--) {
      rig.step(capture);
      for (let i = 0; i < 30; i++) rig.traffic.step();
    }
    if (seed % 3 === 0) rig.s.ask('del s t u');
    capture.end();
    rig.over();
    for (let i = 0; i < 200; i++) rig.traffic.step();
    t.equal(capture.heldBytes, 0);
    t.equal(rig.leak(), '');
  }
  t.end();
});

t.test('a large topic is written in many steps, each of them short', (t) => {
  const rig = new Rig(1);
  const { s } = rig;
  s.ask('topic.create t partitions 8');
  const data = 'x'.repeat(1000);
  for (let i = 0; i < 20_000; i++) s.ask(`topic.publish t ${data}${i}`);
  const before = s.ask('debug digest');
  const capture = rig.begin(true);
  s.ask('topic.trim t 0 2000');
  s.ask('topic.publish t more');
  let steps = 0;
  while (!rig.step(capture)) steps++;
  rig.over();
  t.ok(steps > 200, `${steps} steps`);
  t.equal(rig.loaded(), before);
  t.equal(rig.leak(), '');
  t.end();
});
