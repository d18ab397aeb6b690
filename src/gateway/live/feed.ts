/** Feed: a subscription that is ready to begin; and what all of them do: take a link, read the query. */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import type { Word } from '../link.js';
import type { Session } from '../session.js';
import { Subscriber } from '../subscriber.js';
import { FAILED, type Outlet, POLICY, type Reader } from './outlet.js';

export type Query = Readonly<Record<string, unknown>>;

export interface Feed {
  /** Begins to send; `stop` must be called when it is over. */
  start(outlet: Outlet): Reader;
  stop(): void;
}

/** What a route asks for. `resume` is the `Last-Event-ID`; `acknowledges` whether the reader can say something. */
export interface Wish {
  readonly session: Session;
  readonly query: Query;
  readonly resume: string | undefined;
  readonly acknowledges: boolean;
}

/** Gets everything ready, so that what is wrong can still be answered by a status. @throws Failure */
export type Prepare = (wish: Wish) => Promise<Feed>;

/** Names in one subscription, at most. */
export const NAMES_MAX = 1000;

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

/** What a feed over push messages does with them, and with what its reader says. */
export interface Listening {
  /** @param items of the message, its kind among them */
  take(kind: string, items: readonly ReplyValue[], outlet: Outlet): void;
  greet(outlet: Outlet): void;
  /** A message of the reader, on a WebSocket. @throws Failure which the reader is told */
  said?(message: unknown, outlet: Outlet, subscriber: Subscriber): Promise<void>;
}

/** Messages of a reader that wait for those before them, at most. */
const SAID_MAX = 100;

/** A feed over push messages of a link of its own, which is stopped while the reader does not keep up. */
export async function pushFeed(
  session: Session,
  commands: readonly (readonly Word[])[],
  { take, greet, said }: Listening,
): Promise<Feed> {
  let outlet: Outlet | undefined;
  let gone = false;
  const early: [string, readonly ReplyValue[]][] = [];
  const { link, release } = await session.listen(() => {
    gone = true;
    outlet?.close(FAILED, 'the server has closed the connection');
  });
  const subscriber = new Subscriber(link, (kind, items) => {
    if (outlet === undefined) early.push([kind, items]);
    else take(kind, items, outlet);
  });
  try {
    await Promise.all(commands.map((argv) => subscriber.change(argv)));
  } catch (e) {
    release();
    throw e;
  }
  return {
    start: (to) => {
      outlet = to;
      greet(to);
      for (const [kind, items] of early.splice(0)) take(kind, items, to);
      if (gone) to.close(FAILED, 'the server has closed the connection');
      const reader = { full: () => link.pause(), drained: () => link.resume(), closed: release };
      return said === undefined ? reader : { ...reader, said: inTurn(to, (message) => said(message, to, subscriber)) };
    },
    stop: release,
  };
}

/** Messages of a reader one after another, each of which may fail by itself. */
function inTurn(outlet: Outlet, work: (message: unknown) => Promise<void>): (message: unknown) => void {
  let last = Promise.resolve();
  let waiting = 0;
  return (message) => {
    if (++waiting > SAID_MAX) return outlet.close(POLICY, 'too many messages at once');
    last = last
      .then(() => work(message))
      .catch((e: unknown) => outlet.tell(e instanceof Failure ? e : new Failure('INTERNAL', 'Internal error')))
      .finally(() => waiting--);
  };
}
