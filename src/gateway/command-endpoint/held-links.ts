/**
 * HeldLinks: what a client keeps between its requests (a transaction, a subscription), each with a link of its own, under the name that it
 * gives itself. Nobody can name what is another user's. What is not used for a while is closed; their number is bounded by the gateway's
 * `waitingLimit`, which counts all links that are lent.
 */
import { Failure } from '../failure.js';
import type { Link } from '../link.js';
import type { Session } from '../session.js';

/** What is kept; `about` is its owner's. */
export interface Held<T> {
  readonly link: Link;
  readonly about: T;
}

interface Entry<T> {
  readonly opening: Promise<Held<T>>;
  readonly timer: NodeJS.Timeout;
  release: () => void;
}

export class HeldLinks<T> {
  private readonly all = new Map<string, Entry<T>>();
  private readonly idle: number;

  /** @param idle how long one is kept unused, ms */
  constructor(idle: number) {
    this.idle = idle;
  }

  /** The one of that name; undefined when there is none. Its time begins again. */
  async find(session: Session, name: string): Promise<Held<T> | undefined> {
    const entry = this.all.get(keyOf(session, name));
    if (entry === undefined) return undefined;
    entry.timer.refresh();
    const held = await entry.opening;
    if (!held.link.closed) return held;
    this.drop(session, name);
    throw new Failure('UNAVAILABLE', 'The server has closed the connection');
  }

  /**
   * The one of that name, opened when there is none.
   * @param make what is kept about a new link
   * @throws Failure BUSY when too many links are lent
   */
  async open(session: Session, name: string, make: (link: Link) => T): Promise<Held<T>> {
    const key = keyOf(session, name);
    // Nothing is awaited between the look and the entry, or two requests at once would open two.
    if (this.all.has(key)) return (await this.find(session, name))!;
    const opening = session.listen().then(({ link, release }) => {
      entry.release = release;
      // Dropped while it was being opened.
      if (this.all.get(key) !== entry) release();
      return { link, about: make(link) };
    });
    const timer = setTimeout(() => this.drop(session, name), this.idle).unref();
    const entry: Entry<T> = { opening, release: () => {}, timer };
    this.all.set(key, entry);
    opening.catch(() => {
      if (this.all.get(key) === entry) this.drop(session, name);
    });
    return opening;
  }

  /** Closes it. Nothing when there is none. */
  drop(session: Session, name: string): void {
    this.take(session, name)();
  }

  /** Forgets it, so that the name is free. @returns what closes it */
  take(session: Session, name: string): () => void {
    const key = keyOf(session, name);
    const entry = this.all.get(key);
    if (entry === undefined) return () => {};
    this.all.delete(key);
    clearTimeout(entry.timer);
    return entry.release;
  }

  close(): void {
    for (const { timer, release } of this.all.values()) {
      clearTimeout(timer);
      release();
    }
    this.all.clear();
  }
}

function keyOf({ login }: Session, name: string): string {
  return JSON.stringify([login.username, login.password, login.db, name]);
}
