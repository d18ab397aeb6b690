/**
 * A capture holds what there was when it began, whatever changes between its steps: the file is loaded into another server and compared.
 * SNAPSHOT_ROUNDS and SNAPSHOT_SEED choose how many rounds there are and where they begin.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { ATTEND_CAPTURE } from '../../../commands/attention.js';
import type { SynapServer } from '../../../src/server.js';
import { Capture } from '../../../storage/capture.js';
import { HashReader } from '../../../storage/hash-reader.js';
import { Bytes } from '../../../storage/memory/bytes.js';
import { FINISHED, RdbFileReader } from '../../../storage/rdb/file-reader.js';
import { fileVersion, RdbFileWriter } from '../../../storage/rdb/file-writer.js';
import { RdbOutput } from '../../../storage/rdb/output.js';
import { NO_ACCESS } from '../../../storage/rdb/value-writer.js';
import { HASH } from '../../../storage/types.js';
import { LiveRedis } from '../../storage/rdb/live-redis.js';
import { MixedWrites } from './mixed-writes.js';

const ROUNDS = Number(process.env['SNAPSHOT_ROUNDS'] ?? 6);
const SEED = Number(process.env['SNAPSHOT_SEED'] ?? 1);
t.setTimeout(0);
const NOW = 1_700_000_000_000;
/** Later than the clock of a real server, to which nothing has expired then. */
const FUTURE = 4_000_000_000_000;
const SETTINGS = { enableDebugCommand: 'yes' } as const;

/** Every key with its times, and the digest of all values. */
function picture(mixed: MixedWrites): string[] {
  const lines: string[] = [];
  const view = new Bytes();
  for (const { index, space } of mixed.server.databases) {
    const hash = new HashReader(space);
    space.table.forEach((ref) => {
      let line = `${index} ${space.key(ref, view)} ${space.type(ref)} ${space.expireAt(ref)}`;
      if (space.type(ref) === HASH) {
        hash.bind(ref).begin();
        const times: string[] = [];
        while (hash.next()) if (hash.expireAt >= 0) times.push(`${hash.field}=${hash.expireAt}`);
        line += ` ${times.sort()}`;
      }
      lines.push(line);
    });
  }
  return [...lines.sort(), mixed.digest()];
}

function loaded(bytes: Uint8Array, now: number): MixedWrites {
  const other = new MixedWrites(1, { fieldTtls: true, now, settings: SETTINGS });
  const reader = new RdbFileReader(other.server.databases, { size: bytes.length });
  reader.push(bytes, bytes.length);
  reader.end();
  while (reader.step(1 << 20) !== FINISHED);
  return other;
}

/** Captures in tiny steps, with changes between them. @returns the file */
function captured(mixed: MixedWrites, changes: number): Uint8Array {
  const { server, args } = mixed;
  const out = new RdbOutput(args.below(2) === 0);
  const writer = new RdbFileWriter(out);
  writer.header(fileVersion(server.databases), []);
  const capture = new Capture(server.databases, writer, NO_ACCESS, true, {
    atOnce: args.pick([0, 2000, 1 << 16]),
    giantBytes: args.pick([0, 5000, 1 << 23]),
    giantNodes: args.pick([0, 3, 1 << 10]),
  });
  server.attention |= ATTEND_CAPTURE;
  while (!capture.step(1 + args.below(40), out.pos + 1 + args.below(3000)))
    for (let i = args.below(changes + 1); i > 0; i--) mixed.step();
  server.attention &= ~ATTEND_CAPTURE;
  writer.footer();
  if (capture.heldBytes !== 0) throw new Error(`${capture.heldBytes} bytes are still set aside`);
  return out.buf.slice(0, out.pos);
}

function notCapturing({ databases }: SynapServer): boolean {
  return databases.every(({ space }) => space.capture === undefined && space.larges.retainedBytes === 0);
}

t.test('the file is the dataset as it was when the capture began', (t) => {
  for (let seed = SEED; seed < SEED + ROUNDS && t.passing(); seed++) {
    const mixed = new MixedWrites(seed, { fieldTtls: true, now: NOW, settings: SETTINGS });
    for (let i = 0; i < 300; i++) mixed.step();
    for (const changes of [0, 3, 12]) {
      mixed.fill();
      mixed.settle();
      const before = picture(mixed);
      const { now } = mixed;
      const file = captured(mixed, changes);
      const after = picture(loaded(file, now));
      if (after.join() !== before.join()) t.same(after, before, `seed ${seed}, up to ${changes} changes a step`);
      if (!notCapturing(mixed.server)) t.fail(`seed ${seed}: something is still captured`);
    }
    const left = mixed.clear();
    if (left !== '') t.fail(`seed ${seed}: left in ${left}`);
  }
  t.pass(`${3 * ROUNDS} files`);
  t.end();
});

t.test('a real redis-server loads the file, and holds the same', async (t) => {
  const redis = await LiveRedis.start();
  for (let seed = SEED; seed < SEED + Math.ceil(ROUNDS / 5) && t.passing(); seed++) {
    const mixed = new MixedWrites(seed, { fieldTtls: false, now: FUTURE, settings: SETTINGS });
    for (let i = 0; i < 300; i++) mixed.step();
    mixed.fill();
    mixed.settle();
    const before = mixed.digest();
    writeFileSync(path.join(redis.folder, 'dump.rdb'), captured(mixed, 6));
    t.equal(await redis.ask('debug reload nosave'), 'OK', `seed ${seed}`);
    t.equal(`+${await redis.ask('debug digest')}\r\n`, before, `seed ${seed}`);
  }
  await redis.stop();
});
