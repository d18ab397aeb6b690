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

export class LinkPool {
  private readonly target: Target;
  private readonly limit: number;
  /** In the order in which they were opened. */
  private readonly shared = new Map<string, Promise<Link>>();
  private readonly spare = new Map<string, Link[]>();
  /** Links that are lent, or being opened to be. */
  private lent = 0;
  private readonly all = new Set<Link>();
  private closed = false;

  /** @param limit links of their own at one time, at most */
  constructor(target: Target, limit: number) {
    this.target = target;
    this.limit = limit;
  }

  /**
   * The link that commands of `login` share.
   * @param scripts the one for scripts: while one of them runs, the server looks at nothing else that comes by its link, and what is
   *   to be answered BUSY, or to end the script, must come by another
   * @throws Failure UNAVAILABLE, or the server's error when the login is refused
   */
  async common(login: Login, scripts = false): Promise<Link> {
    const key = scripts ? `scripts ${keyOf(login)}` : keyOf(login);
    for (;;) {
      const opening = this.shared.get(key) ?? this.share(key, login);
      const link = await opening;
      if (!link.closed) return link;
      if (this.shared.get(key) === opening) this.shared.delete(key);
    }
  }

  private share(key: string, login: Login): Promise<Link> {
    const opening = this.open(login);
    this.shared.set(key, opening);
    if (this.shared.size > SHARED_MAX) this.forgetOldest();
    opening.catch(() => {
      if (this.shared.get(key) === opening) this.shared.delete(key);
    });
    return opening;
  }

  /**
   * Lends a link that nobody else uses; must be given back by `giveBack` or closed.
   * @throws Failure BUSY when too many are lent
   */
  async own(login: Login): Promise<Link> {
    const free = this.spare.get(keyOf(login));
    for (let link = free?.pop(); link !== undefined; link = free?.pop()) {
      if (link.closed) continue;
      this.lent++;
      return link;
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

  private forgetOldest(): void {
    for (const [key, opening] of this.shared) {
      this.shared.delete(key);
      opening.then(
        (link) => closeWhenIdle(link),
        () => {},
      );
      return;
    }
  }
}

/** Closes a link that nobody gets any more, once what waits on it is answered. */
function closeWhenIdle(link: Link): void {
  if (link.pending === 0) return link.close();
  setTimeout(() => closeWhenIdle(link), 100).unref();
}

function keyOf({ username, password, db, protocol }: Login): string {
  return JSON.stringify([username, password, db, protocol ?? 3]);
}
