/**
 * Arena: all data of one database lives in here, in blocks of 16-byte granules. A block is named by a 32-bit reference, so that
 * the garbage collector never sees a key or a value.
 *
 *   ref (32 bit)   [ segment : 8 ][ granule : 24 ]            0 is "nothing": granule 0 of segment 0 is never given out
 *   segment        [ block | block | free block | ... | untouched ... ]     64 KiB at first, four times more each, up to 256 MiB
 *   free lists     one a size class; the link to the next free block stands in a free block's first word
 *
 * Classes are exact up to 16 granules (256 bytes), then eight to a doubling, up to 128 MiB. A request that finds neither a free
 * block nor room at the segment's end splits a larger free block before it takes a new segment. Blocks are not merged: who
 * empties a database drops its arena whole. Never zeroes, never moves a block. Read next: table.ts, listpack.ts.
 */

/** Bits of a reference that name the granule within a segment. */
export const SEGMENT_BITS = 24;
/** Mask for those bits: `(ref & GRANULE_MASK) << 4` is the byte offset within the segment. */
export const GRANULE_MASK = (1 << SEGMENT_BITS) - 1;

const FIRST_SEGMENT_GRANULES = 1 << 12;
const MAX_SEGMENT_GRANULES = 1 << SEGMENT_BITS;
const MAX_SEGMENTS = 256;
/** The largest block, in bytes. Who stores more keeps it in a buffer of its own. */
export const MAX_BLOCK = 1 << 27;
const EXACT = 16;

/** The size class of a block of `granules` (1 to MAX_BLOCK / 16). */
function classOf(granules: number): number {
  if (granules <= EXACT) return granules;
  const k = 31 - Math.clz32(granules - 1); // 2^k < granules <= 2^(k+1)
  const step = k - 3;
  return EXACT + ((k - 4) << 3) + ((granules - (1 << k) + (1 << step) - 1) >> step);
}

function classSizes(): Int32Array {
  const sizes: number[] = [];
  for (let g = 0; g <= EXACT; g++) sizes.push(g);
  for (let k = 4; 1 << (k + 1) <= MAX_BLOCK >> 4; k++)
    for (let i = 1; i <= 8; i++) sizes.push((1 << k) + i * (1 << (k - 3)));
  return Int32Array.from(sizes);
}

const CLASS_GRANULES = classSizes();
const CLASSES = CLASS_GRANULES.length;

/** Bytes that a block asked for with `bytes` really takes. */
export function blockBytes(bytes: number): number {
  return CLASS_GRANULES[classOf((bytes + 15) >> 4)] << 4;
}

export class Arena {
  /** The segments as bytes, as 32-bit words and as doubles; the views of a segment share one buffer. */
  readonly u8: Uint8Array[] = [];
  readonly i32: Int32Array[] = [];
  readonly f64: Float64Array[] = [];
  /** Bytes in blocks that are given out. */
  used = 0;
  /** Bytes that belong to this arena's data but lie outside it: table pages, nodes, buffers. Their owners add and subtract. */
  outside = 0;
  /** Bytes of all segments; what was never touched takes no resident memory. */
  reserved = 0;
  /** Bytes of the segments that were ever part of a block: about what is resident. */
  get touched(): number {
    return this.reserved - (this.end - this.brk) * 16;
  }

  private readonly free = new Int32Array(CLASSES);
  private brk = 0;
  private end = 0;

  /**
   * Takes a block of at least `bytes` (1 to MAX_BLOCK). Its content is whatever was there. O(1), but for the rare request that
   * must split a free block or open a segment.
   * @throws RangeError when 64 GiB are in use or the system gives no more memory; nothing has changed then.
   */
  alloc(bytes: number): number {
    const c = classOf((bytes + 15) >> 4);
    const head = this.free[c];
    const g = CLASS_GRANULES[c];
    if (head !== 0) {
      this.free[c] = this.i32[head >>> SEGMENT_BITS][(head & GRANULE_MASK) << 2];
      this.used += g << 4;
      return head;
    }
    return this.brk + g > this.end ? this.refill(c, g) : this.bump(g);
  }

  /** Takes `g` untouched granules at the segment's end, where there is room. */
  private bump(g: number): number {
    const ref = ((this.u8.length - 1) << SEGMENT_BITS) | this.brk;
    this.brk += g;
    this.used += g << 4;
    return ref;
  }

  /** Gives back the block at `ref`, which was asked for with `bytes` (or any size of the same class). O(1). */
  release(ref: number, bytes: number): void {
    const c = classOf((bytes + 15) >> 4);
    this.used -= CLASS_GRANULES[c] << 4;
    this.i32[ref >>> SEGMENT_BITS][(ref & GRANULE_MASK) << 2] = this.free[c];
    this.free[c] = ref;
  }

  /**
   * Makes the block at `ref` large enough for `bytes`, keeping its first `keep` bytes: in place when the class stays the same,
   * else by moving. Returns the block's reference, new or old.
   */
  resize(ref: number, oldBytes: number, bytes: number, keep: number): number {
    if (classOf((oldBytes + 15) >> 4) === classOf((bytes + 15) >> 4)) return ref;
    const to = this.alloc(bytes);
    const src = this.u8[ref >>> SEGMENT_BITS];
    const dst = this.u8[to >>> SEGMENT_BITS];
    const s = (ref & GRANULE_MASK) << 4;
    const d = (to & GRANULE_MASK) << 4;
    if (keep <= 64) for (let i = 0; i < keep; i++) dst[d + i] = src[s + i];
    else dst.set(src.subarray(s, s + keep), d);
    this.release(ref, oldBytes);
    return to;
  }

  private refill(c: number, g: number): number {
    for (let bigger = c + 1; bigger < CLASSES; bigger++) {
      const head = this.free[bigger];
      if (head === 0) continue;
      this.free[bigger] = this.i32[head >>> SEGMENT_BITS][(head & GRANULE_MASK) << 2];
      this.donate(head + g, CLASS_GRANULES[bigger] - g);
      this.used += g << 4;
      return head;
    }
    this.addSegment(g);
    return this.bump(g);
  }

  private addSegment(atLeast: number): void {
    const n = this.u8.length;
    if (n === MAX_SEGMENTS) throw new RangeError('the arena is full');
    let granules = n === 0 ? FIRST_SEGMENT_GRANULES : Math.min(MAX_SEGMENT_GRANULES, this.u8[n - 1].length >> 2);
    while (granules <= atLeast) granules <<= 2;
    const buffer = new ArrayBuffer(granules << 4);
    if (this.end > this.brk) this.donate(((n - 1) << SEGMENT_BITS) | this.brk, this.end - this.brk);
    this.u8.push(new Uint8Array(buffer));
    this.i32.push(new Int32Array(buffer));
    this.f64.push(new Float64Array(buffer));
    this.reserved += granules * 16;
    this.brk = n === 0 ? 1 : 0;
    this.end = granules;
  }

  /** Cuts a run of granules into free blocks, the largest class first. */
  private donate(ref: number, granules: number): void {
    while (granules > 0) {
      let c = granules >= MAX_BLOCK >> 4 ? CLASSES - 1 : classOf(granules);
      if (CLASS_GRANULES[c] > granules) c--;
      const g = CLASS_GRANULES[c];
      this.i32[ref >>> SEGMENT_BITS][(ref & GRANULE_MASK) << 2] = this.free[c];
      this.free[c] = ref;
      ref += g;
      granules -= g;
    }
  }
}

/** An arena for tests: poisons what is freed, remembers every block, and refuses a wrong size or a double release. */
export class CheckedArena extends Arena {
  readonly blocks = new Map<number, number>();

  override alloc(bytes: number): number {
    if (!(bytes > 0 && bytes <= MAX_BLOCK)) throw new Error(`alloc of ${bytes} bytes`);
    const ref = super.alloc(bytes);
    if (this.blocks.has(ref)) throw new Error(`block ${ref} given out twice`);
    this.blocks.set(ref, blockBytes(bytes));
    this.fill(ref, blockBytes(bytes), 0xa5);
    return ref;
  }

  override release(ref: number, bytes: number): void {
    const size = this.blocks.get(ref);
    if (size === undefined) throw new Error(`release of block ${ref}, which is not in use`);
    if (size !== blockBytes(bytes)) throw new Error(`block ${ref} of ${size} bytes released as ${bytes}`);
    this.blocks.delete(ref);
    this.fill(ref, size, 0xdb);
    super.release(ref, bytes);
  }

  private fill(ref: number, bytes: number, value: number): void {
    const at = (ref & GRANULE_MASK) << 4;
    this.u8[ref >>> SEGMENT_BITS].fill(value, at, at + bytes);
  }
}
