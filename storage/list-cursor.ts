/**
 * ListCursor: walks the elements of a list in either direction, one block after the other, without seeking again: what LRANGE,
 * LPOS, LREM and LINSERT go by. It stands on an element after each `next()`; that element may be removed (list.ts tells it).
 *
 *   forward    [ seen | p: here | from: next read | ... ]          backward   [ ... | next read | p = from: here | seen ]
 *
 * Must not be used after any other change to the list. Read next: list.ts.
 */

import type { Arena } from './memory/arena.js';
import { type Bytes, EMPTY } from './memory/bytes.js';
import { LP_HEADER, lpGet, lpNext, lpPrev } from './memory/listpack.js';
import type { Needle } from './memory/needle.js';
import { nodeBase, nodeMemory, type QuicklistNode } from './quicklist-node.js';

export class ListCursor {
  /** Position of the element, relative to `base`. */
  p = 0;
  /** The element's node; undefined in a list of one block. */
  node: QuicklistNode | undefined = undefined;
  /** Elements of the block that were not visited yet. */
  left = 0;
  private forward = true;
  private u8: Uint8Array = EMPTY;
  private base = 0;
  private from = 0;
  private plain = false;
  private arena: Arena | undefined = undefined;

  /** Begins so that the next element is the one at position `p` of a single block, with `left` to visit in it. */
  startAt(u8: Uint8Array, base: number, p: number, left: number, forward: boolean): void {
    this.node = undefined;
    this.plain = false;
    this.forward = forward;
    this.left = left;
    this.move(u8, base);
    this.from = forward ? p : lpNext(u8, base, p);
  }

  /** Begins at the outermost element of `node`; undefined: there is none. */
  startNode(arena: Arena, node: QuicklistNode | undefined, forward: boolean): void {
    this.arena = arena;
    this.forward = forward;
    this.left = 0;
    if (node !== undefined) this.enter(node);
    else this.node = undefined;
  }

  /** Begins so that the next element is the one at position `p` of `node`, its element `offset`. */
  startInNode(arena: Arena, node: QuicklistNode, p: number, offset: number, forward: boolean): void {
    this.startNode(arena, node, forward);
    this.left = forward ? node.count - offset : offset + 1;
    if (!this.plain) this.from = forward ? p : lpNext(this.u8, this.base, p);
  }

  private enter(node: QuicklistNode): void {
    this.node = node;
    this.left = node.count;
    this.plain = node.plain !== undefined;
    this.move(nodeMemory(this.arena!, node), this.plain ? 0 : nodeBase(node));
    this.from = this.forward ? LP_HEADER : node.size - 1;
  }

  /** The block is now here: its listpack was changed behind the element, or in place of it. */
  move(u8: Uint8Array, base: number): void {
    this.u8 = u8;
    this.base = base;
  }

  /** Goes to the next element; false at the end of the list. O(1) */
  next(): boolean {
    if (this.left === 0) {
      const node = this.forward ? this.node?.next : this.node?.prev;
      if (node === undefined) return false;
      this.enter(node);
    }
    this.left--;
    if (this.plain) return true;
    if (this.forward) {
      this.p = this.from;
      this.from = lpNext(this.u8, this.base, this.p);
    } else this.p = this.from = lpPrev(this.u8, this.base, this.from);
    return true;
  }

  /** Points `view` at the element; an integer's text goes to `scratch`. */
  item(view: Bytes, scratch: Uint8Array): Bytes {
    if (this.plain) return view.set(this.u8, 0, this.u8.length);
    return lpGet(this.u8, this.base, this.p, view, scratch);
  }

  matches(needle: Needle): boolean {
    return this.plain ? needle.matchesAll(this.u8) : needle.matches(this.u8, this.base + this.p);
  }

  /** How many elements of the block lie before this one. `count` is the block's. */
  offset(count: number): number {
    return this.forward ? count - this.left - 1 : this.left;
  }

  /** The element was removed, what stood behind it has moved up: the next one forward is at its position. */
  removed(): void {
    this.from = this.p;
  }
}
