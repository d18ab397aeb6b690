/** script.*: scripts, where the server has them. */
import { createHash } from 'node:crypto';
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { toWord } from '../arguments.js';
import { Failure } from '../failure.js';
import { toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { infoFields } from './info.js';
import { items, type Operations, several, single } from './operation.js';
import type { Payload } from './payload.js';

const NO_SCRIPT_RUNS = 'NOTBUSY';

/** The number of keys, the keys, and the arguments. */
function rest(p: Payload): Word[] {
  const [keys, args] = ['keys', 'args'].map((name) =>
    p.has(name) ? p.list(name).map((word) => toWord(word, name)) : [],
  );
  return [String(keys.length), ...keys, ...args];
}

const sha1 = (script: string): string => createHash('sha1').update(script).digest('hex');

export const scriptOperations: Operations = {
  'script.eval': single(
    (p) => ['EVAL', p.text('script'), ...rest(p)],
    (reply, p) => ({ result: toJson(reply), sha1: sha1(p.text('script')) }),
  ),
  'script.evalsha': single(
    (p) => ['EVALSHA', p.text('sha1'), ...rest(p)],
    (reply, p) => ({ result: toJson(reply), ...p.echo('sha1') }),
  ),
  'script.load': single(
    (p) => ['SCRIPT', 'LOAD', p.text('script')],
    (reply) => ({ sha1: toJson(reply) }),
  ),
  'script.exists': single(
    (p) => ['SCRIPT', 'EXISTS', ...p.words('hashes')],
    (reply) => ({ exists: items(reply).map((one: ReplyValue) => one === 1) }),
  ),
  'script.flush': several(async (calls, p) => {
    p.end();
    const fields = await infoFields(calls, 'memory');
    await calls.run(['SCRIPT', 'FLUSH']);
    return { cleared: Number(fields.get('number_of_cached_scripts') ?? 0) };
  }),
  'script.kill': several(async (calls, p) => {
    p.end();
    try {
      await calls.run(['SCRIPT', 'KILL']);
      return { terminated: true };
    } catch (e) {
      if (e instanceof Failure && e.code === NO_SCRIPT_RUNS) return { terminated: false };
      throw e;
    }
  }),
};
