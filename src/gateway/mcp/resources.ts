/** Keys as resources: a list by SCAN, a page of one (key-page.ts), and the completion of what one types of a key. */
import { Failure } from '../failure.js';
import { escapeGlob } from '../glob.js';
import { bytesToText, type JsonValue, toJson } from '../json-value.js';
import type { Session } from '../session.js';
import { type KeyPage, keyPage } from './key-page.js';
import { keyUri, parseKeyUri } from './key-uri.js';

/** The templates of resources. */
export const TEMPLATES = [
  {
    uriTemplate: 'synap://{db}/{key}',
    name: 'key',
    title: 'Key',
    description: 'Type, time to live and value of a key, of whatever type',
    mimeType: 'application/json',
  },
  {
    uriTemplate: 'synap://{db}/{key}{?cursor,count}',
    name: 'key-page',
    title: 'Page of a key',
    description: 'The same, from a cursor on (`next` of the page before) and at most `count` elements, 1 to 1000',
    mimeType: 'application/json',
  },
];

/** Keys in one page of the list, about. */
const PAGE = 100;
/** Calls of SCAN for one page or completion, and the keys that each of them looks at. */
const CALLS_MAX = 20;
const LOOKED_AT = 500;
/** MCP's limit. */
const COMPLETIONS_MAX = 100;

/** Whether the keys can be told at all with what is allowed. */
export function hasResources({ commands, access }: Session): boolean {
  return ['type', 'pttl', 'scan'].every((name) => {
    const command = commands.get(name);
    return command !== undefined && access.admits(command);
  });
}

/**
 * A page of the list of keys of the session's database.
 * @param cursor `nextCursor` of the page before
 * @throws Failure ERR on a cursor that is none
 */
export async function listKeys(
  session: Session,
  cursor: string | undefined,
): Promise<{ resources: { uri: string; name: string; mimeType: string }[]; nextCursor?: string }> {
  const patterns = allPatterns(session, '');
  let [, which, at] = /^(\d{1,4}):(\d{1,20})$/.exec(cursor ?? '0:0') ?? [];
  if (which === undefined || Number(which) >= patterns.length) throw new Failure('ERR', 'invalid cursor');
  const keys: Uint8Array[] = [];
  for (let calls = 0; calls < CALLS_MAX && keys.length < PAGE; calls++) {
    const [next, found] = await scan(session, at, patterns[Number(which)]);
    for (const key of found) keys.push(key);
    at = next;
    if (next !== '0') continue;
    which = String(Number(which) + 1);
    if (Number(which) === patterns.length) break;
  }
  const resources = keys.map((key) => ({
    uri: keyUri(session.login.db, key),
    name: bytesToText(key),
    mimeType: 'application/json',
  }));
  return Number(which) === patterns.length ? { resources } : { resources, nextCursor: `${which}:${at}` };
}

/**
 * A page of a key as a resource.
 * @param uri see key-uri.ts
 * @throws Failure NOTFOUND, ERR
 */
export async function readKey(session: Session, uri: string): Promise<Record<string, JsonValue>> {
  const address = parseKeyUri(uri);
  const page: KeyPage = await keyPage(session.at(address.db), address);
  const { next, ...rest } = page;
  const more = { cursor: next ?? '', count: String(address.count) };
  return {
    db: address.db,
    key: toJson(address.key),
    ...rest,
    next: next === null ? null : `${keyUri(address.db, address.key)}?${new URLSearchParams(more)}`,
  };
}

/**
 * What may follow what was typed of an argument of a template.
 * @param db the database, where it has been given already
 */
export async function complete(
  session: Session,
  argument: string,
  typed: string,
  db: string | undefined,
): Promise<string[]> {
  if (argument === 'db') {
    const own = String(session.login.db);
    return own.startsWith(typed) ? [own] : [];
  }
  if (argument !== 'key') return [];
  const there = db !== undefined && /^\d{1,5}$/.test(db) ? session.at(Number(db)) : session;
  const names = new Set<string>();
  for (const pattern of allPatterns(there, typed)) {
    let at = '0';
    for (let calls = 0; calls < CALLS_MAX && names.size < COMPLETIONS_MAX; calls++) {
      const [next, found] = await scan(there, at, pattern);
      for (const key of found) {
        const name = toJson(key);
        if (typeof name === 'string') names.add(name);
      }
      at = next;
      if (next === '0') break;
    }
  }
  return [...names].sort().slice(0, COMPLETIONS_MAX);
}

/** Patterns of the keys that begin with `typed`, within what is allowed. */
function allPatterns({ access }: Session, typed: string): string[] {
  const { prefixes } = access.limits;
  if (prefixes === undefined) return [`${escapeGlob(typed)}*`];
  // One that begins with another prefix has been seen with that.
  const apart = prefixes.filter(
    (one, i) => !prefixes.some((other, j) => i !== j && one.startsWith(other) && (one !== other || j < i)),
  );
  return apart.flatMap((prefix) => {
    if (typed.startsWith(prefix)) return [`${escapeGlob(typed)}*`];
    return prefix.startsWith(typed) ? [`${escapeGlob(prefix)}*`] : [];
  });
}

async function scan(session: Session, cursor: string, pattern: string): Promise<[next: string, keys: Uint8Array[]]> {
  const match = pattern === '*' ? [] : ['MATCH', pattern];
  const reply = await session.run(['SCAN', cursor, ...match, 'COUNT', String(pattern === '*' ? PAGE : LOOKED_AT)]);
  const [next, keys] = reply as [Uint8Array, Uint8Array[]];
  return [bytesToText(next), keys];
}
