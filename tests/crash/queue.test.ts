/**
 * A queue whose consumers die and whose server is killed: every message of which the server has said that it is there is acknowledged
 * exactly once, and what is delivered for the first time comes in order.
 *
 *   QUEUE_MESSAGES=100000 QUEUE_KILLS=20 node dist/tests/crash/queue.test.js        the proof
 *
 * An ACK that was sent when the server died may have been done: such an id may have no answer of 1, but then it must be gone.
 */
import t from 'tap';
import { Random } from '../../compat-suite/random/random.js';
import { Books, consume, produce, QUEUE, type Work } from './queue-workers.js';
import { ServerProcess } from './server-process.js';
import { line, pause } from './target.js';

const MESSAGES = Number(process.env.QUEUE_MESSAGES ?? 3000);
const KILLS = Number(process.env.QUEUE_KILLS ?? 3);
const SEED = Number(process.env.QUEUE_SEED ?? 1);
const PRODUCERS = 3;
const CONSUMERS = 8;
const LONG = 3_600_000;
t.setTimeout(LONG);

/** A figure of QUEUE.INFO. */
async function figure(work: Work, name: string): Promise<number> {
  const { ask, close } = await line(work.target);
  const [reply] = await ask([['QUEUE.INFO', QUEUE]]);
  close();
  return Number(new RegExp(`\\r\\n${name}\\r\\n:(\\d+)`).exec(reply)?.[1] ?? Number.NaN);
}

/** Kills the server when `share` of all messages is published, with a rewrite of its log on the way now and then. */
async function killAt(work: Work, server: ServerProcess, share: number): Promise<void> {
  while (work.books.published.size < work.wanted * share) await pause(2);
  if (work.random.oneIn(2)) {
    const { ask, close } = await line(server);
    await ask([['BGREWRITEAOF']]);
    close();
    await pause(work.random.below(40));
  }
  let serves = (): void => {};
  work.serving = new Promise((resolve) => {
    serves = resolve;
  });
  await server.crash(false);
  await server.start();
  serves();
}

async function emptied(work: Work): Promise<void> {
  while (work.books.published.size < work.wanted || (await figure(work, 'depth')) > 0) await pause(50);
}

t.test('the books find what is planted', async (t) => {
  const books = new Books();
  for (const id of [1, 2, 3, 4, 5, 6]) books.published.add(id);
  books.delivered('ann', 1, 5, 1);
  books.delivered('bob', 3, 5, 1);
  books.delivered('ann', 2, 9, 1);
  books.delivered('ann', 1, 5, 2);
  books.delivered('ann', 4, 5, 1);
  t.same(books.outOfOrder, []);
  books.delivered('ann', 3, 5, 1);
  t.same(books.outOfOrder, ['ann was given 3 behind 4']);
  for (const [id, times] of [
    [1, 1],
    [2, 2],
  ])
    books.acked.set(id, times);
  books.inDoubt.add(5);
  t.same(books.lost, [3, 4, 6]);
  t.same(books.twice, [2]);
  books.delivered('bob', 1, 5, 3);
  t.match(books.outOfOrder[1], /acknowledged/);
});

t.test(`${MESSAGES} messages, ${CONSUMERS} consumers, ${KILLS} kills`, { timeout: LONG }, async (t) => {
  const server = ServerProcess.synap('--appendfsync', 'always');
  await server.start();
  const { ask, close } = await line(server);
  t.same(await ask([['QUEUE.CREATE', QUEUE, 'RETRIES', '1000000']]), [':1\r\n']);
  close();
  const books = new Books();
  const random = new Random(SEED);
  const work: Work = { target: server, books, random, serving: Promise.resolve(), wanted: MESSAGES, ended: false };
  const workers = [
    ...Array.from({ length: PRODUCERS }, () => produce(work)),
    ...Array.from({ length: CONSUMERS }, (_, i) => consume(work, `consumer-${i}`)),
  ];
  try {
    for (let i = 1; i <= KILLS; i++) await killAt(work, server, i / (KILLS + 1));
    await emptied(work);
    work.ended = true;
    await Promise.all(workers);
    t.same([await figure(work, 'depth'), await figure(work, 'dead')], [0, 0], 'nothing is left');
  } finally {
    work.ended = true;
    await server.discard();
  }
  t.same(books.lost, [], 'lost');
  t.same(books.twice, [], 'acknowledged twice');
  t.same(books.outOfOrder.slice(0, 5), [], 'out of order');
  t.ok(books.redeliveries > 0, `${books.deliveries} deliveries, ${books.redeliveries} of them again`);
  t.comment(
    `published ${books.published.size}, acknowledged ${books.acked.size}, in doubt and gone ` +
      `${[...books.inDoubt].filter((id) => !books.acked.has(id)).length}, lost ${books.lost.length}, ` +
      `twice ${books.twice.length}, out of order ${books.outOfOrder.length}`,
  );
});
