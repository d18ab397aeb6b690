/** Feed: a subscription that is ready to begin; and what all of them do: take a link, read the query. */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { unlessError } from '../json-value.js';
import type { Link, Word } from '../link.js';
import type { Session } from '../session.js';
import { FAILED, type Outlet, type Reader } from './outlet.js';

export type Query = Readonly<Record<string, unknown>>;

export interface Feed {
  /** Begins to send; `stop` must be called when it is over. */
  start(outlet: Outlet): Reader;
  stop(): void;
}

/** What a route asks for. `resume` is the `Last-Event-ID`; `acknowledges` whether the reader can answer. */
export interface Wish {
  readonly session: Session;
  readonly query: Query;
  readonly resume: string | undefined;
  readonly acknowledges: boolean;
}

/** Gets everything ready, so that what is wrong can still be answered by a status. @throws Failure */
export type Prepare = (wish: Wish) => Promise<Feed>;

/** Names in one subscription, at most. */
const NAMES_MAX = 1000;

/** The names in a query, parted by commas, also in several parameters. @throws Failure ERR on too many */
export function namesIn(query: Query, name: string): string[] {
  const given = query[name] ?? [];
  const names = (Array.isArray(given) ? given : [given]).flatMap((text) => String(text).split(','));
  if (names.length > NAMES_MAX) throw new Failure('ERR', `more than ${NAMES_MAX} ${name}`);
  return names.filter((text) => text !== '');
}

/** One value in a query. @throws Failure ERR when it is missing */
export function valueIn(query: Query, name: string): string {
  const value = query[name];
  if (typeof value !== 'string' || value === '') throw new Failure('ERR', `missing argument '${name}'`);
  return value;
}

/** A whole number in a query. @throws Failure ERR when it is none, or not between `min` and `max` */
export function integerIn(query: Query, name: string, fallback: number, min: number, max: number): number {
  const value = query[name];
  if (value === undefined) return fallback;
  const n = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!(n >= min && n <= max)) throw new Failure('ERR', `argument '${name}' must be between ${min} and ${max}`);
  return n;
}

/** Sends what answers by push messages alone, and waits until the server has taken it. @throws Failure the server's error */
export async function subscribe(link: Link, all: readonly (readonly Word[])[]): Promise<void> {
  for (const argv of all) link.send(argv);
  // An error comes in the place of the answer to this.
  unlessError(await link.call(['PING']));
}

/** A feed over push messages of a link of its own, which is stopped while the reader does not keep up. */
export async function pushFeed(
  session: Session,
  commands: readonly (readonly Word[])[],
  take: (items: readonly ReplyValue[], outlet: Outlet) => void,
  greet: (outlet: Outlet) => void,
): Promise<Feed> {
  let outlet: Outlet | undefined;
  let gone = false;
  const early: (readonly ReplyValue[])[] = [];
  const { link, release } = await session.listen(() => {
    gone = true;
    outlet?.close(FAILED, 'the server has closed the connection');
  });
  try {
    link.onPush = (items) => early.push(items);
    await subscribe(link, commands);
  } catch (e) {
    release();
    throw e;
  }
  return {
    start: (to) => {
      outlet = to;
      greet(to);
      for (const items of early.splice(0)) take(items, to);
      link.onPush = (items) => take(items, to);
      if (gone) to.close(FAILED, 'the server has closed the connection');
      return { full: () => link.pause(), drained: () => link.resume(), closed: release };
    },
    stop: release,
  };
}
