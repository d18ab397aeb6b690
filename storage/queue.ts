/**
 * Queue: messages in the order of their delivery, the highest priority first, then the lowest id. Each is one block of the arena
 * (queue-message.ts), found by its id in a Table; where it stands, ordered trees of references say, one for each state:
 *
 *            publish            deliver             bury
 *   ----> READY <--> DELAYED    READY --> IN_FLIGHT --> DEAD        remove: from any state
 *           ^---- promote -'      ^-- giveBack --'--------'
 *
 *   READY by 2^49 (9 - priority) + id | DELAYED, IN_FLIGHT and DEAD by their time | and, beside, what waits and expires, by that time
 *
 * Every step is O(log n), and only done when it is told: the clock is an argument of who looks for what is due (`outdated`, `overdue`,
 * `promote`). That a delay is over changes nothing but the index, so it is no change of the content. Knows no keys, no clients.
 * Read next: queue-value.ts (files, copies), commands/queue.ts.
 */
import type { Pin } from './large.js';
import { type Arena, blockBytes } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import { Table } from './memory/table.js';
import { OrderedTree } from './ordered-tree.js';
import { QueueHolders } from './queue-holders.js';
import {
  buildMessage,
  DEAD,
  DELAYED,
  ID_LIMIT,
  ID_OFFSET,
  IN_FLIGHT,
  MessageFields,
  type NewMessage,
  putId,
  READY,
} from './queue-message.js';
import { INDEX_OVERHEAD, QueueRemains } from './queue-remains.js';

/** Estimated bytes of the JavaScript objects of one queue. */
const OVERHEAD = 1024;
/** The index of what expires; the others have the numbers of their states. */
const EXPIRING = 4;
const INDEXES = 5;
/** Fewer messages are removed one by one. */
const DETACHED_FROM = 512;
/** The longest time of a setting, ms: with any date it stays a whole number. */
export const TIME_MAX = 2 ** 52;
/** The largest number of a setting that counts something. */
export const COUNT_MAX = 2 ** 31 - 1;
/** Deliveries are counted up to this. */
const DELIVERIES_MAX = 2 ** 32 - 1;
export const LOWEST = 0;
export const HIGHEST = 9;

/** What is decided when the queue is created. Times are ms. */
export interface QueueSettings {
  /** Messages that wait or are in flight; 0: any number. */
  maxDepth: number;
  /** Until when a delivered message must be acknowledged. */
  deadline: number;
  /** Deliveries of a message after the first. */
  retries: number;
  /** Messages that one consumer may hold; 0: any number. */
  prefetch: number;
  /** What messages have that do not say otherwise; ttl 0: they do not expire. */
  priority: number;
  ttl: number;
  delay: number;
}

export const DEFAULTS: Readonly<QueueSettings> = Object.freeze({
  maxDepth: 0,
  deadline: 30_000,
  retries: 3,
  prefetch: 0,
  priority: 5,
  ttl: 0,
  delay: 0,
});

/** Told of each message before it changes, while a snapshot needs it as it is. */
interface QueuePin extends Pin {
  changing(hash: number): void;
}

export class Queue {
  readonly arena: Arena;
  readonly settings: QueueSettings;
  table: Table;
  readonly fields: MessageFields;
  readonly holders: QueueHolders;
  /** The id of the message that came last. */
  lastId = 0;
  // How many there ever were.
  published = 0;
  delivered = 0;
  acked = 0;
  nacked = 0;
  expired = 0;
  deadLettered = 0;
  capture: QueuePin | undefined = undefined;
  private readonly indexes: (OrderedTree | undefined)[] = new Array<undefined>(INDEXES).fill(undefined);
  private blocks = 0;
  private readonly view = new Bytes();
  private readonly idBytes = new Uint8Array(8);
  private readonly idView = new Bytes();
  /** The whole, once it is being freed. */
  private remains: QueueRemains | undefined = undefined;

  constructor(arena: Arena, settings: Readonly<QueueSettings>) {
    this.arena = arena;
    this.settings = { ...settings };
    this.table = new Table(arena, ID_OFFSET);
    this.fields = new MessageFields(arena);
    this.holders = new QueueHolders(arena);
    arena.outside += OVERHEAD;
  }

  // ---- what there is --------------------------------------------------------------------------------------------------------------

  /** Messages in one state. */
  count(state: number): number {
    return this.indexes[state]?.size ?? 0;
  }

  /** Messages that wait or are in flight. */
  get depth(): number {
    return this.table.size - this.count(DEAD);
  }

  /** Whether the limit of the depth leaves no room for `n` more. */
  isFull(n: number): boolean {
    return this.settings.maxDepth > 0 && this.depth + n > this.settings.maxDepth;
  }

  /** Messages that the consumer called `name` may be given now; Infinity without a limit. */
  room(name: Bytes): number {
    const { prefetch } = this.settings;
    return prefetch === 0 ? Number.POSITIVE_INFINITY : Math.max(0, prefetch - (this.holders.find(name)?.held ?? 0));
  }

  get ready(): boolean {
    return this.count(READY) > 0;
  }

  /** When the first delay, deadline or life is over, ms since the epoch; Infinity: none is. */
  get due(): number {
    return Math.min(this.firstTime(DELAYED), this.firstTime(IN_FLIGHT), this.firstTime(EXPIRING));
  }

  private firstTime(index: number): number {
    const tree = this.indexes[index];
    return tree === undefined || tree.size === 0 ? Number.POSITIVE_INFINITY : tree.scoreAt(tree.head, 0);
  }

  /** Bytes of everything. */
  get bytes(): number {
    let n = OVERHEAD + this.table.bytes + this.blocks + this.holders.bytes;
    for (const tree of this.indexes) if (tree !== undefined) n += tree.bytes + INDEX_OVERHEAD;
    return n;
  }

  get pieces(): number {
    let n = (this.table.size >> 9) + 1;
    for (const tree of this.indexes) if (tree !== undefined) n += tree.nodes;
    return n;
  }

  free(budget: number): boolean {
    if (this.remains === undefined) {
      const all = this.indexes.filter((tree) => tree !== undefined);
      this.indexes.fill(undefined);
      this.remains = new QueueRemains(this.fields, this.table, all, this.blocks);
      this.holders.drop();
      this.arena.outside -= OVERHEAD;
    }
    return this.remains.free(budget);
  }

  // ---- finding: a message is named by its block -----------------------------------------------------------------------------------

  /** The message with this id, 0 when there is none. Expected O(1). */
  find(id: number): number {
    if (!(id > 0 && id < ID_LIMIT)) return 0;
    putId(this.idBytes, 0, id);
    return this.table.find(this.idView.set(this.idBytes, 0, 8));
  }

  /** The first message in `state` (the one to be delivered next, the first to be due, the one that died first); 0: none. O(1) */
  first(state: number): number {
    const tree = this.indexes[state];
    return tree === undefined || tree.size === 0 ? 0 : tree.refAt(tree.head, 0);
  }

  /** Visits messages in `state` in their order, until `visit` says false. Nothing may change meanwhile. O(messages visited) */
  forEach(state: number, visit: (ref: number) => boolean): void {
    const tree = this.indexes[state];
    if (tree === undefined) return;
    for (let leaf = tree.head; leaf !== 0; leaf = tree.next(leaf))
      for (let i = 0; i < tree.count(leaf); i++) if (!visit(tree.refAt(leaf, i))) return;
  }

  /** When the oldest message that is ready was published, ms since the epoch; 0 when none is. O(log n) */
  get oldest(): number {
    const tree = this.indexes[READY];
    if (tree === undefined) return 0;
    let id = Number.POSITIVE_INFINITY;
    let oldest = 0;
    for (let priority = LOWEST; priority <= HIGHEST; priority++) {
      const rank = tree.countScores(readyScore(priority, 0), false);
      if (rank === tree.size) continue;
      tree.seekRank(rank);
      const ref = tree.refAt(tree.leaf, tree.slot);
      if (this.fields.priority(ref) !== priority || this.fields.id(ref) >= id) continue;
      id = this.fields.id(ref);
      oldest = this.fields.published(ref);
    }
    return oldest;
  }

  /** A message that waits and whose life is over at `now`; 0: none. O(1) */
  outdated(now: number): number {
    return this.firstTime(EXPIRING) <= now ? this.first(EXPIRING) : 0;
  }

  /** A message in flight whose deadline has passed at `now`; 0: none. O(1) */
  overdue(now: number): number {
    return this.firstTime(IN_FLIGHT) <= now ? this.first(IN_FLIGHT) : 0;
  }

  /** Lets messages be ready whose delay is over at `now`, `limit` of them at most. @returns how many. O(log n) each */
  promote(now: number, limit: number): number {
    let n = 0;
    for (; n < limit && this.firstTime(DELAYED) <= now; n++) this.place(this.first(DELAYED), READY, true);
    return n;
  }

  // ---- steps ----------------------------------------------------------------------------------------------------------------------

  /** Takes in a new message, which no other has the id of. @returns its block. O(log n) */
  publish(message: NewMessage): number {
    const ref = this.insert(message);
    this.published++;
    return ref;
  }

  /** `publish` without counting it: for what is read or copied. */
  insert(message: NewMessage): number {
    const { table, view, fields } = this;
    const ref = buildMessage(this.arena, message);
    fields.key(ref, view);
    this.capture?.changing(view.hash());
    table.find(view);
    table.insert(view.hash(), ref);
    this.blocks += blockBytes(fields.bytes(ref));
    if (message.id > this.lastId) this.lastId = message.id;
    this.await(ref, message.due);
    return ref;
  }

  /** Gives a message that waits to the consumer called `name`, until `deadline`. O(log n) */
  deliver(ref: number, name: Bytes, deadline: number): void {
    this.leave(ref);
    const { fields } = this;
    fields.setHolder(ref, this.holders.hold(name));
    fields.setDeliveries(ref, Math.min(fields.deliveries(ref) + 1, DELIVERIES_MAX));
    fields.setTime(ref, deadline);
    this.place(ref, IN_FLIGHT, false);
    this.delivered++;
  }

  /** A message goes, from whatever state. O(log n) */
  remove(ref: number): void {
    this.leave(ref);
    const { table, fields, view } = this;
    const bytes = fields.bytes(ref);
    table.locate(fields.key(ref, view).hash(), ref);
    table.remove();
    this.blocks -= blockBytes(bytes);
    this.arena.release(ref, bytes);
  }

  /** A message in flight or dead waits again at its old place, until `due` (ms since the epoch, 0: not at all). O(log n) */
  giveBack(ref: number, due: number): void {
    this.leave(ref);
    this.await(ref, due);
  }

  /** A message dies at `at`, ms since the epoch: it does not expire any more. @param reason BY_RETRIES or BY_NACK. O(log n) */
  bury(ref: number, reason: number, at: number): void {
    this.leave(ref);
    const { fields } = this;
    fields.setExpires(ref, 0);
    fields.setTime(ref, at);
    this.place(ref, DEAD, false, reason);
    this.deadLettered++;
  }

  /** A dead message waits again, as if it had never been delivered. O(log n) */
  revive(ref: number): void {
    this.giveBack(ref, 0);
    this.fields.setDeliveries(ref, 0);
  }

  /**
   * Takes out all messages in `states` (READY and DELAYED together, or DEAD) at once, where they are more than the others: what is left is
   * kept under a new table. Not while a snapshot needs them.
   * @returns what is to be discarded; undefined when it must be done one by one. O(messages that stay)
   */
  detach(states: readonly number[]): QueueRemains | undefined {
    const { table, fields, view, indexes } = this;
    const gone = states.reduce((n, state) => n + this.count(state), 0);
    if (this.capture !== undefined || gone < DETACHED_FROM || gone < table.size - gone) return undefined;
    const kept = new Table(this.arena, ID_OFFSET);
    let bytes = 0;
    for (const state of [READY, DELAYED, IN_FLIGHT, DEAD])
      if (!states.includes(state))
        this.forEach(state, (ref) => {
          table.locate(fields.key(ref, view).hash(), ref);
          table.remove();
          kept.find(view);
          kept.insert(view.hash(), ref);
          bytes += blockBytes(fields.bytes(ref));
          return true;
        });
    const trees = [...states, ...(states.includes(READY) ? [EXPIRING] : [])].map((i) => {
      const tree = indexes[i];
      indexes[i] = undefined;
      return tree;
    });
    const remains = trees.filter((tree) => tree !== undefined);
    this.table = kept;
    const blocks = this.blocks - bytes;
    this.blocks = bytes;
    return new QueueRemains(fields, table, remains, blocks);
  }

  /** Whether a message that was not acknowledged has no further delivery left. */
  isExhausted(ref: number): boolean {
    return this.fields.deliveries(ref) > this.fields.retries(ref);
  }

  // ---- indexes --------------------------------------------------------------------------------------------------------------------

  /** The message stands in no index: it waits now. */
  private await(ref: number, due: number): void {
    this.fields.setTime(ref, due);
    this.place(ref, due > 0 ? DELAYED : READY, false);
    const expires = this.fields.expires(ref);
    if (expires > 0) this.index(EXPIRING).insert(expires, this.fields.key(ref, this.view), ref);
  }

  /** The message is about to change: it is taken out of all indexes. */
  private leave(ref: number): void {
    const { fields, view } = this;
    const state = fields.state(ref);
    fields.key(ref, view);
    this.capture?.changing(view.hash());
    this.index(state).remove(this.score(ref, state), view);
    if (state === IN_FLIGHT) {
      this.holders.letGo(fields.holder(ref));
      fields.setHolder(ref, 0);
    } else if (state !== DEAD && fields.expires(ref) > 0) this.index(EXPIRING).remove(fields.expires(ref), view);
  }

  /** Puts the message into the index of `state`; from that of its present state when it `moves`. */
  private place(ref: number, state: number, moves: boolean, reason = 0): void {
    const { fields, view } = this;
    if (moves) this.index(fields.state(ref)).remove(this.score(ref, fields.state(ref)), fields.key(ref, view));
    fields.setState(ref, state, reason);
    this.index(state).insert(this.score(ref, state), fields.key(ref, view), ref);
  }

  private score(ref: number, state: number): number {
    return state === READY ? readyScore(this.fields.priority(ref), this.fields.id(ref)) : this.fields.time(ref);
  }

  private index(i: number): OrderedTree {
    return this.indexes[i] ?? this.addIndex(i);
  }

  private addIndex(i: number): OrderedTree {
    const tree = new OrderedTree(this.arena);
    this.arena.outside += INDEX_OVERHEAD;
    this.indexes[i] = tree;
    return tree;
  }
}

function readyScore(priority: number, id: number): number {
  return (HIGHEST - priority) * ID_LIMIT + id;
}
