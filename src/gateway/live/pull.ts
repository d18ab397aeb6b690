/** A feed that asks again and again on a link of its own (TOPIC.READ, QUEUE.CONSUME), and waits while its reader does not keep up. */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { type JsonValue, toJson, unlessError } from '../json-value.js';
import type { Word } from '../link.js';
import type { Session } from '../session.js';
import type { Feed } from './feed.js';
import { FAILED, type Outlet } from './outlet.js';

export interface Pull {
  /** The next command; undefined when there is nothing to ask until `wake` is called. */
  ask(): readonly Word[] | undefined;
  /** Its reply, unless that is an error. */
  take(reply: ReplyValue, outlet: Outlet): void;
  greet(outlet: Outlet): void;
  said?(message: unknown, outlet: Outlet): void;
  closed?(): void;
}

/** @param make is given `wake`, which lets the feed ask again */
export async function pullFeed(session: Session, make: (wake: () => void) => Pull): Promise<Feed> {
  let outlet: Outlet | undefined;
  let asking = false;
  const { link, release } = await session.listen(() => outlet?.close(FAILED, 'the server has closed the connection'));

  const round = async (to: Outlet): Promise<void> => {
    if (asking || !to.open || to.stopped) return;
    const argv = pull.ask();
    if (argv === undefined) return;
    asking = true;
    try {
      pull.take(unlessError(await link.call(argv)), to);
    } catch (e) {
      to.fail(e instanceof Failure ? e : new Failure('INTERNAL', 'Internal error'));
    } finally {
      asking = false;
    }
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
          pull.closed?.();
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
