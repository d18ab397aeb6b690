/**
 * The append-only file of a real redis-server, written by random commands of all families, replayed here: the same DEBUG DIGEST as
 * Redis has when it has loaded the file itself. Without redis-server there is nothing to replay, and the test says that it skips.
 *
 *   REPLAY_GROUPS=20000 REPLAY_SEED=7 node dist/tests/commands/replay-redis.test.js        a long run
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Replay, SELECTED } from '../../commands/replay.js';
import { loadFamily, randomFamilies } from '../../compat-suite/random/family.js';
import { Random } from '../../compat-suite/random/random.js';
import { expand, type Words } from '../../compat-suite/random/template.js';
import { StartedServer, stopAllOnExit } from '../../compat-suite/started-server.js';
import { RequestDecoder } from '../../protocol/request.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session } from './session.js';

const GROUPS = Number(process.env.REPLAY_GROUPS ?? 3000);
const SEED = Number(process.env.REPLAY_SEED ?? 1);
const FOLDER = new URL('../../../compat-suite/random/', import.meta.url);
const COMMAND =
  'redis-server --port {port} --dir {dir} --save "" --appendonly yes --aof-use-rdb-preamble no --enable-debug-command yes';
const PATIENCE_MS = 60_000;
/** What would end the test, or is no change. With unequal scores an interval of members depends on the encoding, in Redis too. */
const LEFT_OUT = /^(AUTH|HELLO|QUIT|CONFIG|CLIENT|.*LEX)$/;

function groups(): Words[] {
  const random = new Random(SEED);
  const templates = randomFamilies(FOLDER).flatMap((name) => [...loadFamily(FOLDER, name).commands]);
  const all: Words[] = [];
  for (let i = 0; i < GROUPS; i++) {
    for (const words of expand(random.pick(templates), random))
      if (!LEFT_OUT.test(words[0]) && !words.includes('BYLEX') && (!words[0].startsWith('FLUSH') || random.oneIn(10)))
        all.push(words);
    if (random.oneIn(10)) all.push(['SPOP', random.pick(['b', 'd']), '3']);
    if (random.oneIn(10)) all.push(['SADD', random.pick(['b', 'd']), ...expandMembers(random)]);
    if (random.oneIn(20)) all.push(['PEXPIRE', random.pick(['a', 'b', 'c']), random.pick(['1', '100000'])]);
  }
  return all;
}

function expandMembers(random: Random): string[] {
  return Array.from({ length: 1 + random.below(20) }, () => `m${random.below(50)}`);
}

const installed = spawnSync('redis-server', ['--version']).status === 0;
t.setTimeout(2 * PATIENCE_MS);
stopAllOnExit();

t.test(
  `the file of ${GROUPS} groups of commands, seed ${SEED}`,
  { skip: installed ? false : 'no redis-server', timeout: PATIENCE_MS },
  async (t) => {
    const redis = await StartedServer.start('redis', COMMAND);
    const { inspector } = redis;
    await inspector.ask(['DEBUG', 'SET-ACTIVE-EXPIRE', '0']);
    const all = groups();
    for (let i = 0; i < all.length; i += 100) {
      const some = all.slice(i, i + 100);
      for (const words of some) inspector.send(words);
      for (const _ of some) await inspector.next(PATIENCE_MS);
    }
    await inspector.ask(['DISCARD']);
    t.equal(await inspector.ask(['DEBUG', 'LOADAOF'], PATIENCE_MS), '+OK\r\n');
    const digest = (await inspector.ask(['DEBUG', 'DIGEST'], PATIENCE_MS)).slice(1, -2);
    const dir = join((await inspector.ask(['CONFIG', 'GET', 'dir'])).split('\r\n')[4], 'appendonlydir');
    const file = readFileSync(join(dir, readdirSync(dir).find((name) => name.endsWith('.incr.aof'))!));
    await redis.stop();

    const session = new Session({ enableDebugCommand: 'yes' });
    const replay = new Replay(session.server);
    const decoder = new RequestDecoder(() => new Bytes());
    decoder.feed(file, file.length);
    let count = 0;
    replay.begin();
    for (; decoder.next(); count++) {
      const error = replay.run(SELECTED, decoder.argv as Bytes[], decoder.argc);
      if (error !== undefined) t.fail(`${(decoder.argv as Bytes[]).slice(0, decoder.argc).join(' ')}: ${error}`);
    }
    replay.end();
    t.ok(count > GROUPS / 4, `${count} commands in ${all.length}`);
    t.notOk(replay.inTransaction);
    session.now = 0; // what has expired is part of the digest, as it is in Redis after loading
    t.equal(session.ask('DEBUG DIGEST'), digest);
  },
);
