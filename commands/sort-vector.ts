/**
 * SortVector: the elements that SORT puts in order, copied out of their collection into one buffer, so that nothing which happens to
 * the keyspace meanwhile (a key that expires under a look-up) touches them, and no element becomes an object.
 *
 *   bytes    [ element 0 | element 1 | ... | weight 0 | weight 1 | ... ]
 *   ends     where each of these ends: an element begins where the one before it ends
 *   order    the elements' numbers, which is what gets sorted
 *
 * An element is sorted by its score, by its weight (any text, or none at all), or by itself. Knows no key and no option.
 */
import { type Bytes, copyBytes } from '../storage/memory/bytes.js';

export class SortVector {
  /** The numbers of the elements, in the order that `sort…` gave them. */
  readonly order: Uint32Array;
  /** What the elements are sorted by in `byScore`. */
  readonly scores: Float64Array;
  private bytes: Uint8Array;
  private used = 0;
  private count = 0;
  private readonly ends: Float64Array;
  private readonly missing: Uint8Array;

  /** @param size the most elements that will be added */
  constructor(readonly size: number) {
    this.order = new Uint32Array(size);
    this.scores = new Float64Array(size);
    this.ends = new Float64Array(2 * size + 1);
    this.missing = new Uint8Array(size);
    this.bytes = new Uint8Array(16 * size + 64);
  }

  /** Adds an element; its number is how many there were before. */
  add(element: Bytes): void {
    this.order[this.count] = this.count;
    this.append(element);
  }

  /** Adds the weight of the next element, after all elements; undefined for none, which comes before any other. */
  addWeight(weight: Bytes | undefined): void {
    if (weight === undefined) {
      this.missing[this.count - this.size] = 1;
      this.ends[++this.count] = this.used;
    } else this.append(weight);
  }

  private append(text: Bytes): void {
    const n = text.end - text.start;
    if (this.used + n > this.bytes.length) {
      const more = new Uint8Array(Math.max(this.used + n, this.bytes.length * 2));
      more.set(this.bytes.subarray(0, this.used));
      this.bytes = more;
    }
    copyBytes(this.bytes, this.used, text.buf, text.start, n);
    this.used += n;
    this.ends[++this.count] = this.used;
  }

  /** Points `view` at element number `i`. */
  element(i: number, view: Bytes): Bytes {
    return view.set(this.bytes, this.ends[i], this.ends[i + 1]);
  }

  /** Byte-wise order of two elements or weights: negative, 0 or positive. */
  private compare(i: number, j: number): number {
    const { bytes, ends } = this;
    let p = ends[i];
    let q = ends[j];
    const endI = ends[i + 1];
    const endJ = ends[j + 1];
    for (; p < endI && q < endJ; p++, q++) {
      const d = bytes[p] - bytes[q];
      if (d !== 0) return d;
    }
    return endI - p - (endJ - q);
  }

  /** Sorts by score, elements of equal scores by themselves. */
  byScore(descending: boolean): void {
    const { scores } = this;
    const sign = descending ? -1 : 1;
    this.order.sort((i, j) => {
      const a = scores[i];
      const b = scores[j];
      return sign * (a < b ? -1 : a > b ? 1 : this.compare(i, j));
    });
  }

  /** Sorts by the elements themselves. */
  byElement(descending: boolean): void {
    const sign = descending ? -1 : 1;
    this.order.sort((i, j) => sign * this.compare(i, j));
  }

  /** Sorts by weight, in which equal ones keep their order. */
  byWeight(descending: boolean): void {
    const { missing, size } = this;
    const sign = descending ? -1 : 1;
    this.order.sort((i, j) => {
      if (missing[i] !== missing[j]) return sign * (missing[j] - missing[i]);
      return sign * this.compare(size + i, size + j);
    });
  }
}
