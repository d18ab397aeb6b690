/** Tools that are more than one command under another name: SCAN with its limits, INFO as objects, any command, a transaction. */
import { toWord } from '../arguments.js';
import { Failure } from '../failure.js';
import { infoSections } from '../info.js';
import { replyText, toJson } from '../json-value.js';
import type { Word } from '../link.js';
import type { Schema } from '../schema.js';
import type { Session } from '../session.js';
import { keyUri } from './key-uri.js';
import { type Json, type JsonObject, objectSchema, type Tool } from './tool.js';

const SCAN_COUNT = 100;
const SCAN_MAX = 1000;
/** The most words of one command, and commands of one transaction. */
const WORDS_MAX = 10_000;
const COMMANDS_MAX = 1000;

const TEXT: Schema = { type: 'string' };

export const SCAN: Tool = {
  name: 'synap_scan',
  title: 'Scan keys',
  description:
    'Lists some of the keys that match a glob-style pattern and a type, and the cursor to go on with: "0" when all were seen. Begin with cursor "0".\nSCAN cursor [MATCH pattern] [COUNT count] [TYPE type]',
  inputSchema: objectSchema(
    {
      cursor: { type: 'string', pattern: '^\\d{1,20}$', default: '0' },
      pattern: { ...TEXT, description: 'user:* for all that begin with user:' },
      type: { ...TEXT, description: 'string, hash, list, set, zset, stream, queue or topic' },
      count: { type: 'integer', minimum: 1, maximum: SCAN_MAX, default: SCAN_COUNT, description: 'keys to look at' },
    },
    ['cursor', 'pattern', 'type', 'count'],
  ),
  outputSchema: objectSchema({
    cursor: TEXT,
    keys: {
      type: 'array',
      items: objectSchema({ key: { description: 'text, or {"base64"}' }, uri: TEXT }),
    },
  }),
  annotations: {
    title: 'Scan keys',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  call: scan,
};

async function scan(session: Session, given: Json): Promise<JsonObject> {
  const { cursor = '0', pattern, type, count = SCAN_COUNT, ...rest } = given;
  only(rest);
  if (typeof cursor !== 'string' || !/^\d{1,20}$/.test(cursor)) throw Failure.argument('cursor', 'digits as text');
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > SCAN_MAX)
    throw Failure.argument('count', `an integer from 1 to ${SCAN_MAX}`);
  const argv = ['SCAN', cursor, 'COUNT', String(count)];
  if (pattern !== undefined) argv.push('MATCH', text(pattern, 'pattern'));
  if (type !== undefined) argv.push('TYPE', text(type, 'type'));
  const [next, keys] = (await session.run(argv)) as [Uint8Array, Uint8Array[]];
  return {
    cursor: toJson(next),
    keys: keys.map((key) => ({ key: toJson(key), uri: keyUri(session.login.db, key) })),
  };
}

export const INFO: Tool = {
  name: 'synap_info',
  title: 'Server information',
  description:
    'Tells about the server in sections of names and values: memory, clients, persistence, statistics, keyspace.\nINFO [section ...]',
  inputSchema: objectSchema(
    {
      sections: { type: 'array', items: TEXT, description: 'such as memory, stats, keyspace; all usual ones without' },
    },
    ['sections'],
  ),
  outputSchema: objectSchema({
    sections: {
      type: 'object',
      additionalProperties: { type: 'object', additionalProperties: TEXT },
    },
  }),
  annotations: {
    title: 'Server information',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  async call(session, given) {
    const { sections = [], ...rest } = given;
    only(rest);
    if (!Array.isArray(sections)) throw Failure.argument('sections', 'an array of names');
    const reply = await session.run(['INFO', ...sections.map((name) => text(name, 'sections'))]);
    return { sections: infoSections(replyText(reply), (field) => field) };
  },
};

const WORDS: Schema = {
  type: 'array',
  items: { type: ['string', 'number', 'boolean', 'object'] },
  minItems: 1,
  maxItems: WORDS_MAX,
  description: 'the words of the command: ["SET", "key", "value", "EX", "10"]',
};

/** Any command; `reads` when nothing else is allowed. */
export function commandTool(reads: boolean): Tool {
  return {
    name: 'synap_command',
    title: 'Any command',
    description:
      'Calls any command that is allowed here, by its words, as one would type them in redis-cli. For commands that have no tool of their own.',
    inputSchema: objectSchema({ command: WORDS }),
    outputSchema: objectSchema({ result: {} }),
    annotations: { title: 'Any command', ...anything(reads) },
    async call(session, given) {
      const { command, ...rest } = given;
      only(rest);
      return { result: toJson(await session.run(wordsOf(command, 'command'))) };
    },
  };
}

/** Several commands, all or none. */
export function transactionTool(reads: boolean): Tool {
  return {
    name: 'synap_transaction',
    title: 'Transaction',
    description:
      'Calls several commands one after another with nothing in between (MULTI ... EXEC). When one of them cannot be queued, none is run; an error of one that runs is its own result, {"error", "code"}.',
    inputSchema: objectSchema({ commands: { type: 'array', items: WORDS, minItems: 1, maxItems: COMMANDS_MAX } }),
    outputSchema: objectSchema({ results: { type: 'array', items: {} } }),
    annotations: { title: 'Transaction', ...anything(reads) },
    async call(session, given) {
      const { commands, ...rest } = given;
      only(rest);
      if (!Array.isArray(commands) || commands.length === 0 || commands.length > COMMANDS_MAX)
        throw Failure.argument('commands', `an array of 1 to ${COMMANDS_MAX} commands`);
      const replies = await session.transaction(commands.map((words, i) => wordsOf(words, `commands[${i}]`)));
      return { results: replies.map(toJson) };
    },
  };
}

function anything(reads: boolean): Omit<Tool['annotations'], 'title'> {
  return { readOnlyHint: reads, destructiveHint: !reads, idempotentHint: reads, openWorldHint: false };
}

function wordsOf(value: unknown, name: string): Word[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > WORDS_MAX)
    throw Failure.argument(name, `an array of 1 to ${WORDS_MAX} words`);
  return value.map((word, i) => toWord(word, `${name}[${i}]`));
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw Failure.argument(name, 'text');
  return value;
}

/** @throws Failure ERR when there is anything left */
function only(rest: Json): void {
  for (const name of Object.keys(rest)) throw new Failure('ERR', `unknown argument '${name}'`);
}
