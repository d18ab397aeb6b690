/**
 * CaptureMarks: a set of 32-bit hashes, those that a capture has written before their turn (capture-table.ts). It is kept in 256 parts by
 * a hash's first byte, so that growing never moves more than one of them, and a part is dropped when the walk has passed it.
 *
 *   hash   [ part : 8 ][ home slot in the part : bits ][ rest ]         open addressing, linear probing; 0 is an empty slot
 *
 * Never deletes a single one. Knows nothing of tables.
 */
const PARTS = 256;
const MIN_BITS = 4;

export class CaptureMarks {
  /** Bytes that the parts take. */
  bytes = 0;
  private readonly parts: (Int32Array | undefined)[] = new Array<Int32Array | undefined>(PARTS).fill(undefined);
  private readonly counts = new Int32Array(PARTS);
  /** Parts below this one are dropped. */
  private first = 0;

  /** Whether `hash` (not 0) is there. Expected O(1). */
  has(hash: number): boolean {
    const slots = this.parts[hash >>> 24];
    return slots !== undefined && slots[place(slots, hash)] === hash;
  }

  /**
   * Adds `hash` (not 0, and not in a part that was dropped).
   * @returns false when it was there. Amortised O(1); growing moves one part
   */
  add(hash: number): boolean {
    const part = hash >>> 24;
    let slots = this.parts[part];
    if (slots === undefined) slots = this.resize(part, MIN_BITS);
    let i = place(slots, hash);
    if (slots[i] === hash) return false;
    if ((this.counts[part] + 1) * 4 > slots.length * 3) {
      slots = this.resize(part, 32 - Math.clz32(slots.length));
      i = place(slots, hash);
    }
    slots[i] = hash;
    this.counts[part]++;
    return true;
  }

  /** Forgets all hashes whose first byte is below that of `cursor`, an unsigned hash. O(parts dropped) */
  dropBelow(cursor: number): void {
    for (const part = cursor >>> 24; this.first < part; this.first++) {
      this.bytes -= (this.parts[this.first]?.length ?? 0) * 4;
      this.parts[this.first] = undefined;
    }
  }

  private resize(part: number, bits: number): Int32Array {
    const old = this.parts[part];
    const slots = new Int32Array(1 << bits);
    this.bytes += (slots.length - (old?.length ?? 0)) * 4;
    this.parts[part] = slots;
    if (old !== undefined) for (let i = 0; i < old.length; i++) if (old[i] !== 0) slots[place(slots, old[i])] = old[i];
    return slots;
  }
}

/** The slot of `hash`, or the empty one where it would stand. */
function place(slots: Int32Array, hash: number): number {
  const mask = slots.length - 1;
  let i = (hash << 8) >>> (Math.clz32(mask) & 31);
  while (slots[i] !== 0 && slots[i] !== hash) i = (i + 1) & mask;
  return i;
}
