/**
 * Quicklist: a large list, as a chain of nodes of a few KiB. Ends are reached at once, an index by skipping whole nodes from the
 * nearer end; an insertion in the middle moves or splits one node and merges small neighbours.
 *
 *   head -> [ node: 454 elements ] <-> [ node: 1, plain ] <-> [ node: 380 ] <-> [ node: 12 ] <- tail
 *
 * How much a node may hold follows `list-max-listpack-size` by Redis's rules (Redis 7.2, quicklist), because OBJECT ENCODING and
 * DEBUG OBJECT show it. Knows nothing of keys or entries: list.ts does. Read next: quicklist-node.ts.
 */
import type { ListCapture } from './capture-list.js';
import type { Large } from './large.js';
import type { Limits } from './limits.js';
import type { Arena } from './memory/arena.js';
import type { Bytes } from './memory/bytes.js';
import { LP_EMPTY, LP_HEADER, lpElementBytes, lpEncodedBytes, lpNext, lpPrev } from './memory/listpack.js';
import {
  appendNode,
  copyNode,
  cutElements,
  FIRST_BLOCK,
  freeNode,
  insertElement,
  NODE_BYTES,
  newNode,
  newPlainNode,
  nodeBase,
  nodeBytes,
  nodeMemory,
  nodeOfBlock,
  type QuicklistNode,
  replaceElement,
  shrinkNode,
  splitNode,
  trimNode,
} from './quicklist-node.js';

/** From this length on (bytes) an element has a plain node, whatever the limits say: packed, each shift would move it. */
const PLAIN_FROM = 32 * 1024;
/** Redis's allowance for an element's own header when it decides whether a node has room. */
const ELEMENT_OVERHEAD = 8;
/** With a limit by count, a node still stays below this many bytes. */
const SAFE_SIZE = 8192;
/** A node grows up to this size (bytes) when elements are replaced by longer ones, before it is split. */
const REPLACE_MAX = 64 * 1024;
/** Estimated bytes of the JavaScript object. */
const QUICKLIST_BYTES = 96;

/** The most bytes a node may have under `limits`; Infinity when they limit the count. */
export function sizeLimit(limits: Limits): number {
  const fill = limits.listMaxListpackSize;
  return fill >= 0 ? Number.POSITIVE_INFINITY : 2048 << Math.min(-fill, 5);
}

/** The most elements a node may have under `limits`; Infinity when they limit the size. */
export function countLimit(limits: Limits): number {
  const fill = limits.listMaxListpackSize;
  return fill < 0 ? Number.POSITIVE_INFINITY : Math.max(1, fill);
}

/** Whether a node of `size` bytes and `count` elements would be too large. */
export function exceeds(limits: Limits, size: number, count: number): boolean {
  const fill = limits.listMaxListpackSize;
  if (fill < 0) return size > 2048 << Math.min(-fill, 5);
  return size > SAFE_SIZE || count > Math.max(1, fill);
}

export class Quicklist implements Large {
  head: QuicklistNode | undefined = undefined;
  tail: QuicklistNode | undefined = undefined;
  /** Number of elements. */
  count = 0;
  /** Number of nodes. */
  pieces = 0;
  /** Where `seek` ended. */
  node: QuicklistNode | undefined = undefined;
  p = 0;
  capture: ListCapture | undefined = undefined;
  readonly arena: Arena;
  private readonly limits: Limits;
  private freed = false;

  constructor(arena: Arena, limits: Limits) {
    this.arena = arena;
    this.limits = limits;
    arena.outside += QUICKLIST_BYTES;
  }

  /** O(nodes). */
  get bytes(): number {
    let n = QUICKLIST_BYTES;
    for (let node = this.head; node !== undefined; node = node.next) n += nodeBytes(node);
    return n;
  }

  sampledBytes(samples: number): number {
    if (samples === 0 || samples >= this.pieces) return this.bytes;
    let n = 0;
    let node = this.head;
    for (let i = 0; i < samples; i++, node = node!.next) n += nodeBytes(node!);
    return QUICKLIST_BYTES + Math.round((n / samples) * this.pieces);
  }

  free(budget: number): boolean {
    while (this.head !== undefined) {
      if (budget-- <= 0) return false;
      this.count -= this.head.count;
      this.remove(this.head);
    }
    if (!this.freed) this.arena.outside -= QUICKLIST_BYTES;
    this.freed = true;
    return true;
  }

  // ---- the ends -----------------------------------------------------------------------------------------------------------------

  /** Adds `value` at one end. Amortised O(1). */
  push(tail: boolean, value: Bytes): void {
    const n = value.end - value.start;
    const end = tail ? this.tail : this.head;
    this.count++;
    if (this.isPlain(n)) return this.link(newPlainNode(this.arena, value), end, tail);
    const node = end !== undefined && this.allows(end, n) ? end : this.extend(end, tail);
    this.changing(node);
    insertElement(this.arena, node, tail ? node.size - 1 : LP_HEADER, value);
  }

  private extend(end: QuicklistNode | undefined, tail: boolean): QuicklistNode {
    const node = newNode(this.arena, FIRST_BLOCK, !tail);
    this.link(node, end, tail);
    if (end?.prev !== undefined && end.next !== undefined) trimNode(this.arena, end);
    return node;
  }

  /** Removes `n` elements (at most all of them) from one end. O(nodes removed + elements of one node). */
  drop(tail: boolean, n: number): void {
    this.count -= n;
    while (n > 0) {
      const node = (tail ? this.tail : this.head)!;
      if (node.count <= n) {
        n -= node.count;
        this.remove(node);
        continue;
      }
      this.changing(node);
      const cut = this.position(node, tail ? node.count - n : n);
      if (tail) cutElements(this.arena, node, cut, node.size - 1 - cut, n);
      else cutElements(this.arena, node, LP_HEADER, cut - LP_HEADER, n);
      shrinkNode(this.arena, node);
      return;
    }
  }

  // ---- by position --------------------------------------------------------------------------------------------------------------

  /**
   * Sets `node` and `p` to the element with index `i`, which must exist.
   * @returns its offset in the node. O(nodes from the nearer end)
   */
  seek(i: number): number {
    let node = this.head!;
    if (i <= this.count >> 1) {
      while (i >= node.count) {
        i -= node.count;
        node = node.next!;
      }
    } else {
      node = this.tail!;
      let first = this.count - node.count;
      while (i < first) {
        node = node.prev!;
        first -= node.count;
      }
      i -= first;
    }
    this.node = node;
    this.p = this.position(node, i);
    return i;
  }

  /** Position of the element with offset `i` in `node`, or of the end mark for `i` = count. O(elements) from the nearer end. */
  private position(node: QuicklistNode, i: number): number {
    if (node.plain !== undefined) return 0;
    const u8 = nodeMemory(this.arena, node);
    const base = nodeBase(node);
    if (i <= node.count >> 1) {
      let p = LP_HEADER;
      while (i-- > 0) p = lpNext(u8, base, p);
      return p;
    }
    let p = node.size - 1;
    for (let k = node.count - i; k > 0; k--) p = lpPrev(u8, base, p);
    return p;
  }

  /**
   * Inserts `value` in `node` before position `p`, behind its first `offset` elements: there, or in a neighbour that has room, or
   * by splitting. May free `node`. O(bytes of a node)
   */
  insert(node: QuicklistNode, p: number, offset: number, value: Bytes): void {
    const n = value.end - value.start;
    const { arena } = this;
    const atEnd = offset === 0 || offset === node.count;
    const after = offset !== 0;
    this.count++;
    if (this.isPlain(n)) {
      if (!atEnd) this.split(node, p, offset);
      return this.link(newPlainNode(arena, value), node, after);
    }
    if (this.allows(node, n)) {
      this.changing(node);
      return insertElement(arena, node, p, value);
    }
    if (!atEnd) {
      const rest = this.split(node, p, offset);
      if (node.size <= rest.size) insertElement(arena, node, node.size - 1, value);
      else insertElement(arena, rest, LP_HEADER, value);
      return this.mergeAround(node);
    }
    let near = after ? node.next : node.prev;
    if (near === undefined || !this.allows(near, n)) {
      near = newNode(arena, LP_EMPTY + lpEncodedBytes(value), !after);
      this.link(near, node, after);
    }
    this.changing(near);
    insertElement(arena, near, after ? LP_HEADER : near.size - 1, value);
  }

  /** Replaces the element at `p`, the one with `offset` in `node`. May free `node`. O(bytes of a node) */
  replace(node: QuicklistNode, p: number, offset: number, value: Bytes): void {
    const { arena } = this;
    const plain = this.isPlain(value.end - value.start);
    if (node.plain === undefined && !plain) {
      const old = lpElementBytes(nodeMemory(arena, node), nodeBase(node), p);
      const size = node.size - old + lpEncodedBytes(value);
      if (node.count === 1 || size <= node.size || size <= REPLACE_MAX) {
        this.changing(node);
        replaceElement(arena, node, p, old, value);
        return this.fit(node);
      }
    }
    if (node.count > 1) {
      this.cut(node, p);
      this.count--;
      return this.insert(node, p, offset, value);
    }
    const made = plain ? newPlainNode(arena, value) : newNode(arena, LP_EMPTY + lpEncodedBytes(value), false);
    if (!plain) insertElement(arena, made, LP_HEADER, value);
    this.link(made, node, true);
    this.remove(node);
  }

  /** Removes the element at position `p` of `node`, and the node with its last element. O(bytes of a node) */
  erase(node: QuicklistNode, p: number): void {
    this.count--;
    if (node.count === 1) return this.remove(node);
    this.cut(node, p);
    this.fit(node);
  }

  private cut(node: QuicklistNode, p: number): void {
    this.changing(node);
    const n = lpElementBytes(nodeMemory(this.arena, node), nodeBase(node), p);
    cutElements(this.arena, node, p, n, 1);
  }

  /** The node has become smaller: an end keeps some room, an inner node none. */
  private fit(node: QuicklistNode): void {
    if (node.prev === undefined || node.next === undefined) shrinkNode(this.arena, node);
    else trimNode(this.arena, node);
  }

  /** The elements of `node` are about to change, or it is about to go. */
  private changing(node: QuicklistNode): void {
    if (this.capture !== undefined) this.capture.changing(node);
  }

  // ---- the chain ----------------------------------------------------------------------------------------------------------------

  /** Takes over a listpack block as the last node. */
  adopt(ref: number, size: number, count: number): void {
    this.link(nodeOfBlock(this.arena, ref, size, count), this.tail, true);
    this.count += count;
  }

  /** Gives the only node away: what it holds is the caller's, and this list is empty. */
  surrender(): QuicklistNode {
    const node = this.head!;
    this.changing(node);
    this.head = this.tail = undefined;
    this.count = this.pieces = 0;
    this.arena.outside -= NODE_BYTES;
    return node;
  }

  /** A copy in another arena. O(bytes) */
  copy(other: Arena): Quicklist {
    const copy = new Quicklist(other, this.limits);
    for (let node = this.head; node !== undefined; node = node.next)
      copy.link(copyNode(this.arena, node, other), copy.tail, true);
    copy.count = this.count;
    return copy;
  }

  private isPlain(n: number): boolean {
    return n >= PLAIN_FROM || n >= this.limits.listPackedThreshold;
  }

  private allows(node: QuicklistNode, n: number): boolean {
    return node.plain === undefined && !exceeds(this.limits, node.size + n + ELEMENT_OVERHEAD, node.count + 1);
  }

  private split(node: QuicklistNode, p: number, first: number): QuicklistNode {
    this.changing(node);
    const rest = splitNode(this.arena, node, p, first);
    this.link(rest, node, true);
    this.fit(node);
    return rest;
  }

  /** Merges what is small enough around `node`, in the order in which Redis tries: the outer pairs first. */
  private mergeAround(node: QuicklistNode): void {
    this.merge(node.prev?.prev, node.prev);
    this.merge(node.next, node.next?.next);
    this.merge(this.merge(node.prev, node), node.next);
  }

  /** Moves the elements of `b` to its predecessor `a` when both fit one node; returns the node that holds those of `b` then. */
  private merge(a: QuicklistNode | undefined, b: QuicklistNode | undefined): QuicklistNode | undefined {
    if (a === undefined || b === undefined || a.plain !== undefined || b.plain !== undefined) return b;
    if (exceeds(this.limits, a.size + b.size - LP_EMPTY, a.count + b.count)) return b;
    this.changing(a);
    appendNode(this.arena, a, b);
    this.remove(b);
    return a;
  }

  /** Puts `node` after (or before) `near`, or into the empty chain. */
  private link(node: QuicklistNode, near: QuicklistNode | undefined, after: boolean): void {
    this.pieces++;
    if (near === undefined) {
      this.head = this.tail = node;
      return;
    }
    node.prev = after ? near : near.prev;
    node.next = after ? near.next : near;
    if (node.prev === undefined) this.head = node;
    else node.prev.next = node;
    if (node.next === undefined) this.tail = node;
    else node.next.prev = node;
  }

  /** Takes `node` out and frees it. It keeps its own links, so that who walks the chain can go on from it. */
  private remove(node: QuicklistNode): void {
    this.changing(node);
    this.pieces--;
    if (node.prev === undefined) this.head = node.next;
    else node.prev.next = node.next;
    if (node.next === undefined) this.tail = node.prev;
    else node.next.prev = node.prev;
    freeNode(this.arena, node);
  }
}
