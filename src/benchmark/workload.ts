/**
 * The workloads of `speed`, as data: what redis-benchmark sends and what must lie in the database before. All of them run with
 * 50 connections, names and values of sixteen bytes, and 100,000 random keys or members unless `space` says otherwise.
 *
 *   command   the words; `__rand_int__` becomes twelve random digits below `space`, anew at each place and each command
 *   data      what is laid down before, given the number of requests of the run
 *   changes   true where a run uses the data up or lets it grow: then it is laid down again before each run, on both sides
 *   space     the random numbers are below it
 *   items     how many items each reply must have; checked once before measuring
 *   says      the line below the table
 */
import { bigHash, bigList, bigSet, bigZset, counters, smallHashes, strings } from './dataset.js';
import type { Load } from './loader.js';

export interface Workload {
  readonly name: string;
  readonly command: readonly string[];
  readonly data: (requests: number) => Load | undefined;
  readonly changes: boolean;
  readonly space: (requests: number) => number;
  readonly items?: number;
  readonly says: string;
}

export const KEYS = 100_000;
const VALUE = 'xxxxxxxxxxxxxxxx';
const RANDOM = '__rand_int__';

/** More than a run can take away, so that nothing runs out. */
const SPARE = 1_000;
/** Keys a request of DEL: random keys repeat, and with five times as many keys about nine of ten requests find theirs. */
const DEL_KEYS_A_REQUEST = 5;

const keys = (): number => KEYS;
const nothing = (): undefined => undefined;
const always = (load: Load) => (): Load => load;

/** A workload that leaves its data as it is, or overwrites it by the like: laid down once. */
function steady(name: string, command: string, load: Load, says: string, items?: number): Workload {
  const base = { name, command: command.split(' '), data: always(load), changes: false, space: keys, says };
  return items === undefined ? base : { ...base, items };
}

/** A workload that adds to an empty database. */
function growing(name: string, command: string, space: (requests: number) => number, says: string): Workload {
  return { name, command: command.split(' '), data: nothing, changes: true, space, says };
}

/** A workload that takes away. */
function taking(name: string, command: string, load: (count: number) => Load, factor: number, says: string): Workload {
  const count = (requests: number): number => requests * factor + SPARE;
  return {
    name,
    command: command.split(' '),
    data: (requests) => load(count(requests)),
    changes: true,
    space: count,
    says,
  };
}

const tenPairs = `key:${RANDOM} ${VALUE} `.repeat(10).trim();

export const WORKLOADS: readonly Workload[] = [
  steady('SET', `SET key:${RANDOM} ${VALUE}`, strings(KEYS), 'overwrites one of 100,000 keys'),
  steady('GET', `GET key:${RANDOM}`, strings(KEYS), 'reads one of 100,000 keys; all exist'),
  steady('INCR', `INCR cnt:${RANDOM}`, counters(KEYS), 'one of 100,000 counters'),
  steady('MSET(10)', `MSET ${tenPairs}`, strings(KEYS), 'overwrites ten of 100,000 keys; one command'),
  growing('LPUSH', `LPUSH list val:${RANDOM}`, keys, 'one list, from empty to as many items as requests'),
  growing('RPUSH', `RPUSH list val:${RANDOM}`, keys, 'one list, from empty to as many items as requests'),
  taking('LPOP', 'LPOP list', bigList, 1, 'one list with more items than requests'),
  growing(
    'SADD',
    `SADD set mem:${RANDOM}`,
    (requests) => Math.max(KEYS, requests),
    'one set, from empty; as many different members as requests (at least 100,000), so most are new',
  ),
  steady('SISMEMBER', `SISMEMBER set mem:${RANDOM}`, bigSet(KEYS), 'a set of 100,000; always a member'),
  steady('HSET', `HSET hash fld:${RANDOM} ${VALUE}`, bigHash(KEYS), 'overwrites a field of a hash of 100,000'),
  steady('HGET', `HGET hash fld:${RANDOM}`, bigHash(KEYS), 'a hash of 100,000 fields; all exist'),
  steady('HGETALL(5)', `HGETALL obj:${RANDOM}`, smallHashes(KEYS), 'one of 100,000 hashes of 5 fields', 10),
  steady('ZADD', `ZADD zset ${RANDOM} mem:${RANDOM}`, bigZset(KEYS), 'gives a member of 100,000 another score'),
  steady('ZSCORE', `ZSCORE zset mem:${RANDOM}`, bigZset(KEYS), 'a zset of 100,000; always a member'),
  steady('ZRANK', `ZRANK zset mem:${RANDOM}`, bigZset(KEYS), 'a zset of 100,000; always a member'),
  steady('ZRANGE(100)', 'ZRANGE zset 0 99', bigZset(KEYS), 'the first 100 of 100,000', 100),
  taking('ZPOPMIN', 'ZPOPMIN zset', bigZset, 1, 'one zset with more members than requests'),
  steady('LRANGE(100)', 'LRANGE list 0 99', bigList(KEYS), 'the first 100 of 100,000 items', 100),
  steady('LRANGE(600)', 'LRANGE list 0 599', bigList(KEYS), 'the first 600 of 100,000 items', 600),
  steady('SET EX', `SET key:${RANDOM} ${VALUE} EX 3600`, strings(KEYS), 'overwrites one of 100,000 keys, with a TTL'),
  taking(
    'DEL',
    `DEL key:${RANDOM}`,
    strings,
    DEL_KEYS_A_REQUEST,
    'five times as many keys as requests; nine of ten exist',
  ),
];

/** Scripts cost what they do, so that they are measured only where they are named. */
const SCRIPTS: readonly Workload[] = [
  script('EVAL', 'return 1', [], 'a script that calls no command'),
  script('EVAL GET', "return redis.call('get', KEYS[1])", [`key:${RANDOM}`], 'a script that reads one of 100,000 keys'),
  script(
    'EVAL GET(100)',
    "for i = 1, 100 do redis.call('get', KEYS[1]) end",
    [`key:${RANDOM}`],
    'a script that reads one of 100,000 keys a hundred times',
  ),
];

function script(name: string, text: string, names: readonly string[], says: string): Workload {
  const command = ['EVAL', text, String(names.length), ...names];
  return { name, command, data: always(strings(KEYS)), changes: false, space: keys, says };
}

/** Letters and digits only, in capitals: what a name is compared by, so that `lrange100` finds `LRANGE(100)`. */
function plain(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

/**
 * The workloads that a list such as `SET,GET,lrange` names, in the table's order; a name without its bracketed size stands for
 * every size. Where `list` is undefined all of them but scripts. Throws on a name that stands for none.
 */
export function chooseWorkloads(list: string | undefined): readonly Workload[] {
  if (list === undefined) return WORKLOADS;
  const all = [...WORKLOADS, ...SCRIPTS];
  const wanted = list.split(',').map(plain);
  const matches = (workload: Workload, name: string): boolean =>
    plain(workload.name) === name || plain(workload.name.replace(/\(.*/, '')) === name;
  for (const name of wanted) {
    if (all.some((workload) => matches(workload, name))) continue;
    throw new Error(`no workload "${name}"; there are: ${all.map((workload) => workload.name).join(', ')}`);
  }
  return all.filter((workload) => wanted.some((name) => matches(workload, name)));
}

/** The command as redis-benchmark would send it with 0 for every random number. */
export function sampleCommand(workload: Workload): string[] {
  return workload.command.map((word) => word.replaceAll(RANDOM, '0'.repeat(RANDOM.length)));
}
