/**
 * Model: what a server must hold, kept by a second one in this process that has neither sockets nor files. And `contents`, which
 * describes what either of them holds so that the two can be compared: values by their digests, TTLs and the TTLs of fields to the
 * millisecond.
 */
import { splitReplies } from '../../compat-suite/wire/reply-frame.js';
import { Session } from '../commands/session.js';
import { type Ask, type AskNow, texts, type Words } from './step.js';

export class Model {
  private readonly session = new Session({ enableDebugCommand: 'yes' });

  /** Runs commands in database `db` and gives their replies. */
  run(db: number, commands: readonly Words[]): string[] {
    this.session.raw(['SELECT', String(db)]);
    return commands.map((words) => this.session.raw(words));
  }

  /** `run` in `db`, as a question. */
  asking(db: number): AskNow {
    return (commands) => this.run(db, commands);
  }

  /** Asks like a server: the database is chosen by SELECT. */
  readonly ask: Ask = async (commands) => commands.map((words) => this.session.raw(words));
}

/** What a database holds: by key a text that is the same for the same value and TTLs. */
export type Contents = Map<string, string>;

/** Everything in database `db` whose name begins with `prefix`. */
export async function contents(ask: Ask, db: number, fieldTtls: boolean, prefix = ''): Promise<Contents> {
  const [, listed] = await ask([
    ['SELECT', String(db)],
    ['KEYS', `${prefix}*`],
  ]);
  const keys = texts(listed).sort();
  const held: Contents = new Map();
  if (keys.length === 0) return held;
  const answers = await ask([
    ['DEBUG', 'DIGEST-VALUE', ...keys],
    ...keys.map((key) => ['PEXPIRETIME', key]),
    ...keys.map((key) => ['TYPE', key]),
  ]);
  const digests = splitReplies(answers[0].slice(answers[0].indexOf('\r\n') + 2));
  for (let i = 0; i < keys.length; i++) {
    const type = answers[1 + keys.length + i].trim();
    const fields = fieldTtls && type === '+hash' ? await fieldMoments(ask, keys[i]) : '';
    held.set(keys[i], `${type} ${digests[i]?.trim()} ${answers[1 + i].trim()}${fields}`);
  }
  return held;
}

/** When the fields of a hash expire, of those that do. */
async function fieldMoments(ask: Ask, key: string): Promise<string> {
  const fields = texts((await ask([['HKEYS', key]]))[0]).sort();
  const [reply] = await ask([['HPEXPIRETIME', key, 'FIELDS', String(fields.length), ...fields]]);
  const moments = texts(reply);
  return fields.flatMap((field, i) => (moments[i] === ':-1' ? [] : [` ${field}${moments[i]}`])).join('');
}

/** Where two contents differ, one line a key; [] when they are equal. */
export function differences(wanted: Contents, found: Contents): string[] {
  const lines: string[] = [];
  for (const [key, text] of wanted)
    if (found.get(key) !== text) lines.push(`${key}: must be ${text}, is ${found.get(key) ?? 'missing'}`);
  for (const [key, text] of found) if (!wanted.has(key)) lines.push(`${key}: must not be there, is ${text}`);
  return lines;
}
