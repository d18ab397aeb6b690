/**
 * Damaged requests: whatever arrives, and in whatever pieces, the decoder gives the same commands and the same end, or throws a
 * ProtocolError; never another exception, a loop, or more memory than was sent.
 *
 *   FUZZ_FRAMES=1000000 FUZZ_SEED=7 node dist/tests/fuzz/request.test.js        a long run
 */
import t from 'tap';
import { seeded } from '../random.js';
import { decoding } from './decoding.js';
import { Frames } from './frames.js';

const FRAMES = Number(process.env.FUZZ_FRAMES ?? 5000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

const LONG = 3_600_000;
t.setTimeout(LONG);

t.test(`${FRAMES} damaged frames of seed ${SEED} mean the same however they are cut`, { timeout: LONG }, async (t) => {
  const random = seeded(SEED);
  const frames = new Frames(random);
  const ends = new Map<string, number>();
  for (let i = 0; i < FRAMES; i++) {
    const frame = frames.next();
    const unauthenticated = i % 5 === 0;
    const whole = decoding(frame, () => 1 << 30, unauthenticated);
    const unit = frame.length > 5000 ? 4000 : 1;
    const step = unit * (1 + frames.below(9));
    const cuts = [() => unit, () => 1 + frames.below(step * 4), () => step];
    for (const cut of cuts) {
      const pieces = decoding(frame, cut, unauthenticated);
      if (pieces !== whole) {
        t.equal(pieces, whole, `frame ${i}: ${JSON.stringify(frame.slice(0, 500))}`);
        return;
      }
    }
    const [, end] = JSON.parse(whole) as [string[][], string | boolean];
    const kind = typeof end === 'string' ? end.slice(0, 12) : end ? 'unfinished' : 'complete';
    ends.set(kind, (ends.get(kind) ?? 0) + 1);
  }
  t.ok(ends.size >= (FRAMES >= 5000 ? 9 : 3), `all kinds of ends: ${JSON.stringify([...ends])}`);
});
