/**
 * The data that measurements stand on, as loads for loader.ts: keys with a string, small hashes, and one big set, hash, zset or
 * list. All names, members, fields and values are sixteen bytes (four letters, twelve digits), so that redis-benchmark's
 * `key:__rand_int__` hits them. Only commands whose reply is one line. Next: workload.ts, memory.ts, pause.ts.
 */
import type { Load, RequestWriter } from './loader.js';

/** Elements that one command adds to a big collection. */
const A_COMMAND = 100;

/** Names of the fields of a small hash. */
const FIELDS = ['name', 'mail', 'city', 'born', 'note'];

/**
 * The place of `index` in a fixed shuffle of 0 … count - 1: a four-round Feistel network over the next even number of bits, walked
 * until it lands inside. Bijective for every count from 1 to 2^30. Data that arrives sorted would flatter or punish trees.
 */
export function shuffled(index: number, count: number): number {
  let half = 1;
  while (4 ** half < count) half++;
  const mask = 2 ** half - 1;
  let at = index;
  do {
    let left = Math.floor(at / 2 ** half);
    let right = at & mask;
    for (let round = 1; round <= 4; round++) {
      let mixed = Math.imul(right + round * 0x3c6ef372, 0x9e3779b1);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
      const next = left ^ ((mixed ^ (mixed >>> 13)) & mask);
      left = right;
      right = next;
    }
    at = left * 2 ** half + right;
  } while (at >= count);
  return at;
}

/** `count` keys `key:…`, each a string `val:…`. */
export function strings(count: number): Load {
  const write = (out: RequestWriter, i: number): void => {
    out.command(3);
    out.word('SET');
    out.item('key:', i);
    out.item('val:', i);
  };
  return { elements: count, commands: count, write };
}

/** `count` keys `key:…` that all expire at `at`, milliseconds since 1970. */
export function expiringStrings(count: number, at: number): Load {
  const write = (out: RequestWriter, i: number): void => {
    out.command(5);
    out.word('SET');
    out.item('key:', i);
    out.item('val:', i);
    out.word('PXAT');
    out.word(String(at));
  };
  return { elements: count, commands: count, write };
}

/** `count` keys `cnt:…`, each the number 0. */
export function counters(count: number): Load {
  const write = (out: RequestWriter, i: number): void => {
    out.command(3);
    out.word('SET');
    out.item('cnt:', i);
    out.word('0');
  };
  return { elements: count, commands: count, write };
}

/** `count` hashes `obj:…` of five fields. An element is a hash. */
export function smallHashes(count: number): Load {
  const write = (out: RequestWriter, i: number): void => {
    out.command(2 + 2 * FIELDS.length);
    out.word('HSET');
    out.item('obj:', i);
    for (const field of FIELDS) {
      out.word(field);
      out.item('val:', i);
    }
  };
  return { elements: count, commands: count, write };
}

/** One collection filled by a variadic command, `words` words an element; `element` writes those of element i. */
function collection(
  name: string,
  key: string,
  count: number,
  words: number,
  element: (out: RequestWriter, i: number) => void,
): Load {
  const write = (out: RequestWriter, index: number): void => {
    const start = index * A_COMMAND;
    const end = Math.min(count, start + A_COMMAND);
    out.command(2 + (end - start) * words);
    out.word(name);
    out.word(key);
    for (let i = start; i < end; i++) element(out, i);
  };
  return { elements: count, commands: Math.ceil(count / A_COMMAND), write };
}

/** The set `set` with members `mem:0…` to `mem:count-1`. */
export function bigSet(count: number): Load {
  return collection('SADD', 'set', count, 1, (out, i) => out.item('mem:', shuffled(i, count)));
}

/** The hash `hash` with fields `fld:…` and values `val:…`. */
export function bigHash(count: number): Load {
  return collection('HSET', 'hash', count, 2, (out, i) => {
    const field = shuffled(i, count);
    out.item('fld:', field);
    out.item('val:', field);
  });
}

/** The zset `zset` with members `mem:…`; the scores are a shuffle of 0 … count - 1, and members arrive in no order. */
export function bigZset(count: number): Load {
  return collection('ZADD', 'zset', count, 2, (out, i) => {
    out.word(String(shuffled(i, count)));
    out.item('mem:', i);
  });
}

/** Traffic that leaves nothing: `count` items for a list that is not there, sent as those of `bigList` are. */
export function noItems(count: number): Load {
  return collection('RPUSHX', 'none', count, 1, (out, i) => out.item('val:', i));
}

/** The list `list` with items `val:…`. */
export function bigList(count: number): Load {
  return collection('RPUSH', 'list', count, 1, (out, i) => out.item('val:', i));
}
