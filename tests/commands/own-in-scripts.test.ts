/** Queues and topics in scripts: what they do there, that nobody waits there, and that the log repeats it. */
import t from 'tap';
import { folder, killed, World } from '../src/persistence/log-world.js';

t.setTimeout(60_000);

const START = 1_700_000_000_000;

const CONSUME = `
  local got = redis.call('QUEUE.CONSUME', KEYS[1], 'ann', 'COUNT', ARGV[1], 'BLOCK', '0')
  if not got then return 'none' end
  local done = {}
  for _, message in ipairs(got) do
    local id, payload = message[2], message[4]
    if payload == 'bad' then redis.call('QUEUE.NACK', KEYS[1], 'DEAD', id)
    elseif payload == 'again' then redis.call('QUEUE.NACK', KEYS[1], 'DELAY', 1000, id)
    elseif payload ~= 'kept' then redis.call('QUEUE.ACK', KEYS[1], id) end
    done[#done + 1] = id
  end
  return table.concat(done, ' ')`;

const MOVE = `
  local events = redis.call('TOPIC.READ', KEYS[1], 'BLOCK', '0', 'FROM', '0', ARGV[1])
  if not events then return 0 end
  for _, event in ipairs(events) do redis.call('QUEUE.PUBLISH', KEYS[2], event[12], 'TTL', 500) end
  redis.call('TOPIC.PUBLISH', KEYS[1], 'moved')
  return #events`;

t.test('a script consumes, answers and publishes, and all of it is repeated', async (t) => {
  let now = START;
  const clock = (): number => now;
  const w = await World.open(folder(), { clock, appendfsync: 'always' });
  const run = (script: string, keys: string[], ...args: string[]): Promise<unknown> =>
    w.redis.call('EVAL', script, String(keys.length), ...keys, ...args);
  await w.tell('QUEUE.CREATE q DEADLINE 100', 'TOPIC.CREATE t', 'TOPIC.PUBLISH t a', 'TOPIC.PUBLISH t b');
  t.equal(await run(CONSUME, ['q'], '10'), 'none', 'nobody waits in a script');
  for (const payload of ['good', 'bad', 'again', 'kept', 'good']) await w.tell(`QUEUE.PUBLISH q ${payload}`);
  t.equal(await run(CONSUME, ['q'], '4'), '1 2 3 4');
  t.equal(await run(MOVE, ['t', 'q'], '0'), 2);
  t.equal(await run(MOVE, ['t', 'q'], '3'), 0);
  t.equal(await run("return redis.call('QUEUE.CONSUME', 'q', 'bob', 'NOACK')[1][2]", ['q']), '5');
  now += 100;
  const other = w.redis.duplicate();
  const waits = other.call('QUEUE.CONSUME', 'late', 'cid', 'BLOCK', '0');
  await t.rejects(waits, /no such queue/);
  await w.tell('QUEUE.CREATE late');
  const waited = other.call('QUEUE.CONSUME', 'late', 'cid', 'BLOCK', '0');
  await run("redis.call('QUEUE.PUBLISH', 'late', 'x') redis.call('QUEUE.PUBLISH', 'late', 'y')", ['late']);
  t.equal(((await waited) as string[][])[0][1], '1', 'who waits is served when the script is over');
  other.disconnect();
  t.equal(await run(CONSUME, ['q'], '1'), '4', 'its deadline had passed');
  const digest = await w.digest();
  const left = killed(w.dir);
  await w.close();
  now += 10_000;
  const again = await World.open(left, { clock: () => START, hz: 1 });
  t.equal(await again.digest(), digest);
  await again.close();
});

t.test('what time does is told even while a script has asked that what it does is not', async (t) => {
  let now = START;
  const clock = (): number => now;
  const w = await World.open(folder(), { clock, appendfsync: 'always', hz: 1 });
  await w.tell('DEBUG SET-ACTIVE-EXPIRE 0', 'SET s v PX 100', 'HSET h f v g w', 'HPEXPIRE h 100 FIELDS 1 f');
  await w.tell('QUEUE.CREATE q DEADLINE 100', 'QUEUE.PUBLISH q a', 'QUEUE.PUBLISH q b TTL 100', 'QUEUE.CONSUME q ann');
  await w.tell('TOPIC.CREATE t RETENTION 100', 'TOPIC.PUBLISH t a');
  await w.tell('TOPIC.GROUP.CREATE t g TIMEOUT 100', 'TOPIC.GROUP.JOIN t g ann');
  now += 1000;
  const look = `redis.set_repl(redis.REPL_NONE)
    redis.call('GET', 's') redis.call('HGET', 'h', 'f') redis.call('QUEUE.INFO', 'q') redis.call('TOPIC.INFO', 't')`;
  await w.redis.call('EVAL', look, '4', 's', 'h', 'q', 't');
  await w.tell('QUEUE.CONSUME q bob', 'TOPIC.GROUP.JOIN t g bob', 'TOPIC.GROUP.COMMIT t g bob 3 0 1');
  const digest = await w.digest();
  const left = killed(w.dir);
  await w.close();
  const again = await World.open(left, { clock: () => START, hz: 1 });
  t.equal(await again.digest(), digest);
  t.equal(await again.ask('EXISTS s'), 0);
  await again.close();
});
