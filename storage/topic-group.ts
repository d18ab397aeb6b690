/**
 * TopicGroup: members that share the partitions of a topic, and how far each partition was read. Every change of who is a member raises
 * the generation and divides the partitions anew; who speaks of another generation is not listened to.
 *
 *   join (new) ─▶ generation + 1      leave, expiry ─▶ generation + 1      join again ─▶ the same
 *
 * When a member was last heard of is no part of the data: it is not written to any file, and after loading (or when the clock of who
 * repeats stood at 0) it counts from the first time that anybody asks. Knows no clock.
 */
import type { Arena } from './memory/arena.js';
import { assign, type Named } from './topic-assignment.js';

export const EARLIEST = 0;
export const LATEST = 1;
export const START_NAMES: readonly string[] = ['earliest', 'latest'];

/** The most members of a group, as many as a topic can have partitions: dividing these takes well below a millisecond. */
export const MAX_MEMBERS = 1024;

/** Any time but 0, where the clock stands while a log is repeated. */
export const SOON = 1;
const GROUP_OVERHEAD = 320;
const MEMBER_OVERHEAD = 160;
/** A committed offset and an owner. */
const PARTITION_SHARE = 16;

export class TopicMember implements Named {
  /**
   * @param heard when it was last heard of, ms since the epoch; 0: never since the data was loaded
   */
  constructor(
    readonly name: string,
    public heard: number,
  ) {}
}

export interface GroupSettings {
  readonly strategy: number;
  /** After so many ms of silence a member is none any more. */
  readonly timeout: number;
  /** EARLIEST or LATEST: where the group began to read. */
  readonly start: number;
}

export class TopicGroup {
  /** By name. */
  readonly members = new Map<string, TopicMember>();
  /** Who owns each partition. */
  readonly owners: (TopicMember | undefined)[];
  /** Of each partition the next offset to read. Never goes back. */
  readonly committed: Float64Array;
  /** Bytes of it, all outside the arena. */
  bytes = 0;
  /** Its turn in a snapshot that has not written it yet; -1: none. */
  turn = -1;

  /**
   * @param name one character a byte
   * @param generation the one before the first
   */
  constructor(
    private readonly arena: Arena,
    readonly name: string,
    readonly settings: GroupSettings,
    partitions: number,
    public generation: number,
  ) {
    this.owners = new Array<TopicMember | undefined>(partitions).fill(undefined);
    this.committed = new Float64Array(partitions);
    this.count(GROUP_OVERHEAD + name.length + partitions * PARTITION_SHARE);
  }

  private count(bytes: number): void {
    this.bytes += bytes;
    this.arena.outside += bytes;
  }

  /** It is not needed any more. */
  free(): void {
    this.count(-this.bytes);
  }

  /** Puts a member there as it was, for who loads or copies; it owns nothing yet, and the generation stays. */
  restore(name: string, heard: number): TopicMember {
    const member = new TopicMember(name, heard);
    this.members.set(name, member);
    this.count(MEMBER_OVERHEAD + name.length);
    return member;
  }

  /** An equal group in `arena`. O(partitions + members) */
  copyTo(arena: Arena): TopicGroup {
    const copy = new TopicGroup(arena, this.name, this.settings, this.owners.length, this.generation);
    for (const { name, heard } of this.members.values()) copy.restore(name, heard);
    for (const [p, owner] of this.owners.entries()) copy.owners[p] = owner && copy.members.get(owner.name);
    copy.committed.set(this.committed);
    return copy;
  }

  /** A new member, whose name must not be one's. O(P + M log M) */
  join(name: string, now: number): void {
    this.restore(name, now);
    this.divide();
  }

  /** @returns whether that was a member. O(P + M log M) */
  leave(name: string): boolean {
    const member = this.members.get(name);
    if (member === undefined) return false;
    this.members.delete(name);
    this.count(-(MEMBER_OVERHEAD + name.length));
    for (let p = 0; p < this.owners.length; p++) if (this.owners[p] === member) this.owners[p] = undefined;
    this.divide();
    return true;
  }

  private divide(): void {
    this.generation++;
    assign(this.settings.strategy, this.owners, [...this.members.values()]);
  }

  /**
   * Names one member that was not heard of for too long at `now`; undefined when there is none. Those that were never heard of count
   * from now on. O(M)
   */
  silent(now: number): string | undefined {
    for (const member of this.members.values()) {
      if (member.heard === 0) member.heard = now;
      if (now - member.heard >= this.settings.timeout) return member.name;
    }
    return undefined;
  }

  /** Before this time nobody is silent for too long: SOON while somebody was never heard of, Infinity without members. O(M) */
  get due(): number {
    const { timeout } = this.settings;
    let due = Number.POSITIVE_INFINITY;
    for (const { heard } of this.members.values()) due = Math.min(due, heard === 0 ? SOON : heard + timeout);
    return due;
  }
}
