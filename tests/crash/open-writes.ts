/**
 * Writes whose outcome depends on the time, on chance or on hash order: TTLs that count from now, SPOP, SORT of a set as it lies. What
 * they have done is read from their replies or from what they have left, and repeated on the model as a closed write.
 */
import { counted } from './closed-writes.js';
import type { Draw } from './draw.js';
import { payload } from './payloads.js';
import { type AskNow, integer, type Step, type Trace, texts, type Words } from './step.js';

/** How far a moment may lie from where it is expected: no test takes longer. Moments drawn at random are further apart. */
const NEAR_MS = 600_000;

type Make = (d: Draw) => Step;

/** Whether nothing was changed: refused by type, or a condition did not hold. */
function failed({ replies }: Trace): boolean {
  return replies !== undefined && /^(-|:0\r\n|\$-1\r\n|\*-1\r\n)/.test(replies[0]);
}

/** A command that gives `key` a TTL of `ms` from now. `absolute` is the same with a moment. */
function timed(key: string, ms: number, words: Words, absolute: (at: string) => Words): Step {
  return {
    commands: [words],
    probe: ['PEXPIRETIME', key],
    outcome: (trace) => {
      if (failed(trace)) return [];
      const at = integer(trace.probe);
      return Math.abs(at - trace.sentAt - ms) < NEAR_MS ? [absolute(String(at))] : undefined;
    },
  };
}

/** The same for fields of a hash: `absolute` is asked for those that have got a moment near the expected one. */
function timedFields(
  key: string,
  fields: readonly string[],
  ms: number,
  words: Words,
  absolute: (at: string, fields: readonly string[]) => Words,
): Step {
  return {
    commands: [words],
    probe: ['HPEXPIRETIME', key, ...counted(fields)],
    outcome: (trace) => {
      if (trace.replies?.[0].startsWith('-') || trace.probe[0] !== '*') return [];
      const moments = texts(trace.probe).map((text) => Number(text.slice(1)));
      const near = moments.map((at) => Math.abs(at - trace.sentAt - ms) < NEAR_MS);
      const at = moments.find((_, i) => near[i]);
      if (at === undefined) return [];
      const hit = fields.filter((_, i) => near[i]);
      return [absolute(String(at), hit)];
    },
  };
}

const TIMES: readonly Make[] = [
  (d) => {
    const [key, s] = [d.any(), d.longSeconds()];
    const words = ['EXPIRE', key, String(s), ...d.maybe('NX', 'XX', 'GT', 'LT')];
    return timed(key, s * 1000, words, (at) => ['PEXPIREAT', key, at]);
  },
  (d) => {
    const [key, ms] = [d.any(), d.longSeconds() * 1000 + d.random.below(1000)];
    const words = ['PEXPIRE', key, String(ms), ...d.maybe('NX', 'XX', 'GT', 'LT')];
    return timed(key, ms, words, (at) => ['PEXPIREAT', key, at]);
  },
  (d) => {
    const [key, value, s] = [d.key('s'), d.value(), d.longSeconds()];
    return timed(key, s * 1000, ['SETEX', key, String(s), value], (at) => ['SET', key, value, 'PXAT', at]);
  },
  (d) => {
    const [key, value, s] = [d.key('s'), d.value(), d.longSeconds()];
    return timed(key, s * 1000, ['PSETEX', key, String(s * 1000), value], (at) => ['SET', key, value, 'PXAT', at]);
  },
  (d) => {
    const [key, value, s] = [d.key('s'), d.value(), d.longSeconds()];
    const words = ['SET', key, value, ...d.maybe('NX', 'XX'), 'EX', String(s)];
    return timed(key, s * 1000, words, (at) => ['SET', key, value, 'PXAT', at]);
  },
  (d) => {
    const [key, s] = [d.key('s'), d.longSeconds()];
    return timed(key, s * 1000, ['GETEX', key, 'EX', String(s)], (at) => ['PEXPIREAT', key, at]);
  },
  (d) => {
    const [key, bytes, s] = [d.any(), payload(d), d.longSeconds()];
    const more = d.maybe('REPLACE');
    const words = ['RESTORE', key, String(s * 1000), bytes, ...more];
    return timed(key, s * 1000, words, (at) => ['RESTORE', key, at, bytes, 'ABSTTL', ...more]);
  },
];

const FIELD_TIMES: readonly Make[] = [
  (d) => fieldTime(d, 'HEXPIRE', 1),
  (d) => fieldTime(d, 'HPEXPIRE', 1000),
  (d) => {
    const [key, fields, s] = [d.key('h'), d.fields(), d.longSeconds()];
    const words = ['HGETEX', key, 'EX', String(s), ...counted(fields)];
    return timedFields(key, fields, s * 1000, words, (at, hit) => ['HPEXPIREAT', key, at, ...counted(hit)]);
  },
  (d) => {
    const [key, fields, s] = [d.key('h'), d.fields(), d.longSeconds()];
    const pairs = fields.flatMap((field) => [field, d.value()]);
    const rest = ['FIELDS', String(fields.length), ...pairs];
    const words = ['HSETEX', key, ...d.maybe('FNX', 'FXX'), 'EX', String(s), ...rest];
    return timedFields(key, fields, s * 1000, words, (at) => ['HSETEX', key, 'PXAT', at, ...rest]);
  },
];

function fieldTime(d: Draw, name: string, perSecond: number): Step {
  const [key, fields, s] = [d.key('h'), d.fields(), d.longSeconds()];
  const words = [name, key, String(s * perSecond), ...d.maybe('NX', 'XX', 'GT', 'LT'), ...counted(fields)];
  return timedFields(key, fields, s * 1000, words, (at, hit) => ['HPEXPIREAT', key, at, ...counted(hit)]);
}

/** SPOP takes members by chance: those that it has told, or those that are missing afterwards. */
function pop(d: Draw): Step {
  const key = d.key('t');
  const count = d.random.oneIn(2) ? undefined : d.random.below(5);
  const taken = (trace: Trace, model: AskNow): string[] | undefined => {
    if (trace.replies !== undefined) return texts(trace.replies[0]);
    const left = new Set(texts(trace.probe));
    const had = texts(model([['SMEMBERS', key]])[0]);
    const gone = had.filter((member) => !left.has(member));
    return gone.length === Math.min(had.length, count ?? 1) ? gone : undefined;
  };
  return {
    commands: [count === undefined ? ['SPOP', key] : ['SPOP', key, String(count)]],
    probe: ['SMEMBERS', key],
    outcome: (trace, model) => {
      const members = taken(trace, model);
      return members === undefined || members.length === 0 ? (members as [] | undefined) : [['SREM', key, ...members]];
    },
  };
}

/** SORT of a set that is not to be sorted stores it in the order in which it lies in memory. */
function unsorted(d: Draw): Step {
  const [key, destination] = [d.key('t'), `l${d.random.below(4)}`];
  const words = ['SORT', key, 'BY', 'nosort', 'STORE', destination];
  return {
    commands: [words],
    probe: ['LRANGE', destination, '0', '-1'],
    outcome: (trace, model) => {
      const had = model([['SMEMBERS', key]])[0];
      if (had[0] === '-') return [words]; // a list or a sorted set has an order
      const [stored, wanted] = [texts(trace.probe), texts(had)];
      if ([...stored].sort().join() !== [...wanted].sort().join()) return undefined;
      return stored.length === 0
        ? [['DEL', destination]]
        : [
            ['DEL', destination],
            ['RPUSH', destination, ...stored],
          ];
    },
  };
}

export function openWrite(d: Draw): Step {
  if (d.random.oneIn(3)) return d.random.oneIn(4) ? unsorted(d) : pop(d);
  return d.random.pick(d.fieldTtls && d.random.oneIn(2) ? FIELD_TIMES : TIMES)(d);
}
