/**
 * A feed that asks again and again on a link of its own (TOPIC.READ, QUEUE.CONSUME). What one reply holds is sent piece by piece, as its
 * reader takes it; then it asks again.
 */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { type JsonValue, toJson, unlessError } from '../json-value.js';
import type { Word } from '../link.js';
import type { Session } from '../session.js';
import type { Feed } from './feed.js';
import { FAILED, type Outlet } from './outlet.js';

export interface Pull<T> {
  /** The next command; undefined when there is nothing to ask until `wake` is called. */
  ask(): readonly Word[] | undefined;
  /** What is to be sent of its reply, unless that is an error. */
  take(reply: ReplyValue): readonly T[];
  send(one: T, outlet: Outlet): void;
  greet(outlet: Outlet): void;
  said?(message: unknown, outlet: Outlet): void;
  /** @param unsent what was taken and will not be sent */
  closed?(unsent: readonly T[]): void;
}

/** @param make is given `wake`, which lets the feed ask again */
export async function pullFeed<T>(session: Session, make: (wake: () => void) => Pull<T>): Promise<Feed> {
  let outlet: Outlet | undefined;
  let asking = false;
  /** What was taken, and how much of it was sent. */
  let taken: readonly T[] = [];
  let sent = 0;
  const { link, release } = await session.listen(() => outlet?.close(FAILED, 'the server has closed the connection'));

  const end = (): void => {
    const unsent = taken.slice(sent);
    taken = [];
    pull.closed?.(unsent);
  };
  const ask = async (argv: readonly Word[], to: Outlet): Promise<void> => {
    asking = true;
    try {
      taken = pull.take(unlessError(await link.call(argv)));
      sent = 0;
    } catch (e) {
      to.fail(e instanceof Failure ? e : new Failure('INTERNAL', 'Internal error'));
    } finally {
      asking = false;
    }
    if (!to.open) end(); // it has come too late
  };
  const round = async (to: Outlet): Promise<void> => {
    if (asking) return;
    while (sent < taken.length && to.open && !to.stopped) pull.send(taken[sent++], to);
    if (!to.open || to.stopped) return;
    taken = [];
    sent = 0;
    const argv = pull.ask();
    if (argv === undefined) return;
    await ask(argv, to);
    setImmediate(() => round(to));
  };
  const wake = (): void => {
    if (outlet !== undefined) round(outlet);
  };
  const pull = make(wake);
  return {
    start: (to) => {
      outlet = to;
      pull.greet(to);
      // The first question is asked once the reader is attached.
      setImmediate(wake);
      return {
        full: () => {},
        drained: wake,
        closed: () => {
          release();
          end();
        },
        ...(pull.said === undefined ? {} : { said: (message: unknown) => pull.said!(message, to) }),
      };
    },
    stop: release,
  };
}

/** The members of a map by name; none of what is no map. */
export function members(value: ReplyValue): Record<string, JsonValue> {
  return value instanceof Map ? (toJson(value) as Record<string, JsonValue>) : {};
}
