/**
 * Damaged payloads with a checksum that is right: bits flipped, bytes changed, cut or doubled. Each gives an error, or a value that can be
 * read, written and read again; nothing is ever left in memory. FUZZ_PAYLOADS and FUZZ_SEED in the environment take more or others.
 */
import t from 'tap';
import { Limits } from '../../../storage/limits.js';
import { Session } from '../../commands/session.js';
import { seeded } from '../../random.js';
import { Bench } from './bench.js';
import { dataset, fieldExpiries, keysOf, noise } from './dataset.js';
import { bytes, double, intset, length, listpack, little, payload, string, ziplist, zipmap } from './forms.js';

const COUNT = Number(process.env['FUZZ_PAYLOADS'] ?? 6000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const FAR = 9_000_000_000_000;

t.setTimeout(3_600_000);

/** Bodies of payloads in all forms, none of them long: damage should hit what tells the form. */
function bodies(random: () => number): Uint8Array[] {
  const session = new Session();
  const data = [...dataset(random), ...fieldExpiries()];
  for (const command of data) session.ask(command);
  const all: Uint8Array[] = [];
  for (const compression of ['yes', 'no']) {
    session.ask(`config set rdbcompression ${compression}`);
    for (const key of keysOf(data))
      all.push(Buffer.from(session.ask(['dump', key]) as string, 'latin1').subarray(0, -10));
  }
  const entries = ['a', '', noise(random, 30), 'value'.repeat(20), '12'];
  const pairs = [['a', '1'] as const, ['b', noise(random, 300)] as const];
  all.push(
    bytes(1, 3, string('a'), 0xc0, 7, string('b')),
    bytes(3, 3, string('b'), 3, '2.5', string('a'), 255, string('c'), 254),
    bytes(5, 2, string('b'), double(2.5), string('a'), double(1)),
    bytes(9, string(zipmap(pairs, 2))),
    bytes(10, string(ziplist(...entries, [1n, 4], [300n, 16], [1n << 60n, 64]))),
    bytes(11, string(intset(4, -5, 70000, 80000))),
    bytes(12, string(ziplist('a', [1n, 4], 'b', '1.5'))),
    bytes(13, string(ziplist(...pairs.flat()))),
    bytes(14, 2, string(ziplist(...entries)), string(ziplist([9n, 4]))),
    bytes(16, string(listpack(...pairs.flat()))),
    bytes(17, string(listpack('a', 1, 'b', '2.5', 'c', 3))),
    bytes(18, 3, 2, string(listpack('a', 5)), 1, string('plain'), 2, string(listpack('z'))),
    bytes(20, string(listpack(...entries))),
    bytes(22, 2, length(1000), string('a'), string('1'), 0, string('b'), string('2')),
    bytes(23, string(listpack('a', 1, FAR, 'b', 2, 0))),
    bytes(24, little(FAR, 8), 2, 0, string('b'), string('2'), 1, string('a'), string('1')),
    bytes(25, little(FAR, 8), string(listpack('a', 1, FAR, 'c', 3, FAR + 9, 'b', 2, 0))),
  );
  return all;
}

function damaged(body: Uint8Array, random: () => number): Uint8Array {
  let bad = Buffer.from(body);
  // Near the beginning more often: there stands what the rest is.
  const place = (): number => Math.floor(random() ** 3 * bad.length);
  for (let n = 1 + Math.floor(random() * 3); n > 0 && bad.length > 0; n--) {
    const dice = random();
    if (dice < 0.5) bad[place()] ^= 1 << Math.floor(random() * 8);
    else if (dice < 0.7) bad[place()] = Math.floor(random() * 256);
    else if (dice < 0.85) bad = bad.subarray(0, place());
    else {
      const at = place();
      bad = Buffer.concat([bad.subarray(0, at + 1), bad.subarray(Math.max(0, at - Math.floor(random() * 8)))]);
    }
  }
  return bad;
}

for (const small of [false, true]) {
  t.test(`damaged payloads${small ? ' under tiny limits' : ''}`, (t) => {
    const random = seeded(SEED + (small ? 1000 : 0));
    const all = bodies(random);
    const limits = new Limits();
    if (small) Object.assign(limits, { hashMaxListpackEntries: 2, setMaxIntsetEntries: 2, setMaxListpackEntries: 2 });
    if (small) Object.assign(limits, { zsetMaxListpackEntries: 2, listMaxListpackSize: 2 });
    let bench = new Bench(limits);
    let errors = 0;
    for (let round = 0; round < COUNT; round++) {
      const body = damaged(all[round % all.length], random);
      const complaint = judge(bench, body);
      if (complaint === 'refused') errors++;
      else if (complaint !== undefined) {
        t.fail(`${complaint}: ${Buffer.from(body).toString('hex').slice(0, 2000)}`);
        bench = new Bench(limits);
      }
      if (round % 50 !== 49) continue;
      const leak = bench.leak();
      if (leak !== '') t.fail(`round ${round}: ${leak}`);
    }
    t.ok(errors > COUNT / 4 && errors < COUNT, `${errors} of ${COUNT} are refused`);
    t.equal(bench.leak(), '');
    t.end();
  });
}

/** What is wrong with what came of a payload: undefined when nothing is, 'refused' when nothing came of it. */
function judge(bench: Bench, body: Uint8Array): string | undefined {
  try {
    const error = bench.restore('k', payload(body, 12));
    if (error !== undefined) return 'refused';
    const shown = content(bench, 'k');
    const again = bench.restore('again', bench.dump('k'));
    if (again !== undefined) return `what was read is written as something that is refused: ${again}`;
    return content(bench, 'again') === shown ? undefined : `${shown} is not ${content(bench, 'again')}`;
  } catch (e) {
    return (e as Error).stack;
  }
}

/** What stands at a key without its form: a block with a long element is taken over as it is, but written as elements it is not. */
function content(bench: Bench, key: string): string {
  return bench.show(key).replace(/ \w+/, '');
}
