/**
 * Integer64: what C makes of a double that it casts to 64 bits, as a script sees it: fractions are cut off, and what does not fit (NaN
 * and infinity too) becomes the smallest integer, as on the x86-64 on which Redis runs. Two halves of 32 bits, without BigInt.
 */

const TWO_32 = 2 ** 32;
const TWO_63 = 2 ** 63;
const TOP_BIT = 0x80000000;

/** Whether `x` is in the range of int64: then a cast keeps all of it but its fraction. */
function fits(x: number): boolean {
  return x >= -TWO_63 && x < TWO_63;
}

export class Integer64 {
  /** Bits 0 to 31, as an unsigned number. */
  low = 0;
  /** Bits 32 to 63, as an unsigned number. */
  high = 0;

  /** `(int64_t)x` */
  fromSigned(x: number): this {
    if (!fits(x)) return this.set(0, TOP_BIT);
    const t = Math.trunc(x);
    const high = Math.floor(t / TWO_32);
    return this.set(t - high * TWO_32, high);
  }

  /** `(uint64_t)x`, also for what is negative. */
  fromUnsigned(x: number): this {
    if (!(x >= TWO_63)) return this.fromSigned(x);
    // Compilers subtract 2^63, cast as if signed, and turn the top bit: what does not fit becomes 0.
    this.fromSigned(x - TWO_63);
    return this.set(this.low, this.high ^ TOP_BIT);
  }

  set(low: number, high: number): this {
    this.low = low >>> 0;
    this.high = high >>> 0;
    return this;
  }

  /** The nearest double, read as int64. */
  signed(): number {
    return (this.high | 0) * TWO_32 + this.low;
  }

  /** The nearest double, read as uint64. */
  unsigned(): number {
    return this.high * TWO_32 + this.low;
  }
}

/** `(int64_t)x`, as a double. Where Lua's libraries take an integer they take this. */
export function toInt64(x: number): number {
  return fits(x) ? Math.trunc(x) + 0 : -TWO_63;
}

/** `(int)(int64_t)x`: the low 32 bits, with their sign. */
export function toInt32(x: number): number {
  return fits(x) ? x | 0 : 0;
}
