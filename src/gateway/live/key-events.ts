/**
 * What happens to keys: keyspace notifications. `?key=a&key=b`. The server tells them only when its notify-keyspace-events says so: what
 * is missing there is added where the user may do that, and else the answer says what is to be done.
 */
import { ReplyError, type ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { bytesToText, toJson } from '../json-value.js';
import type { Session } from '../session.js';
import { type Feed, pushFeed, type Query, type Wish } from './feed.js';
import type { Outlet } from './outlet.js';

const DIRECTIVE = 'notify-keyspace-events';
/** Keyspace channels, and all classes of events. */
const WANTED = ['K', 'A'];
/** The letters of classes: without one of them nothing is told. */
const CLASSES = /[g$lshzxetdmnA]/;
const KEYS_MAX = 1000;

/**
 * Each event: `{type: "event", key, event}`.
 * @throws Failure ERR without keys, ERR (409) when notifications are off and stay so, FORBIDDEN
 */
export async function keyFeed({ session, query }: Wish): Promise<Feed> {
  const keys = keysIn(query);
  for (const key of keys) await session.permit(['TYPE', key]);
  const notifications = await turnOn(session);
  const prefix = `__keyspace@${session.login.db}__:`;
  const channels = keys.map((key) => prefix + key);
  const take = (kind: string, [, channel, event]: readonly ReplyValue[], outlet: Outlet): void => {
    if (kind !== 'message' || !(channel instanceof Uint8Array)) return;
    outlet.send({ type: 'event', key: bytesToText(channel).slice(prefix.length), event: toJson(event) });
  };
  const greet = (outlet: Outlet): void => outlet.send({ type: 'connected', keys, notifications });
  return pushFeed(session, [['SUBSCRIBE', ...channels]], { take, greet });
}

function keysIn({ key = [] }: Query): string[] {
  const keys = (Array.isArray(key) ? key : [key]).map(String).filter((text) => text !== '');
  if (keys.length === 0) throw new Failure('ERR', "missing argument 'key'");
  if (keys.length > KEYS_MAX) throw new Failure('ERR', `more than ${KEYS_MAX} keys`);
  return keys;
}

/**
 * Lets the server tell of keys.
 * @returns the directive as it is then; null when the user may not know
 * @throws Failure ERR (409) when notifications are off and stay so
 */
export async function turnOn(session: Session): Promise<string | null> {
  const now = await directive(session);
  if (now === null) return null;
  const missing = WANTED.filter((letter) => !now.includes(letter)).join('');
  if (missing === '') return now;
  if (session.access.limits.readOnly !== true && (await set(session, now + missing))) return directive(session);
  if (now.includes('K') && CLASSES.test(now)) return now;
  throw new Failure(
    'ERR',
    `${DIRECTIVE} is '${now}', so nothing would be told: CONFIG SET ${DIRECTIVE} ${now}${missing} is needed, which is not allowed here`,
    409,
  );
}

async function directive(session: Session): Promise<string | null> {
  const reply = await allowed(session, ['CONFIG', 'GET', DIRECTIVE]);
  if (!(reply instanceof Map)) return null;
  const [value] = [...reply.values()];
  return value instanceof Uint8Array ? bytesToText(value) : null;
}

async function set(session: Session, value: string): Promise<boolean> {
  return (await allowed(session, ['CONFIG', 'SET', DIRECTIVE, value])) === 'OK';
}

/** The reply; null when the server, or the gateway, does not allow it. */
async function allowed(session: Session, argv: readonly string[]): Promise<ReplyValue> {
  try {
    const reply = await session.call(argv);
    return reply instanceof ReplyError ? null : reply;
  } catch (e) {
    if (e instanceof Failure && e.code === 'FORBIDDEN') return null;
    throw e;
  }
}
