/**
 * Table: the one hash table. It serves the keyspace, big hashes, big sets and the members of big sorted sets. A directory of
 * small open-addressed pages, indexed by the top bits of a seeded hash; a page that is full doubles up to 1,024 slots and then
 * splits in two (extendible hashing, Fagin et al. 1979), so no operation ever moves more than one page's slots.
 *
 *   hash      [ top `depth` bits: directory ][ next `bits`: home slot in the page ][ rest ]
 *   page      [ hash ref ][ 0 0 ][ hash ref ] ...          linear probing, deletion by backward shift: no tombstones
 *   ref  -->  arena block: word 0 = length of the key, the key itself at `keyOffset`
 *
 * Slots are in the order of their hashes but for probing, so a SCAN cursor is simply a hash: "everything below was returned".
 * That holds while pages grow, split and shrink, and every element that stays is returned exactly once.
 *
 * Never frees a block: its owner does. `find` leaves the place in `page` and `slot`; `insert`, `replace` and `remove` act on it
 * and must follow at once. Read next: keyspace.ts.
 */
import { type Arena, GRANULE_MASK, SEGMENT_BITS } from './arena.js';
import type { Bytes } from './bytes.js';

const MIN_BITS = 4;
const MAX_BITS = 10;
/** Beyond this directory depth pages grow instead: only many equal hashes lead there. */
const MAX_DEPTH = 21;
/** Estimated bytes of a page's JavaScript objects beside its slots. */
const PAGE_OVERHEAD = 320;
/** The slots of a page while it is split. */
const SPLIT = new Int32Array(2 << MAX_BITS);

export class Page {
  slots: Int32Array;
  /** Number of directory bits that all hashes of this page share. */
  depth: number;
  /** log2 of the number of slots. */
  bits: number;
  count = 0;
  /** No element of this page expires before this time (ms since the epoch); Infinity when none expires. A lower bound. */
  due = Number.POSITIVE_INFINITY;

  constructor(depth: number, bits: number) {
    this.depth = depth;
    this.bits = bits;
    this.slots = new Int32Array(2 << bits);
  }
}

export class Table {
  /** Number of elements. */
  size = 0;
  /** Bytes taken by pages and directory, without the elements; counted in `arena.outside`. */
  bytes = 0;
  /** Where the last `find` ended. */
  page: Page;
  slot = 0;
  readonly arena: Arena;
  readonly keyOffset: number;
  private dir: Page[];
  private depth = 0;

  /** @param keyOffset bytes from a block's start to its key */
  constructor(arena: Arena, keyOffset: number) {
    this.arena = arena;
    this.keyOffset = keyOffset;
    this.page = new Page(0, MIN_BITS);
    this.dir = [this.page];
    this.grow(pageBytes(MIN_BITS));
  }

  private grow(bytes: number): void {
    this.bytes += bytes;
    this.arena.outside += bytes;
  }

  /** Gives up the pages' bytes: the table must not be used again. Its elements are the owner's to free. */
  drop(): void {
    this.grow(-this.bytes);
  }

  /** The block whose key equals `key`, or 0. Leaves the place for `insert`, `replace` or `remove`. Expected O(1). */
  find(key: Bytes): number {
    const h = key.hash();
    const page = this.depth === 0 ? this.dir[0] : this.dir[h >>> (32 - this.depth)];
    const slots = page.slots;
    const mask = slots.length - 1;
    const { buf, start } = key;
    const n = key.end - start;
    const { arena, keyOffset } = this;
    this.page = page;
    let i = ((h << page.depth) >>> (32 - page.bits)) << 1;
    for (;;) {
      const ref = slots[i + 1];
      if (ref === 0) break;
      if (slots[i] === h) {
        const segment = ref >>> SEGMENT_BITS;
        const at = (ref & GRANULE_MASK) << 4;
        if (arena.i32[segment][at >> 2] === n) {
          const u8 = arena.u8[segment];
          const k = at + keyOffset;
          let j = 0;
          while (j < n && u8[k + j] === buf[start + j]) j++;
          if (j === n) {
            this.slot = i;
            return ref;
          }
        }
      }
      i = (i + 2) & mask;
    }
    this.slot = i;
    return 0;
  }

  /**
   * Touches what `find` will look at for each of `n` keys: their slots, then their blocks. One after the other, two look-ups of a table
   * that is larger than the processor's caches each wait twice for memory; here the waits of many overlap.
   * @param hashes of the keys; `refs` is scratch of the same length
   * @returns a meaningless number, so that nothing is optimised away
   */
  prefetch(hashes: Int32Array, refs: Int32Array, n: number): number {
    const { dir, depth } = this;
    for (let i = 0; i < n; i++) {
      const h = hashes[i];
      const page = depth === 0 ? dir[0] : dir[h >>> (32 - depth)];
      refs[i] = page.slots[(((h << page.depth) >>> (32 - page.bits)) << 1) + 1];
    }
    const { i32 } = this.arena;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const ref = refs[i];
      if (ref !== 0) sum ^= i32[ref >>> SEGMENT_BITS][(ref & GRANULE_MASK) << 2];
    }
    return sum;
  }

  /** What stands at the place that `find` left: the block it found, 0 after a miss. */
  get taken(): number {
    return this.page.slots[this.slot + 1];
  }

  /** Puts a new block at the place where `find` missed; `hash` is its key's. */
  insert(hash: number, ref: number): void {
    const page = this.page;
    page.slots[this.slot] = hash;
    page.slots[this.slot + 1] = ref;
    this.size++;
    if (++page.count * 5 > 4 << page.bits) this.makeRoom(page, hash);
  }

  /** The element that `find` found has moved to another block. */
  replace(ref: number): void {
    this.page.slots[this.slot + 1] = ref;
  }

  /** Takes out the element that `find` found. */
  remove(): void {
    const page = this.page;
    removeSlot(page, this.slot);
    this.size--;
    page.count--;
    if (page.count === 0) page.due = Number.POSITIVE_INFINITY;
    if (this.size === 0 && this.depth > 0) this.reset();
    else if (page.bits > MIN_BITS && page.count << 3 < 1 << page.bits) this.resize(page, page.bits - 1);
  }

  /** Forgets all elements. O(1). */
  reset(): void {
    this.page = new Page(0, MIN_BITS);
    this.dir = [this.page];
    this.depth = 0;
    this.size = 0;
    this.grow(pageBytes(MIN_BITS) - this.bytes);
  }

  /**
   * Visits elements from `cursor` (an unsigned 32-bit hash, 0 to begin) until at least `count` were visited and a gap in the
   * page is reached. Returns the next cursor, 0 at the end. The visitor must not change the table.
   */
  scan(cursor: number, count: number, visit: (ref: number) => void): number {
    for (;;) {
      const page = this.dir[this.depth === 0 ? 0 : cursor >>> (32 - this.depth)];
      const { slots, depth, bits } = page;
      const size = 1 << bits;
      let s = (cursor << depth) >>> (32 - bits);
      for (; s < size; s++) {
        const ref = slots[2 * s + 1];
        if (ref === 0) {
          if (count <= 0) return bucketStart(cursor, page, s);
          continue;
        }
        const h = slots[2 * s];
        if ((h << depth) >>> (32 - bits) > s || h >>> 0 < cursor) continue; // wrapped from the end; or returned before
        visit(ref);
        count--;
      }
      for (s = 0; s < size && slots[2 * s + 1] !== 0; s++) {
        const h = slots[2 * s];
        if ((h << depth) >>> (32 - bits) <= s || h >>> 0 < cursor) continue;
        visit(slots[2 * s + 1]);
        count--;
      }
      cursor = nextPageStart(cursor, depth);
      if (cursor === 0 || count <= 0) return cursor;
    }
  }

  /**
   * Whether the element in block `ref`, whose key has this hash, is there: for who remembered it by both. Leaves its place for
   * `replace` or `remove`. Expected O(1).
   */
  locate(hash: number, ref: number): boolean {
    const page = this.pageOf(hash);
    const { slots } = page;
    const mask = slots.length - 1;
    let i = ((hash << page.depth) >>> (32 - page.bits)) << 1;
    while (slots[i + 1] !== 0 && slots[i + 1] !== ref) i = (i + 2) & mask;
    this.page = page;
    this.slot = i;
    return slots[i + 1] === ref && slots[i] === hash;
  }

  /** Number of directory entries, a power of two. */
  get directorySize(): number {
    return this.dir.length;
  }

  /** The page in which an element with this hash stands or would stand. O(1). */
  pageOf(hash: number): Page {
    return this.depth === 0 ? this.dir[0] : this.dir[hash >>> (32 - this.depth)];
  }

  /** The directory's pages, each once, from directory index `at`; undefined past the end. Advance by `pageSpan`. */
  pageAt(at: number): Page | undefined {
    return this.dir[at];
  }

  /** How many directory entries `page` takes. */
  pageSpan(page: Page): number {
    return 1 << (this.depth - page.depth);
  }

  /** Visits every element, in no particular order. The visitor must not change the table. */
  forEach(visit: (ref: number) => void): void {
    for (let at = 0; at < this.dir.length; ) {
      const page = this.dir[at];
      const slots = page.slots;
      for (let i = 1; i < slots.length; i += 2) if (slots[i] !== 0) visit(slots[i]);
      at += 1 << (this.depth - page.depth);
    }
  }

  /**
   * An element picked at random, nearly uniformly, or 0 from an empty table; leaves its place for `remove`. Expected O(1).
   * @param random gives numbers in [0, 1)
   */
  random(random: () => number): number {
    if (this.size === 0) return 0;
    for (;;) {
      const page = this.dir[Math.floor(random() * this.dir.length)];
      if (page.count === 0) continue;
      for (;;) {
        const slot = Math.floor(random() * (1 << page.bits)) << 1;
        const ref = page.slots[slot + 1];
        if (ref !== 0) {
          this.page = page;
          this.slot = slot;
          return ref;
        }
      }
    }
  }

  private makeRoom(page: Page, hash: number): void {
    if (page.bits < MAX_BITS || page.depth >= MAX_DEPTH) this.resize(page, page.bits + 1);
    else this.split(page, hash);
  }

  private resize(page: Page, bits: number): void {
    const old = page.slots;
    this.grow(pageBytes(bits) - pageBytes(page.bits));
    page.slots = new Int32Array(2 << bits);
    page.bits = bits;
    for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) place(page, old[i], old[i + 1]);
  }

  private split(page: Page, hash: number): void {
    if (page.depth === this.depth) {
      const from = this.dir;
      const to = new Array<Page>(from.length * 2);
      for (let i = 0; i < from.length; i++) to[2 * i] = to[2 * i + 1] = from[i];
      this.dir = to;
      this.depth++;
      this.grow(from.length * 8);
    }
    // The page stays as the lower half, in its own slots: a page thrown away at every split would leave holes in the process's heap.
    const first = page.depth === 0 ? 0 : (hash >>> (32 - page.depth)) << (this.depth - page.depth);
    const span = 1 << (this.depth - page.depth);
    const depth = ++page.depth;
    const high = new Page(depth, MAX_BITS);
    high.due = page.due;
    this.grow(pageBytes(MAX_BITS));
    const { slots } = page;
    SPLIT.set(slots);
    slots.fill(0);
    page.count = 0;
    for (let i = 0; i < SPLIT.length; i += 2) {
      if (SPLIT[i + 1] === 0) continue;
      const side = (SPLIT[i] >>> (32 - depth)) & 1 ? high : page;
      place(side, SPLIT[i], SPLIT[i + 1]);
      side.count++;
    }
    for (let i = span >> 1; i < span; i++) this.dir[first + i] = high;
  }
}

function pageBytes(bits: number): number {
  return (8 << bits) + PAGE_OVERHEAD;
}

function place(page: Page, hash: number, ref: number): void {
  const slots = page.slots;
  const mask = slots.length - 1;
  let i = ((hash << page.depth) >>> (32 - page.bits)) << 1;
  while (slots[i + 1] !== 0) i = (i + 2) & mask;
  slots[i] = hash;
  slots[i + 1] = ref;
}

/** Empties slot `hole` and moves the rest of its cluster back where that brings an element nearer to its home (Knuth 6.4 R). */
function removeSlot(page: Page, hole: number): void {
  const { slots, depth, bits } = page;
  const mask = slots.length - 1;
  let i = hole;
  for (;;) {
    i = (i + 2) & mask;
    if (slots[i + 1] === 0) break;
    const home = ((slots[i] << depth) >>> (32 - bits)) << 1;
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    slots[hole] = slots[i];
    slots[hole + 1] = slots[i + 1];
    hole = i;
  }
  slots[hole] = 0;
  slots[hole + 1] = 0;
}

/** The lowest hash whose home is slot `s` of the page in which `cursor` lies. */
export function bucketStart(cursor: number, page: Page, s: number): number {
  const prefix = page.depth === 0 ? 0 : (cursor >>> (32 - page.depth)) << (32 - page.depth);
  const shift = 32 - page.depth - page.bits;
  return (prefix | (shift >= 0 ? s << shift : s >>> -shift)) >>> 0;
}

/** The lowest hash above the page in which `cursor` lies, 0 after the last. */
export function nextPageStart(cursor: number, depth: number): number {
  if (depth === 0) return 0;
  return (((cursor >>> (32 - depth)) + 1) << (32 - depth)) >>> 0;
}
