/**
 * A log that was cut at any byte, or in which one bit is wrong: a server that starts on it holds exactly what it held after some step,
 * with everything that stands before the damage; or it does not start and says where the damage is. synap-check says the same of each,
 * and what it has repaired is loaded.
 *
 *   CRASH_FLIPS=10000 CRASH_CUTS=5000 CRASH_SEED=3 node dist/tests/crash/damage.test.js        a long run
 */
import t from 'tap';
import { Random } from '../../compat-suite/random/random.js';
import { DAMAGED, TORN, WHOLE } from '../../src/persistence/check.js';
import { SEGMENT_HEADER } from '../../src/persistence/segment.js';
import { baseName, changed, check, type FileMap, heldAt, load, type RecordedLog, record } from './recorded-log.js';

const FLIPS = Number(process.env.CRASH_FLIPS ?? 120);
const SEED = Number(process.env.CRASH_SEED ?? 1);
/** How many bytes at the end of the log are cut off one by one. */
const CUTS = Number(process.env.CRASH_CUTS ?? 60);
const STEPS = 120;
/** In a long run synap-check, which is slower than a start, is asked about each eighth flip. */
const CHECK_EACH = FLIPS > 1000 ? 8 : 1;
const LONG = 36_000_000;
t.setTimeout(LONG);

/** What an interrupted write leaves: the file ends at `length`, or, where zeros were written ahead, they go on from there. */
const INTERRUPTIONS: readonly (readonly [what: string, end: (bytes: Uint8Array, length: number) => Uint8Array])[] = [
  ['cut', (bytes, length) => bytes.subarray(0, length)],
  ['zero from there on', (bytes, length) => withZeros(bytes.subarray(0, length), 100_000)],
];

function withZeros(bytes: Uint8Array, zeros: number): Uint8Array {
  const longer = new Uint8Array(bytes.length + zeros);
  longer.set(bytes);
  return longer;
}

for (const [what, end] of INTERRUPTIONS)
  t.test(`the log ${what} at every byte of its end`, { timeout: LONG }, async (t) => {
    const log = await record({ seed: SEED, steps: STEPS, rewrite: false });
    const { files, last, marks } = log;
    const whole = files.get(last)!.length;
    let wrong = 0;
    for (let length = whole; length >= Math.max(0, whole - CUTS) && wrong < 5; length--) {
      const cut = changed(files, last, (bytes) => end(bytes, length));
      const wanted = heldAt(marks, length);
      const found = await load(cut);
      if (found.state !== wanted.state) {
        wrong++;
        t.equal(found.state ?? found.reason, wanted.state, `cut at ${length} of ${whole}`);
      }
      if (found.state === undefined) continue;
      const { verdict } = await check(cut);
      const torn =
        what === 'cut'
          ? length > wanted.length
          : files
              .get(last)!
              .subarray(wanted.length, length)
              .some((byte) => byte !== 0);
      if (verdict !== (torn ? TORN : WHOLE)) t.fail(`${what} at ${length}: synap-check says ${verdict}`);
      const left = found.disk.bytes(last)!.length;
      if (left !== wanted.length) t.fail(`cut at ${length}: ${left} bytes are left, must be ${wanted.length}`);
      // Once cut, it is whole: a server that accepts no torn log starts on it.
      if (length % 16 !== 0) continue;
      const strict = await load(new Map(files).set(last, found.disk.bytes(last)!), { aofLoadTruncated: false });
      if (strict.state !== wanted.state) t.equal(strict.state ?? strict.reason, wanted.state, `again after ${length}`);
    }
    t.equal(wrong, 0, `${Math.min(CUTS, whole)} cuts`);
  });

t.test('a torn log is refused when asked to', async (t) => {
  const { files, last, marks } = await record({ seed: SEED, steps: 10, rewrite: false });
  const torn = changed(files, last, (bytes) => bytes.subarray(0, bytes.length - 1));
  const { reason, disk } = await load(torn, { aofLoadTruncated: false });
  t.match(reason, baseName(last), 'the file');
  t.match(reason, String(heldAt(marks, files.get(last)!.length - 1).length), 'the offset');
  t.same(disk.bytes(last), torn.get(last), 'nothing is changed');
});

for (const rewrite of [false, true])
  t.test(`one bit is wrong, ${rewrite ? 'with' : 'without'} a base`, { timeout: LONG }, async (t) => {
    const log = await record({ seed: SEED + 1, steps: STEPS, rewrite });
    const names = [...log.files.keys()];
    const random = new Random(SEED);
    const counts = { refused: 0, before: 0, whole: 0 };
    const faults: string[] = [];
    for (let i = 0; i < FLIPS / 2 && faults.length < 8; i++) {
      // The manifest is short: it would seldom be hit by chance.
      const name = random.oneIn(20) ? names.find((one) => one.endsWith('.manifest'))! : random.pick(names);
      const at = random.below(log.files.get(name)!.length);
      const outcome = await flipped(log, name, at, random.below(8), i % CHECK_EACH === 0);
      if (outcome in counts) counts[outcome as keyof typeof counts]++;
      else faults.push(outcome);
    }
    t.same(faults, []);
    t.ok(counts.refused > 0, JSON.stringify(counts));
  });

/** What comes of one wrong bit: 'refused', 'before' (all before the damaged end is there), 'whole', or what is wrong with it. */
async function flipped(log: RecordedLog, name: string, at: number, bit: number, checked: boolean): Promise<string> {
  const damaged = changed(log.files, name, (bytes) => {
    bytes[at] ^= 1 << bit;
    return bytes;
  });
  const outcome = await started(log, damaged, name, at, bit);
  if (!checked) return outcome;
  const { verdict } = await check(damaged);
  const wanted = ({ refused: DAMAGED, before: TORN, whole: WHOLE } as Record<string, number>)[outcome] ?? verdict;
  if (verdict !== wanted) return `${baseName(name)} at ${at}, bit ${bit}: ${outcome}, but synap-check says ${verdict}`;
  return outcome === 'refused' && name.endsWith('.aof') ? repaired(log, damaged, name, at, bit) : outcome;
}

/** 'refused' when a server starts on what synap-check has repaired, and, where the last file was hit, holds all from before. */
async function repaired(log: RecordedLog, damaged: FileMap, name: string, at: number, bit: number): Promise<string> {
  const where = `${baseName(name)} at ${at}, bit ${bit}: repaired,`;
  const { verdict, files } = await check(damaged, true);
  if (verdict === DAMAGED && at < SEGMENT_HEADER) return 'refused'; // nothing is left of a segment without its header
  if (verdict !== WHOLE) return `${where} but synap-check says ${verdict}`;
  const { state, reason } = await load(files, { aofLoadTruncated: false });
  if (state === undefined) return `${where} but refused: ${reason}`;
  return name !== log.last || state === heldAt(log.marks, at).state ? 'refused' : `${where} but with other data`;
}

async function started(
  { files, last, marks }: RecordedLog,
  damaged: FileMap,
  name: string,
  at: number,
  bit: number,
): Promise<string> {
  const { state, reason, disk } = await load(damaged);
  const where = `${baseName(name)} at ${at}, bit ${bit}`;
  if (state === undefined) {
    for (const [file, bytes] of files)
      if (file !== name && Buffer.compare(disk.bytes(file) ?? new Uint8Array(0), bytes) !== 0)
        return `${where}: refused, but ${baseName(file)} was changed`;
    return reason.includes(baseName(name)) || name.endsWith('.manifest') ? 'refused' : `${where}: ${reason}`;
  }
  const end = marks[marks.length - 1];
  if (state === end.state) return 'whole';
  // Only the last frame may be taken for a torn one: nothing that was acknowledged follows it.
  const before = heldAt(marks, at);
  const next = marks.find((mark) => mark.length > at);
  if (name === last && state === before.state && next?.length === end.length) return 'before';
  const held = marks.findIndex((mark) => mark.state === state);
  return `${where}: started with ${held < 0 ? 'wrong data' : `the data of mark ${held} of ${marks.length - 1}`}`;
}
