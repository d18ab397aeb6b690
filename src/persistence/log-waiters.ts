/** LogWaiters: the clients that WAITAOF has parked until what they have changed is safe on disk. */
import type { Wait } from '../../commands/blocking.js';
import type { Client } from '../../commands/client.js';
import { hush } from '../../commands/client-mode.js';
import type { Command } from '../../commands/command.js';
import { UNBLOCKED } from '../../commands/error.js';
import { Deadlines } from '../blocking/deadlines.js';
import type { SynapServer } from '../server.js';

class Waiting implements Wait {
  slot = -1;

  constructor(
    readonly client: Client,
    readonly command: Command,
    /** The frame that must be safe; 0: none. */
    readonly sequence: number,
    readonly replicas: number,
    readonly deadline: number,
  ) {}
}

export class LogWaiters {
  private readonly waiting = new Set<Waiting>();
  private readonly deadlines = new Deadlines<Waiting>(() => this.wake());
  private readonly server: SynapServer;
  /** The last frame that is safe on disk. */
  private readonly synced: () => number;

  constructor(server: SynapServer, synced: () => number) {
    this.server = server;
    this.synced = synced;
  }

  get size(): number {
    return this.waiting.size;
  }

  get timed(): number {
    return this.deadlines.size;
  }

  /** Whether somebody waits for something that is not safe yet. O(clients that wait) */
  get wantSync(): boolean {
    if (this.waiting.size === 0) return false;
    const synced = this.synced();
    for (const { sequence } of this.waiting) if (sequence > synced) return true;
    return false;
  }

  /** See AppendOnly.await. */
  await(c: Client, local: number, replicas: number, deadline: number): void {
    const sequence = local === 0 ? 0 : c.changedAt;
    if (c.inExec || (replicas === 0 && this.synced() >= sequence)) return this.answer(c);
    const item = new Waiting(c, c.command!, sequence, replicas, deadline);
    this.waiting.add(item);
    c.wait = item;
    if (deadline === Number.POSITIVE_INFINITY) return;
    this.deadlines.add(item);
    this.deadlines.arm(this.server.now);
  }

  /** How many disks have all that `c` has changed: this one's, replicas'. */
  private answer(c: Client): void {
    c.out.array(2);
    c.out.int(this.server.appendOnly.enabled && this.synced() >= c.changedAt ? 1 : 0);
    c.out.int(0);
  }

  /** More is safe than before. O(clients that wait) */
  release(): void {
    if (this.waiting.size === 0) return;
    const synced = this.synced();
    for (const item of this.waiting) if (item.replicas === 0 && item.sequence <= synced) this.finish(item);
  }

  /** Answers everybody as things stand: the log is closed. */
  releaseAll(): void {
    for (const item of this.waiting) this.finish(item);
  }

  private finish(item: Waiting, error = false): void {
    const { client, command } = item;
    this.drop(item);
    this.server.timing.giveUp(client, command);
    const at = client.out.pos;
    if (error) {
      command.failed++;
      this.server.stats.countError(UNBLOCKED.message);
      client.out.error(UNBLOCKED.message);
    } else this.answer(client);
    hush(client, at);
    client.link?.schedule();
  }

  private drop(item: Waiting): void {
    this.waiting.delete(item);
    this.deadlines.remove(item);
    item.client.wait = undefined;
  }

  /** A client is gone. */
  forget(c: Client): void {
    if (c.wait instanceof Waiting) this.drop(c.wait);
  }

  /** CLIENT UNBLOCK. @returns whether it has waited here */
  unblock(c: Client, error: boolean): boolean {
    if (!(c.wait instanceof Waiting)) return false;
    this.finish(c.wait, error);
    return true;
  }

  /** Answers everybody whose time is up. */
  expire(): void {
    const { now } = this.server;
    for (let item = this.deadlines.takeDue(now); item !== undefined; item = this.deadlines.takeDue(now))
      this.finish(item);
    this.deadlines.arm(now);
  }

  private wake(): void {
    this.server.beginTurn();
    this.expire();
    this.server.endTurn();
  }

  close(): void {
    this.deadlines.stop();
  }
}
