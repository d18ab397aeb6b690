/**
 * --bigkeys and --memkeys: all keys by SCAN, and of each type the one with most elements, or with most memory. Lines are redis-cli's:
 *
 *   [12.68%] Biggest list   found so far '"l159"' with 39 items            while it looks
 *   Biggest   list found '"l276"' has 50 items                             at the end
 *   101 lists with 2434 items (24.63% of keys, avg size 24.10)             for each type
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { quoteBytes } from '../../protocol/quoted.js';
import { ReplyError, type ReplyValue } from '../../protocol/reply-reader.js';
import type { Session } from './session.js';
import type { Screen } from './shell.js';

/** What is asked. */
export interface BigKeys {
  readonly by: 'elements' | 'memory';
  /** Only keys that match. */
  readonly pattern: string | undefined;
  /** Elements of a value that MEMORY USAGE looks at; undefined: the server's choice. */
  readonly samples: number | undefined;
}

interface Kind {
  readonly name: string;
  /** What tells how many there are of `unit`; types of others than Redis may have none, and count 0. */
  readonly command: string | undefined;
  readonly unit: string;
  keys: number;
  total: number;
  most: number;
  biggest: string;
}

const KINDS: readonly (readonly [name: string, command: string, unit: string])[] = [
  ['list', 'LLEN', 'items'],
  ['hash', 'HLEN', 'fields'],
  ['string', 'STRLEN', 'bytes'],
  ['stream', 'XLEN', 'entries'],
  ['set', 'SCARD', 'members'],
  ['zset', 'ZCARD', 'members'],
];

/** After so many calls of SCAN there is a rest, when -i says how long. */
const CALLS_BEFORE_REST = 100;
/** How often it is told how far it is, keys. */
const TOLD_EACH = 1_000_000;

/** Something was refused: what is shown. */
class Refused extends Error {}

/**
 * Looks at all keys of the database and tells what is big.
 * @param interval seconds of the rests
 * @returns the exit code
 * @throws ConnectionFault when the connection ends
 */
export async function bigKeys(session: Session, asked: BigKeys, interval: number, screen: Screen): Promise<number> {
  const kinds = new Map(KINDS.map((kind) => [kind[0], kindOf(asked, ...kind)]));
  try {
    await look(session, asked, interval, screen, kinds);
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    screen.err(`${e.message}\n`);
    return 1;
  }
  return 0;
}

function kindOf({ by }: BigKeys, name: string, command: string | undefined, unit: string): Kind {
  return { name, command, unit: by === 'memory' ? 'bytes' : unit, keys: 0, total: 0, most: 0, biggest: '' };
}

async function look(
  session: Session,
  asked: BigKeys,
  interval: number,
  { out, err }: Screen,
  kinds: Map<string, Kind>,
): Promise<void> {
  const all = Number(unlessError(await session.call(['DBSIZE']), 'DBSIZE'));
  out(`\n# Looking at every key for the ${asked.by === 'memory' ? 'ones that take most memory' : 'biggest ones'}\n`);
  out('# of each type, and for the usual size. -i 0.1 rests 0.1 s after each 100 SCAN.\n\n');
  let [cursor, calls, seen, nameBytes] = ['0', 0, 0, 0];
  do {
    const done = share(all === 0 ? 0 : seen / all);
    const [next, keys] = await scan(session, cursor, asked.pattern);
    cursor = next;
    const sizes = await sizesOf(session, asked, keys, kinds, err);
    for (const [i, key] of keys.entries()) {
      seen++;
      nameBytes += key.length;
      const [kind, size] = sizes[i];
      if (kind === undefined) continue;
      kind.keys++;
      kind.total += size;
      if (size > kind.most) {
        kind.most = size;
        kind.biggest = key;
        const found = `Biggest ${kind.name.padEnd(6)} found so far '${quoteBytes(key)}' with ${size} ${kind.unit}`;
        out(`[${done}%] ${found}\n`);
      }
      if (seen % TOLD_EACH === 0) out(`[${done}%] Sampled ${seen} keys so far\n`);
    }
    if (interval > 0 && ++calls % CALLS_BEFORE_REST === 0) await sleep(interval * 1000);
  } while (cursor !== '0');
  out(summary([...kinds.values()], seen, nameBytes));
}

function summary(kinds: readonly Kind[], seen: number, nameBytes: number): string {
  const average = (total: number, n: number): string => (n === 0 ? 0 : total / n).toFixed(2);
  const biggest = kinds
    .filter(({ most }) => most > 0)
    .map(
      ({ name, biggest, most, unit }) =>
        `Biggest ${name.padStart(6)} found '${quoteBytes(biggest)}' has ${most} ${unit}\n`,
    );
  const usual = kinds.map(({ name, keys, total, unit }) => {
    const part = share(seen === 0 ? 0 : keys / seen);
    return `${keys} ${name}s with ${total} ${unit} (${part}% of keys, avg size ${average(total, keys)})\n`;
  });
  return [
    '\n-------- summary -------\n\n',
    `Sampled ${seen} keys in the keyspace!\n`,
    `Total key length in bytes is ${nameBytes} (avg len ${average(nameBytes, seen)})\n\n`,
    ...biggest,
    '\n',
    ...usual,
  ].join('');
}

/** A part of one as a percentage of at least two digits. */
function share(part: number): string {
  return (part * 100).toFixed(2).padStart(5, '0');
}

async function scan(session: Session, cursor: string, pattern: string | undefined): Promise<[string, string[]]> {
  const match = pattern === undefined ? [] : ['MATCH', pattern];
  const reply = unlessError(await session.call(['SCAN', cursor, ...match]), 'SCAN');
  if (!Array.isArray(reply)) throw new Refused('SCAN error: not the reply of SCAN');
  const [next, keys] = reply as [Uint8Array, Uint8Array[]];
  return [text(next), keys.map(text)];
}

/** The kind of each key and how big it is; no kind for one that has gone meanwhile. All of a batch is asked at once. */
async function sizesOf(
  session: Session,
  { by, samples }: BigKeys,
  keys: readonly string[],
  kinds: Map<string, Kind>,
  err: Screen['err'],
): Promise<[kind: Kind | undefined, size: number][]> {
  const types = await Promise.all(keys.map((key) => session.call(['TYPE', key])));
  const found = types.map((reply) => {
    const name = String(unlessError(reply, 'TYPE'));
    if (name === 'none') return undefined;
    const kind = kinds.get(name) ?? kindOf({ by } as BigKeys, name, undefined, '?');
    kinds.set(name, kind);
    return kind;
  });
  return Promise.all(
    keys.map(async (key, i): Promise<[Kind | undefined, number]> => {
      const kind = found[i];
      if (kind === undefined || (by === 'elements' && kind.command === undefined)) return [kind, 0];
      const argv =
        by === 'elements'
          ? [kind.command!, key]
          : ['MEMORY', 'USAGE', key, ...(samples === undefined ? [] : ['SAMPLES', String(samples)])];
      const reply = await session.call(argv);
      if (typeof reply === 'number' || typeof reply === 'bigint') return [kind, Number(reply)];
      err(`Warning: ${argv[0]} of ${quoteBytes(key)} told no size: it may have changed meanwhile\n`);
      return [kind, 0];
    }),
  );
}

function unlessError(reply: ReplyValue | undefined, command: string): ReplyValue | undefined {
  if (reply instanceof ReplyError) throw new Refused(`${command} error: ${reply.text}`);
  return reply;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
