/**
 * List: a view on one entry of type list, bound again for each use. A small list is one listpack block, a large one a Quicklist
 * behind a handle; which of them it is follows `list-max-listpack-size` by Redis 7.2's rules, in both directions.
 *
 *   entry --word--> [ listpack ]                      PACKED  "listpack"
 *   entry --word--> handle --> Quicklist of nodes     OBJECT  "quicklist"
 *
 * Values that are returned are views owned by this object, valid until its next call. A list that was emptied stays, empty: who
 * emptied it deletes the key. Must not be given a value that lies in the list itself. Read next: quicklist.ts, list-cursor.ts.
 */
import type { Keyspace } from './keyspace.js';
import type { Limits } from './limits.js';
import { ListCursor } from './list-cursor.js';
import { GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import { LP_HEADER, lpGet, lpNext, lpSeek } from './memory/listpack.js';
import { Needle } from './memory/needle.js';
import {
  PACKED_MAX,
  packedAppend,
  packedBytes,
  packedCopy,
  packedDelete,
  packedInsert,
  packedLength,
  packedNew,
  packedReplace,
} from './memory/packed.js';
import { countLimit, exceeds, Quicklist, sizeLimit } from './quicklist.js';
import { nodeBase, nodeMemory, packNode } from './quicklist-node.js';
import { LIST, OBJECT, PACKED } from './types.js';

/** A packed list has fewer elements than this, so that its length stands in the listpack's header. */
const PACKED_COUNT = 65535;
/** Values up to this length (bytes) are moved within one list by way of a buffer that stays. */
const SPARE_BYTES = 4096;

/** The ends of a list. */
export const HEAD = false;
export const TAIL = true;

export class List {
  private readonly space: Keyspace;
  private readonly limits: Limits;
  private readonly cursor = new ListCursor();
  private readonly needle = new Needle();
  private readonly view = new Bytes();
  private readonly scratch = new Uint8Array(32);
  private spare: Uint8Array | undefined = undefined;
  private entry = 0;
  /** The large list; undefined while `ref` is the block of a small one. */
  private large: Quicklist | undefined = undefined;
  private ref = 0;

  constructor(space: Keyspace, limits: Limits) {
    this.space = space;
    this.limits = limits;
  }

  /** Makes this the view of `entry`, which is a list. O(1) */
  bind(entry: number): this {
    this.entry = entry;
    if (this.space.encoding(entry) === OBJECT) this.large = this.space.larges.at(this.space.word(entry)) as Quicklist;
    else {
      this.large = undefined;
      this.ref = this.space.word(entry);
    }
    return this;
  }

  /** Makes an empty list at `key`, where `space.find(key)` has just missed, and binds to it. Returns its entry. */
  create(key: Bytes): number {
    const entry = this.space.create(key, LIST, PACKED, packedNew(this.space.arena));
    this.bind(entry);
    return entry;
  }

  /** Number of elements. O(1) */
  get length(): number {
    return this.large !== undefined ? this.large.count : packedLength(this.space.arena, this.ref);
  }

  /** What OBJECT ENCODING says of `entry`. */
  encodingName(entry: number): string {
    return this.space.encoding(entry) === OBJECT ? 'quicklist' : 'listpack';
  }

  // ---- the ends -----------------------------------------------------------------------------------------------------------------

  /**
   * Says that `count` values of `bytes` bytes together are about to be added: a small list becomes a large one now, if it would
   * pass the limits, as Redis decides by the sum (so a single value decides otherwise than the last of many).
   */
  grow(count: number, bytes: number): void {
    if (this.large !== undefined) return;
    const { arena } = this.space;
    const size = packedBytes(arena, this.ref) + bytes;
    const length = packedLength(arena, this.ref) + count;
    if (exceeds(this.limits, size, length) || size > PACKED_MAX || length >= PACKED_COUNT) this.toLarge();
  }

  /** Adds `value` at one end; call `grow` before. Amortised O(1), in a small list O(bytes). */
  push(tail: boolean, value: Bytes): void {
    if (this.large !== undefined) return this.large.push(tail, value);
    const { arena } = this.space;
    this.setRef(tail ? packedAppend(arena, this.ref, value) : packedInsert(arena, this.ref, LP_HEADER, value));
  }

  /** Removes the outermost `n` elements (all, when there are fewer). O(n / node + node) */
  drop(tail: boolean, n: number): void {
    this.cutEnd(tail, n);
    this.settle(true);
  }

  /** Keeps `n` elements from index `first` on (0 <= first, first + n <= length). O(nodes removed) */
  trim(first: number, n: number): void {
    this.cutEnd(TAIL, this.length - first - n);
    this.cutEnd(HEAD, first);
    this.settle(true);
  }

  private cutEnd(tail: boolean, n: number): void {
    const { length } = this;
    if (n > length) n = length;
    if (n === 0) return;
    if (this.large !== undefined) return this.large.drop(tail, n);
    const { arena } = this.space;
    const p = tail ? lpSeek(this.block, this.base, length - n) : LP_HEADER;
    this.setRef(packedDelete(arena, this.ref, p, n));
  }

  /** Moves the element at one end of a list that is not empty to the other end. O(1) */
  rotate(fromTail: boolean): void {
    const value = this.get(fromTail ? this.length - 1 : 0)!;
    const n = value.length;
    if (n <= SPARE_BYTES) {
      this.spare ??= new Uint8Array(SPARE_BYTES);
      this.spare.set(value.buf.subarray(value.start, value.end));
      value.set(this.spare, 0, n);
    } else value.assign(value.copy());
    this.cutEnd(fromTail, 1);
    this.grow(1, n);
    this.push(!fromTail, value);
    this.settle(true);
  }

  // ---- by index -----------------------------------------------------------------------------------------------------------------

  /** The element with index `i` (negative: from the end), undefined out of range. O(nodes from the nearer end + node) */
  get(i: number): Bytes | undefined {
    const { length } = this;
    if (i < 0) i += length;
    if (!(i >= 0 && i < length)) return undefined;
    const { large } = this;
    if (large === undefined)
      return lpGet(this.block, this.base, lpSeek(this.block, this.base, i), this.view, this.scratch);
    large.seek(i);
    const node = large.node!;
    if (node.plain !== undefined) return this.view.set(node.plain, 0, node.size);
    return lpGet(nodeMemory(large.arena, node), nodeBase(node), large.p, this.view, this.scratch);
  }

  /** Replaces the element with index `i` (negative: from the end); false, and nothing done, out of range. As `get`. */
  set(i: number, value: Bytes): boolean {
    const { length } = this;
    if (i < 0) i += length;
    if (!(i >= 0 && i < length)) return false;
    this.grow(1, value.length);
    if (this.large !== undefined) {
      const offset = this.large.seek(i);
      this.large.replace(this.large.node!, this.large.p, offset, value);
    } else this.setRef(packedReplace(this.space.arena, this.ref, lpSeek(this.block, this.base, i), value));
    this.settle(true);
    return true;
  }

  // ---- by value -----------------------------------------------------------------------------------------------------------------

  /** Inserts `value` before or after the first element equal to `pivot`; false when there is none. O(n) */
  insert(pivot: Bytes, after: boolean, value: Bytes): boolean {
    this.grow(1, value.length);
    this.needle.set(pivot);
    this.begin(0);
    const { cursor, large } = this;
    while (cursor.next()) {
      if (!cursor.matches(this.needle)) continue;
      if (large === undefined) {
        const p = after ? lpNext(this.block, this.base, cursor.p) : cursor.p;
        this.setRef(packedInsert(this.space.arena, this.ref, p, value));
        return true;
      }
      const node = cursor.node!;
      const offset = cursor.offset(node.count) + (after ? 1 : 0);
      const p =
        after && node.plain === undefined ? lpNext(nodeMemory(large.arena, node), nodeBase(node), cursor.p) : cursor.p;
      large.insert(node, p, offset, value);
      return true;
    }
    return false;
  }

  /**
   * Removes elements equal to `value`: at most `limit` of them (Infinity: all) from the head on, or from the tail on.
   * @returns how many. O(n)
   */
  remove(value: Bytes, limit: number, forward: boolean): number {
    const { cursor, needle } = this;
    needle.set(value);
    if (forward) this.begin(0);
    else this.begin(-1, false);
    let removed = 0;
    while (removed < limit && cursor.next()) {
      if (!cursor.matches(needle)) continue;
      this.erase();
      removed++;
    }
    if (removed > 0) this.settle(true);
    return removed;
  }

  /** Removes the element on which the cursor stands. */
  private erase(): void {
    const { cursor, large } = this;
    if (large === undefined) {
      this.setRef(packedDelete(this.space.arena, this.ref, cursor.p, 1));
      cursor.move(this.block, this.base);
    } else {
      const node = cursor.node!;
      const last = node.count === 1;
      large.erase(node, cursor.p);
      if (last) return;
      cursor.move(nodeMemory(large.arena, node), nodeBase(node));
    }
    cursor.removed();
  }

  // ---- walking ------------------------------------------------------------------------------------------------------------------

  /**
   * Begins a walk at the element with index `i` (negative: from the end); out of range there is nothing to walk. Then
   * `while (list.next()) ... list.item()`. The list must not change meanwhile. As `get`, then O(1) an element.
   */
  begin(i: number, forward = true): void {
    const { cursor, large, length } = this;
    if (i < 0) i += length;
    const { arena } = this.space;
    if (!(i >= 0 && i < length)) cursor.startNode(arena, undefined, forward);
    else if (large !== undefined) {
      const offset = large.seek(i);
      cursor.startInNode(arena, large.node!, large.p, offset, forward);
    } else {
      const p = lpSeek(this.block, this.base, i);
      cursor.startAt(this.block, this.base, p, forward ? length - i : i + 1, forward);
    }
  }

  /** Goes to the next element of the walk; false at its end. */
  next(): boolean {
    return this.cursor.next();
  }

  /** The element on which the walk stands. */
  item(): Bytes {
    return this.cursor.item(this.view, this.scratch);
  }

  /** What `matches` compares with; stays until the next call of `seek`, `insert` or `remove`. */
  seek(value: Bytes): void {
    this.needle.set(value);
  }

  /** Whether the element on which the walk stands equals what `seek` was given. */
  matches(): boolean {
    return this.cursor.matches(this.needle);
  }

  // ---- whole values -------------------------------------------------------------------------------------------------------------

  /** Copies the whole list to `key` of another (or the same) keyspace, where `find(key)` has just missed. O(bytes) */
  copyTo(other: Keyspace, key: Bytes): number {
    if (this.large === undefined)
      return other.create(key, LIST, PACKED, packedCopy(this.space.arena, this.ref, other.arena));
    return other.create(key, LIST, OBJECT, other.larges.put(this.large.copy(other.arena)));
  }

  /**
   * A large list that has shrunk to one node which is small enough becomes a small one again. While a list shrinks, Redis asks
   * for half of the limits, so that it does not go to and fro; when it was just built, for the limits themselves.
   */
  settle(shrinking: boolean): void {
    const { large } = this;
    if (large === undefined || large.pieces !== 1) return;
    const share = shrinking ? 2 : 1;
    const node = large.head!;
    if (node.count > Math.floor(countLimit(this.limits) / share) || node.count >= PACKED_COUNT) return;
    if (node.size > Math.min(sizeLimit(this.limits) / share, PACKED_MAX)) return;
    const handle = this.space.word(this.entry);
    if (node.plain === undefined) {
      this.toSmall(packNode(large.arena, large.surrender()));
    } else {
      // Redis has plain nodes for what passes its threshold only, and leaves those alone.
      if (node.size >= this.limits.listPackedThreshold) return;
      this.view.set(node.plain, 0, node.size);
      this.toSmall(packedAppend(large.arena, packedNew(large.arena), this.view));
    }
    this.space.larges.discard(handle);
  }

  private toSmall(ref: number): void {
    this.large = undefined;
    this.space.setEncoding(this.entry, PACKED);
    this.setRef(ref);
  }

  private toLarge(): void {
    const { arena } = this.space;
    const large = new Quicklist(arena, this.limits);
    const count = packedLength(arena, this.ref);
    if (count > 0) large.adopt(this.ref, packedBytes(arena, this.ref), count);
    else arena.release(this.ref, packedBytes(arena, this.ref));
    this.space.setWord(this.entry, this.space.larges.put(large));
    this.space.setEncoding(this.entry, OBJECT);
    this.large = large;
  }

  private get block(): Uint8Array {
    return this.space.arena.u8[this.ref >>> SEGMENT_BITS];
  }

  private get base(): number {
    return (this.ref & GRANULE_MASK) << 4;
  }

  private setRef(ref: number): void {
    this.ref = ref;
    this.space.setWord(this.entry, ref);
  }
}
