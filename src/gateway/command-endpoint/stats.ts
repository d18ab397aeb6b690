/** How many keys of a type there are, and how large they are together: counted by SCAN, step by step. */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { callsOf } from '../info.js';
import { replyText } from '../json-value.js';
import { infoFields } from './info.js';
import { type Calls, items, type Several, several } from './operation.js';

/** A database with more keys is not counted. */
const KEYS_MAX = 1_000_000;
const STEP = 1000;

/**
 * @param type as TYPE says it
 * @param size the words before the key of the command that tells how large it is
 * @throws Failure TOOLARGE in a database of too many keys; O(keys of the database)
 */
export async function sizesOf(
  calls: Calls,
  type: string,
  size: readonly string[],
): Promise<{ keys: number; sizes: number }> {
  if (Number(await calls.run(['DBSIZE'])) > KEYS_MAX)
    throw new Failure('TOOLARGE', `a database of more than ${KEYS_MAX} keys is not counted`);
  const seen = new Set<string>();
  let sizes = 0;
  let cursor = '0';
  do {
    const step = await calls.run(['SCAN', cursor, 'COUNT', String(STEP), 'TYPE', type]);
    const [next, keys] = step as readonly ReplyValue[];
    // SCAN may tell a key twice.
    const fresh = items(keys).filter((key) => !seen.has(replyText(key))) as Uint8Array[];
    for (const key of fresh) seen.add(replyText(key));
    const told = await Promise.all(fresh.map((key) => calls.run([...size, key])));
    for (const n of told) sizes += typeof n === 'number' ? n : 0;
    cursor = replyText(next);
  } while (cursor !== '0');
  return { keys: seen.size, sizes };
}

/** `{ [names.keys], [names.size], operations: { hset_count, ... } }`. @param counted commands whose calls are told */
export function statsOf(
  type: string,
  size: readonly string[],
  names: { keys: string; size: string },
  counted: readonly string[],
): Several {
  return several(async (calls, p) => {
    p.end();
    const { keys, sizes } = await sizesOf(calls, type, size);
    const fields = await infoFields(calls, 'commandstats');
    const operations = counted.map((name) => [`${name}_count`, callsOf(fields, name)]);
    return { [names.keys]: keys, [names.size]: sizes, operations: Object.fromEntries(operations) };
  });
}
