/**
 * Crc64: the checksum at the end of RDB files and DUMP payloads: CRC-64 with Jones's polynomial ad93d23594c935a9, reflected, starting
 * from 0. Its eight bytes are written lowest first.
 *
 * The sum is two halves of 32 bits, and eight bytes are added in one step from eight tables (slicing-by-8, Kounavis and Berry 2005), so
 * that no 64-bit arithmetic is needed and about a nanosecond is spent on a byte.
 */

/** The polynomial's halves, bits in reverse order. */
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;
const POLYNOMIAL_HIGH = 0x95ac9329 | 0;

/** Entry `256 k + b`: the sum of byte `b` with `k` zero bytes behind it. */
const LOW = new Int32Array(8 * 256);
const HIGH = new Int32Array(8 * 256);

function fillTables(): void {
  for (let b = 0; b < 256; b++) {
    let low = b;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const odd = (low & 1) !== 0;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (!odd) continue;
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
    LOW[b] = low;
    HIGH[b] = high;
  }
  for (let i = 256; i < LOW.length; i++) {
    const low = LOW[i - 256];
    const high = HIGH[i - 256];
    LOW[i] = ((low >>> 8) | (high << 24)) ^ LOW[low & 255];
    HIGH[i] = (high >>> 8) ^ HIGH[low & 255];
  }
}

fillTables();

export class Crc64 {
  private low = 0;
  private high = 0;

  /** Begins again, with the sum of no bytes. */
  reset(): this {
    this.low = this.high = 0;
    return this;
  }

  /** Adds `buf[start, end)`, behind what was added before. O(length) */
  update(buf: Uint8Array, start: number, end: number): this {
    // Words lie at every fourth byte of the memory behind the view: up to there, and at the end, a byte at a time.
    const first = Math.min(end, start + (-(buf.byteOffset + start) & 3));
    this.addBytes(buf, start, first);
    const steps = (end - first) >> 3;
    if (steps > 0) this.addWords(new Int32Array(buf.buffer, buf.byteOffset + first, 2 * steps));
    return this.addBytes(buf, first + 8 * steps, end);
  }

  /** Words have their lowest byte first, as the integers of intsets in the arena have. */
  private addWords(words: Int32Array): void {
    let { low, high } = this;
    for (let i = 0; i < words.length; i += 2) {
      low ^= words[i];
      high ^= words[i + 1];
      const a = 1792 + (low & 255);
      const b = 1536 + ((low >>> 8) & 255);
      const c = 1280 + ((low >>> 16) & 255);
      const d = 1024 + (low >>> 24);
      const e = 768 + (high & 255);
      const f = 512 + ((high >>> 8) & 255);
      const g = 256 + ((high >>> 16) & 255);
      const h = high >>> 24;
      low = LOW[a] ^ LOW[b] ^ LOW[c] ^ LOW[d] ^ LOW[e] ^ LOW[f] ^ LOW[g] ^ LOW[h];
      high = HIGH[a] ^ HIGH[b] ^ HIGH[c] ^ HIGH[d] ^ HIGH[e] ^ HIGH[f] ^ HIGH[g] ^ HIGH[h];
    }
    this.low = low;
    this.high = high;
  }

  private addBytes(buf: Uint8Array, start: number, end: number): this {
    let { low, high } = this;
    for (let p = start; p < end; p++) {
      const i = (low ^ buf[p]) & 255;
      low = ((low >>> 8) | (high << 24)) ^ LOW[i];
      high = (high >>> 8) ^ HIGH[i];
    }
    this.low = low;
    this.high = high;
    return this;
  }

  /** Writes the sum as eight bytes at `to[at]`, the lowest first. The sum stays. */
  digest(to: Uint8Array, at: number): void {
    for (let i = 0; i < 4; i++) {
      to[at + i] = this.low >>> (8 * i);
      to[at + 4 + i] = this.high >>> (8 * i);
    }
  }

  /** Whether the eight bytes at `buf[at]` are this sum. */
  matches(buf: Uint8Array, at: number): boolean {
    for (let i = 0; i < 4; i++)
      if (buf[at + i] !== ((this.low >>> (8 * i)) & 255) || buf[at + 4 + i] !== ((this.high >>> (8 * i)) & 255))
        return false;
    return true;
  }
}
