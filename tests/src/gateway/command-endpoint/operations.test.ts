/** Every operation of the command endpoint over the wire, with its result. */
import { spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';
import { ReplyError } from '../../../../protocol/reply-reader.js';
import type { Calls, Operation } from '../../../../src/gateway/command-endpoint/operation.js';
import { OPERATIONS } from '../../../../src/gateway/command-endpoint/operations.js';
import { Payload } from '../../../../src/gateway/command-endpoint/payload.js';
import { commandMap, commandOf } from '../../../../src/gateway/commands.js';
import { Failure } from '../../../../src/gateway/failure.js';
import { unlessError } from '../../../../src/gateway/json-value.js';
import { Link, type Word } from '../../../../src/gateway/link.js';
import { LiveRedis } from '../../../storage/rdb/live-redis.js';
import { running } from '../running.js';
import { BITS, PLACES, QUEUES, ROOMS, SCRIPTS } from './own-rows.js';
import { HASHES, LISTS, type Payloads, type Row, SERVER, SETS, SORTED_SETS, STRINGS } from './structure-rows.js';

const COMMANDS = commandMap();

type Envelope = (command: string, payload: Payloads) => Promise<unknown>;

/** Calls every row and compares. Rows of commands that are missing are left out. */
async function play(t: Test, rows: readonly Row[], call: Envelope): Promise<void> {
  for (const [name, payload, result] of rows) {
    const told = sorted(await call(name, payload));
    const text = `${name} ${JSON.stringify(payload)}`;
    t.match(told, result, text);
    t.equal(lengths(told, result), lengths(result, result), `as many items: ${text}`);
  }
}

/** How long the arrays are that a pattern has, which `t.match` does not compare. */
function lengths(value: unknown, pattern: unknown): string {
  if (typeof pattern !== 'object' || pattern === null || pattern instanceof RegExp) return '';
  if (typeof value !== 'object' || value === null) return 'nothing';
  const own = Array.isArray(pattern) ? String((value as unknown[]).length) : '';
  const within = Object.entries(pattern).map(([name, part]) => lengths((value as Payloads)[name], part));
  return `${own}(${within.join(',')})`;
}

/** The members of a set come in any order. */
function sorted(result: unknown): unknown {
  const { members } = (result ?? {}) as { members?: unknown[] };
  if (members?.every((member) => typeof member === 'string')) members.sort();
  return result;
}

/** A gateway's endpoint: the payload of its answer, or its error. */
async function endpoint() {
  const world = await running();
  const call: Envelope = async (command, payload) => {
    const body = JSON.stringify({ command, request_id: 'r', payload });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const response = await fetch(`${world.url}/api/v1/command`, init);
    const answer = (await response.json()) as { success: boolean; payload: unknown; error: string };
    return answer.success ? answer.payload : answer.error;
  };
  return { call, close: world.close };
}

/** The operations themselves, against a server whose commands the table may not know. */
function direct(link: Link): Envelope {
  const run = async (argv: readonly Word[]) => unlessError(await link.call(argv));
  const calls: Calls = {
    run,
    transaction: async (all) => {
      await run(['MULTI']);
      for (const argv of all) await run(argv);
      return (await run(['EXEC'])) as never;
    },
  };
  return async (name, given) => {
    const payload = new Payload(given);
    const operation = OPERATIONS.get(name) as Operation;
    try {
      if (!('words' in operation)) return await operation.run(calls, payload);
      const words = operation.words(payload);
      payload.end();
      return operation.result(await run(words), payload);
    } catch (e) {
      if (e instanceof Failure) return new ReplyError(e.message).text;
      throw e;
    }
  };
}

const has = (...argv: string[]): boolean => commandOf(COMMANDS, argv) !== undefined;

const TABLES: readonly (readonly [name: string, rows: readonly Row[], exists: boolean])[] = [
  ['strings and keys', STRINGS, true],
  ['hashes', HASHES, true],
  ['lists', LISTS, true],
  ['sets', SETS, true],
  ['sorted sets', SORTED_SETS, true],
  ['the server', SERVER, true],
  ['queues', QUEUES, has('QUEUE.CREATE')],
  ['rooms and topics', ROOMS, has('TOPIC.CREATE')],
  ['bits and estimates', BITS, has('BITFIELD') && has('PFADD')],
  ['places', PLACES, has('GEOSEARCH')],
  ['scripts', SCRIPTS, has('EVAL')],
];

for (const [name, rows, exists] of TABLES)
  t.test(name, { skip: !exists && 'no such commands yet' }, async (t) => {
    const { call, close } = await endpoint();
    await play(t, rows, call);
    await close();
  });

const noRedis = spawnSync('redis-server', ['--version']).status !== 0 && 'no redis-server';

t.test('against Redis', { skip: noRedis }, async (t) => {
  const live = await LiveRedis.start();
  const link = await Link.open({ host: '127.0.0.1', port: live.port, db: 0 });
  for (const rows of [SETS, SORTED_SETS, BITS, PLACES, SCRIPTS]) {
    await link.call(['FLUSHALL']);
    await link.call(['CONFIG', 'RESETSTAT']);
    await play(t, rows, direct(link));
  }
  link.close();
  await live.stop();
});

t.test('no operation is left out', async (t) => {
  const called = new Set(TABLES.flatMap(([, rows]) => rows.map(([name]) => name)));
  for (const name of OPERATIONS.keys()) t.ok(called.has(name), name);
});
