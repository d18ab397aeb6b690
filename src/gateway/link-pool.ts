/**
 * LinkPool: the links of one gateway. Ordinary commands of one user and database share a link, which pipelines them; a command that
 * may wait, a transaction or a subscription gets one of its own, so that nothing about one request reaches another.
 */
import { Failure } from './failure.js';
import { Link, type Target } from './link.js';

/** As whom, to which database, and in which version of RESP the server answers (3 when undefined). */
export interface Login {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly db: number;
  readonly protocol?: 2 | 3;
}

/** Shared links that are kept; the one that was opened first is closed for another. */
const SHARED_MAX = 256;
/** Links of their own that are kept for the next one: for each login, and of all that are not lent, the shared ones among them. */
const SPARE_MAX = 8;
const IDLE_MAX = 2 * SHARED_MAX;
/**
 * A link is lent or shared for so long (ms), then another is opened: the server asks for a password only then, and whoever's password is
 * one no more, or who is no user any more, must not be served for ever.
 */
const LOGIN_MS = 60_000;

interface Shared {
  readonly opening: Promise<Link>;
  /** As of a link: when it was opened. */
  readonly since: number;
}

export class LinkPool {
  private readonly target: Target;
  private readonly limit: number;
  private readonly loginMs: number;
  /** In the order in which they were opened. */
  private readonly shared = new Map<string, Shared>();
  private readonly spare = new Map<string, Link[]>();
  /** Links that are lent, or being opened to be. */
  private lent = 0;
  private readonly all = new Set<Link>();
  private readonly sweeping: NodeJS.Timeout;
  private closed = false;

  /**
   * @param limit links of their own at one time, at most
   * @param loginMs how long a login counts, ms
   */
  constructor(target: Target, limit: number, loginMs = LOGIN_MS) {
    this.target = target;
    this.limit = limit;
    this.loginMs = loginMs;
    this.sweeping = setInterval(() => this.sweep(), loginMs).unref();
  }

  /**
   * The link that commands of `login` share.
   * @param scripts the one for scripts: while one of them runs, the server looks at nothing else that comes by its link, and what is
   *   to be answered BUSY, or to end the script, must come by another
   * @throws Failure UNAVAILABLE, or the server's error when the login is refused
   */
  async common(login: Login, scripts = false): Promise<Link> {
    const key = scripts ? `scripts ${keyOf(login)}` : keyOf(login);
    const known = this.shared.get(key);
    if (known !== undefined && this.isOver(known.since)) this.forget(key, known);
    for (;;) {
      const one = this.shared.get(key) ?? this.share(key, login);
      const link = await one.opening;
      if (!link.closed) return link;
      if (this.shared.get(key) === one) this.shared.delete(key);
    }
  }

  private share(key: string, login: Login): Shared {
    const one = { opening: this.open(login), since: performance.now() };
    this.shared.set(key, one);
    if (this.shared.size > SHARED_MAX) {
      const [[oldest, its]] = this.shared;
      this.forget(oldest, its);
    }
    one.opening.catch(() => {
      if (this.shared.get(key) === one) this.shared.delete(key);
    });
    return one;
  }

  /**
   * Lends a link that nobody else uses; must be given back by `giveBack` or closed.
   * @throws Failure BUSY when too many are lent
   */
  async own(login: Login): Promise<Link> {
    const free = this.spare.get(keyOf(login));
    for (let link = free?.pop(); link !== undefined; link = free?.pop()) {
      if (link.closed) continue;
      if (!this.isOver(link.since)) {
        this.lent++;
        return link;
      }
      link.close();
    }
    if (this.lent >= this.limit) throw new Failure('BUSY', 'Too many requests wait or listen');
    this.lent++;
    try {
      return await this.open(login);
    } catch (e) {
      this.lent--;
      throw e;
    }
  }

  /** Takes back a link from `own`. @param clean whether it is as it was: no transaction, subscription or waiting command */
  giveBack(login: Login, link: Link, clean: boolean): void {
    this.lent--;
    link.onPush = link.onLine = undefined;
    const key = keyOf(login);
    const free = this.spare.get(key) ?? [];
    const isFull = free.length >= SPARE_MAX || this.all.size - this.lent > IDLE_MAX;
    if (!clean || link.closed || this.closed || isFull) return link.close();
    this.spare.set(key, free);
    free.push(link);
  }

  /** How many links there are, and how many of them are lent to one request each. */
  get figures(): { open: number; lent: number } {
    return { open: this.all.size, lent: this.lent };
  }

  close(): void {
    this.closed = true;
    clearInterval(this.sweeping);
    for (const link of [...this.all]) link.close();
    this.shared.clear();
    this.spare.clear();
  }

  private async open({ username, password, db, protocol }: Login): Promise<Link> {
    const { target } = this;
    const link = await Link.open({
      ...target,
      db,
      protocol: protocol ?? 3,
      ...(password === undefined ? {} : { password, username: username ?? 'default' }),
    });
    if (this.closed) {
      link.close();
      throw new Failure('UNAVAILABLE', 'The gateway is closing');
    }
    this.all.add(link);
    link.onClose = () => this.all.delete(link);
    return link;
  }

  private isOver(since: number): boolean {
    return since + this.loginMs <= performance.now();
  }

  /** Lets go what nobody would be given any more. */
  private sweep(): void {
    for (const [key, one] of this.shared) if (this.isOver(one.since)) this.forget(key, one);
    for (const [key, links] of this.spare) {
      const fresh = links.filter(({ closed, since }) => !closed && !this.isOver(since));
      for (const link of links) if (!fresh.includes(link)) link.close();
      if (fresh.length > 0) this.spare.set(key, fresh);
      else this.spare.delete(key);
    }
  }

  /** Lets nobody else have it. */
  private forget(key: string, { opening }: Shared): void {
    this.shared.delete(key);
    opening.then(
      (link) => closeWhenIdle(link),
      () => {},
    );
  }
}

/** Closes a link that nobody gets any more, once what waits on it is answered. */
function closeWhenIdle(link: Link): void {
  if (link.pending === 0) return link.close();
  setTimeout(() => closeWhenIdle(link), 100).unref();
}

function keyOf({ username, password, db, protocol }: Login): string {
  // The usual case: nobody says who he is.
  if (username === undefined && password === undefined) return `${db} ${protocol ?? 3}`;
  return JSON.stringify([username, password, db, protocol ?? 3]);
}
