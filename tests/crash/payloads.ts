/** Payloads for RESTORE: what DUMP gives for values of every type, small and large. */
import { Session } from '../commands/session.js';
import type { Draw } from './draw.js';

const SMALL: readonly string[] = [
  'SET k 1',
  'SET k text',
  'RPUSH k a b c',
  'SADD k 1 2 3',
  'SADD k a b',
  'HSET k f v g w',
  'ZADD k 1 a 2.5 b',
];
const LARGE = Array.from({ length: 700 }, (_, i) => `e${i}`);
const FIELD_TTLS = ['HSET k f v g w', 'HPEXPIREAT k 4102444800000 FIELDS 1 f'];

const dumped = new Map<boolean, readonly string[]>();

/** A payload, latin1. */
export function payload(d: Draw): string {
  let all = dumped.get(d.fieldTtls);
  if (all === undefined) dumped.set(d.fieldTtls, (all = dump(d.fieldTtls)));
  return d.random.pick(all);
}

function dump(fieldTtls: boolean): string[] {
  const lines = SMALL.map((line) => [line.split(' ')]);
  lines.push([['RPUSH', 'k', ...LARGE]], [['SADD', 'k', ...LARGE]], [['SET', 'k', LARGE.join()]]);
  lines.push(
    [['ZADD', 'k', ...LARGE.flatMap((e, i) => [String(i), e])]],
    [['HSET', 'k', ...LARGE.flatMap((e) => [e, e])]],
  );
  if (fieldTtls) lines.push(FIELD_TTLS.map((line) => line.split(' ')));
  return lines.map((commands) => {
    const session = new Session();
    for (const words of commands) session.raw(words);
    return session.ask('DUMP k') as string;
  });
}
