/**
 * A topic whose server is killed while producers publish and members of a group join, read, commit, fall silent and come back: at the end
 * every acknowledged event was given to the group, none to two members in one generation, and no committed offset has gone back.
 *
 *   TOPIC_EVENTS=1000000 TOPIC_SEED=7 node dist/tests/crash/topic.test.js       a long run
 *   TOPIC_KILLS=20                                                              how often the server is killed meanwhile
 *
 * What no answer has come for may be there or not. An event may be given again to who goes on after a member that did not commit.
 */
import t from 'tap';
import { Random } from '../../compat-suite/random/random.js';
import { ServerProcess } from './server-process.js';
import { line, pause } from './target.js';
import { GROUP, Member, observe, produce, TOPIC } from './topic-crew.js';
import { TopicLedger } from './topic-ledger.js';

const EVENTS = Number(process.env.TOPIC_EVENTS ?? 5000);
const SEED = Number(process.env.TOPIC_SEED ?? 1);
const KILLS = Number(process.env.TOPIC_KILLS ?? 4);
const PARTITIONS = 6;
const PRODUCERS = 4;
const FLIGHT = Math.min(64, Math.ceil(EVENTS / 500));
const MEMBERS = ['ann', 'bob', 'cy', 'dee', 'eve'];
/** A member is dead after so many ms. */
const TIMEOUT = 300;
const LONG = 36_000_000;
t.setTimeout(LONG);

/** Kills the server `KILLS` times, as the work goes on, and starts it again. */
async function kill(
  server: ServerProcess,
  random: Random,
  progress: () => number,
  stop: { readonly now: boolean },
): Promise<void> {
  for (let i = 1; i <= KILLS && !stop.now; i++) {
    while (!stop.now && progress() < i / (KILLS + 1)) await pause(1);
    await pause(random.below(30));
    await server.crash(false);
    await server.start();
    if (i % 2 === 0) {
      const { ask, close } = await line(server);
      await ask([[random.oneIn(2) ? 'BGREWRITEAOF' : 'BGSAVE']]);
      close();
    }
  }
}

t.test(`${EVENTS} events, ${KILLS} kills, seed ${SEED}`, { timeout: LONG }, async (t) => {
  const server = ServerProcess.synap('--appendfsync', 'always', '--hz', '50', '--auto-aof-rewrite-min-size', '4mb');
  const ledger = new TopicLedger(PARTITIONS);
  const random = new Random(SEED);
  const stop = { now: false };
  const members = MEMBERS.map((name, i) => new Member(server, ledger, name, SEED * 100 + i, TIMEOUT));
  try {
    await server.start();
    const { ask, close } = await line(server);
    await ask([
      ['TOPIC.CREATE', TOPIC, 'PARTITIONS', String(PARTITIONS)],
      ['TOPIC.GROUP.CREATE', TOPIC, GROUP, 'STRATEGY', 'STICKY', 'TIMEOUT', String(TIMEOUT)],
    ]);
    close();
    let producing = true;
    const killing = kill(server, random, () => (ledger.acknowledged + ledger.delivered) / (2 * EVENTS), stop);
    const published = Promise.all(
      Array.from({ length: PRODUCERS }, (_, i) =>
        produce(server, ledger, { first: i, step: PRODUCERS, end: EVENTS, flight: FLIGHT }, stop),
      ),
    ).finally(() => {
      producing = false;
    });
    const reading = Promise.all(members.map((member) => member.run(stop)));
    const observing = observe(server, ledger, () => !producing, stop).finally(() => {
      stop.now = true;
    });
    const [unknown] = await Promise.all([published, killing, observing, reading]);
    const unanswered = unknown.reduce((sum, n) => sum + n, 0);
    t.same(ledger.complaints, []);
    t.equal(ledger.lost(), 0, `of ${ledger.acknowledged} acknowledged events`);
    t.equal(ledger.acknowledged + unanswered, EVENTS, `${unanswered} were not answered`);
    const fenced = members.reduce((sum, member) => sum + member.fenced, 0);
    const died = members.reduce((sum, member) => sum + member.died, 0);
    t.ok(fenced > 0 && died > 0, `members died ${died} times and were fenced ${fenced} times`);
    t.pass(`${ledger.delivered} were given out, ${ledger.again} of them again`);
  } finally {
    stop.now = true;
    await server.discard();
  }
});

t.test('what must not be is found', (t) => {
  const ledger = new TopicLedger(2);
  ledger.acknowledge(0, 0, 10);
  ledger.acknowledge(0, 1, 11);
  ledger.acknowledge(1, 5000, 12);
  t.equal(ledger.lost(), 3);
  ledger.deliver('ann', 1, 0, 0, 10);
  ledger.deliver('ann', 1, 0, 0, 10);
  ledger.deliver('bob', 1, 1, 5000, 12);
  ledger.deliver('bob', 2, 0, 0, 10);
  ledger.commit(0, 2);
  ledger.check(0, 2, ledger.noted());
  ledger.advance(3);
  ledger.heard('ann', 3, ledger.generation);
  t.same(ledger.complaints, []);
  t.same([ledger.lost(), ledger.delivered, ledger.again], [1, 2, 2]);
  ledger.deliver('ann', 2, 0, 1, 11);
  ledger.deliver('ann', 3, 1, 5000, 13);
  ledger.acknowledge(0, 1, 14);
  ledger.check(0, 1, ledger.noted());
  ledger.heard('bob', 2, ledger.generation);
  t.same(ledger.complaints, [
    '0:1 was given to ann, in generation 2 of bob',
    '1:5000 was event 12 and then event 13',
    '0:1 was given to event 11 and to event 14',
    'partition 0 went back from 2 to 1',
    'bob spoke of generation 2 after 3 and was heard',
  ]);
  t.equal(ledger.lost(), 1);
  t.end();
});
