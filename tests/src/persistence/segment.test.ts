/** The format of segments: what is written is read, and what is not as it was written is judged rightly. */
import { randomBytes } from 'node:crypto';
import t from 'tap';
import { CommandReader } from '../../../src/persistence/command-reader.js';
import { FileCursor } from '../../../src/persistence/file-cursor.js';
import type { Files } from '../../../src/persistence/files.js';
import { FrameWriter } from '../../../src/persistence/frame-writer.js';
import { FRAME_HEADER, SEGMENT_HEADER, segmentHeader } from '../../../src/persistence/segment.js';
import { type Judgement, SegmentReader } from '../../../src/persistence/segment-reader.js';
import { Bytes } from '../../../storage/memory/bytes.js';
import { seeded } from '../../random.js';

const SEED = 0x12345678;

/** A file in memory. */
function cursor(bytes: Uint8Array): FileCursor {
  const files = {
    size: () => bytes.length,
    read: (_: number, buf: Uint8Array, start: number, n: number, at: number, done: (e: null, n: number) => void) => {
      buf.set(bytes.subarray(at, at + n), start);
      done(null, Math.min(n, bytes.length - at));
    },
  };
  return new FileCursor(files as unknown as Files, 0);
}

interface Read {
  readonly commands: string[];
  readonly sequence: number;
  readonly judgement: Judgement | undefined;
}

async function read(bytes: Uint8Array, sequence = -1): Promise<Read> {
  const reader = new SegmentReader(cursor(bytes), sequence);
  const commands: string[] = [];
  const words = new CommandReader();
  let found = (await reader.open()) ? reader.next() : 'bad';
  for (; found !== 'end' && found !== 'bad'; found = reader.next()) {
    if (found === 'more') {
      await (reader as unknown as { cursor: FileCursor }).cursor.more();
      continue;
    }
    words.set(reader.payload, reader.start, reader.end);
    while (words.next() === 'command') commands.push(words.argv.slice(0, words.argc).join(' '));
    if (words.pos !== words.end) throw new Error('no command');
  }
  return { commands, sequence: reader.sequence, judgement: found === 'bad' ? await reader.judge() : undefined };
}

/** Frames: each a list of lines; `safe` of frame i is i - behind - 1. */
function segment(frames: readonly (readonly string[])[], behind = 0, compress = false, first = 1): Uint8Array {
  const writer = new FrameWriter(first - 1, SEED);
  for (const lines of frames) {
    for (const line of lines) {
      const argv = line.split(' ').map((word) => Bytes.from(word));
      writer.add(0, argv, argv.length);
    }
    writer.close(Math.max(0, writer.sequence - 1 - behind), compress);
  }
  return Buffer.concat([segmentHeader(SEED), writer.buf.subarray(0, writer.pos)]);
}

const FRAMES = [['set a 1', 'set b 2'], ['del a'], ['rpush l x y z'], ['set c 3']];

t.test('frames come back', async (t) => {
  const whole = await read(segment(FRAMES));
  t.same(whole.commands, [
    'SELECT 0',
    'set a 1',
    'set b 2',
    'SELECT 0',
    'del a',
    'SELECT 0',
    'rpush l x y z',
    'SELECT 0',
    'set c 3',
  ]);
  t.equal(whole.sequence, 4);
  t.equal(whole.judgement, undefined);
  t.same((await read(segment([]))).commands, []);
  const long = [`set big ${'abc'.repeat(1_000_000)}`];
  for (const compress of [false, true]) {
    const bytes = segment([long, ...FRAMES, long], 0, compress);
    t.equal(bytes.length < 1_000_000, compress);
    t.same(
      (await read(bytes)).commands.filter((line) => line.startsWith('set big')),
      [long[0], long[0]],
    );
  }
  const high = segment(FRAMES, 0, false, 2 ** 40 + 5);
  t.equal((await read(high)).sequence, 2 ** 40 + 8);
  t.equal((await read(high, 2 ** 40 + 4)).sequence, 2 ** 40 + 8);
  t.match((await read(high, 7)).judgement?.reason, /frame 1099511627781 follows frame 7/);
});

t.test('cut at every byte, it is torn there', async (t) => {
  const bytes = segment(FRAMES);
  const all = (await read(bytes)).commands;
  for (let n = 0; n < bytes.length; n++) {
    const { commands, judgement } = await read(bytes.slice(0, n));
    if (judgement === undefined) continue; // between two frames
    if (!judgement.torn || judgement.at > n) t.fail(`cut at ${n}: ${JSON.stringify(judgement)}`);
    t.same(commands, all.slice(0, commands.length));
  }
});

t.test('a flipped bit never gives anything else, and in the middle it is damage', async (t) => {
  const bytes = segment(FRAMES);
  const all = (await read(bytes)).commands;
  const lastFrame =
    bytes.length - (FRAME_HEADER + '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nset\r\n$1\r\nc\r\n$1\r\n3\r\n'.length);
  for (let at = 0; at < bytes.length; at++)
    for (let bit = 0; bit < 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] ^= 1 << bit;
      const { commands, judgement } = await read(flipped);
      const right = judgement?.torn === at >= lastFrame && commands.join() === all.slice(0, commands.length).join();
      if (!right) t.fail(`bit ${bit} of byte ${at}: ${JSON.stringify(judgement)} ${commands}`);
    }
  t.pass();
});

t.test('what a failure of power leaves of what was not synced is torn, but not when it was', async (t) => {
  const long = Array.from({ length: 40 }, (_, i) => [`set k${i} ${randomBytes(300).toString('hex')}`]);
  for (const [behind, torn] of [
    [100, true],
    [0, false],
  ] as const) {
    const bytes = segment(long, behind);
    bytes.fill(0, 4096, 8192);
    const { commands, judgement } = await read(bytes);
    t.equal(judgement?.torn, torn);
    t.ok(commands.length > 8 && commands.length < 16);
  }
  const tail = segment(long, 100);
  tail.fill(0, 20_000);
  t.equal((await read(tail)).judgement?.torn, true);
  t.equal((await read(new Uint8Array(4096))).judgement?.torn, true, 'nothing of it has reached the disk');
  t.equal((await read(Buffer.from('SYNAPLOG'.padEnd(100, 'x')))).judgement?.torn, false);
  const version = segmentHeader(SEED);
  version[8] = 9;
  t.equal((await read(version)).judgement?.torn, false);
});

t.test('a frame of another segment in a value is no frame of this one', async (t) => {
  const other = segment(FRAMES).slice(SEGMENT_HEADER);
  other[9] = 1;
  const writer = new FrameWriter(0, 77);
  for (let i = 0; i < 3; i++) {
    writer.add(0, [Bytes.from('set'), Bytes.from('k'), new Bytes().set(other, 0, other.length)], 3);
    writer.close(i, false);
  }
  const bytes = Buffer.concat([segmentHeader(77), writer.buf.subarray(0, writer.pos)]);
  t.equal((await read(bytes.subarray(0, bytes.length - 5))).judgement?.torn, true);
});

t.test('commands of all sizes in buffers of all sizes', (t) => {
  const random = seeded(5);
  for (let round = 0; round < 200; round++) {
    const writer = new FrameWriter(0, SEED);
    const words = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      Bytes.from('w'.repeat(Math.floor(random() * (random() < 0.1 ? 100_000 : 120)))),
    );
    for (let i = 0; i < 20; i++) writer.add(i % 3, words, words.length);
    const reader = new CommandReader();
    reader.set(writer.buf, FRAME_HEADER, writer.pos);
    let n = 0;
    while (reader.next() === 'command')
      if (reader.argv[0].toString() !== 'SELECT') {
        if (reader.argc !== words.length || words.some((word, i) => !word.equals(reader.argv[i])))
          t.fail('other words');
        n++;
      }
    if (n !== 20 || reader.pos !== writer.pos) t.fail(`${n} commands`);
    for (const cut of [1, 2, 3, 50]) {
      reader.set(writer.buf, FRAME_HEADER, Math.max(FRAME_HEADER, writer.pos - cut));
      let last = reader.next();
      while (last === 'command') last = reader.next();
      if (last !== 'more') t.fail(`cut by ${cut}: ${last}`);
    }
  }
  const reader = new CommandReader();
  for (const bad of [
    'x',
    '*x\r\n',
    '*1\r\nx',
    '*1\r\n$1\r\nab\r\n',
    '*-1\r\n',
    '*1\r\r',
    '*99999999999999999999999999',
    '*0\r\n',
  ]) {
    const bytes = Buffer.from(bad);
    reader.set(bytes, 0, bytes.length);
    t.equal(reader.next(), 'bad', bad);
  }
  const note = Buffer.from('#TS:12345\r\n*1\r\n$4\r\nPING\r\n');
  reader.set(note, 0, note.length);
  t.equal(reader.next(), 'command');
  t.equal(reader.argc, 0);
  t.equal(reader.next(), 'command');
  t.equal(reader.argv[0].toString(), 'PING');
  t.end();
});
