/**
 * Inode: the bytes of a file on a disk that forgets: as they are seen, as they are safe, and the writes that stand between the two. Read
 * next: forgetful-disk.ts.
 */

const PAGE = 4096;

/** A write that is not safe yet; `bytes` undefined: the file was made `at` bytes long. */
interface Pending {
  readonly at: number;
  readonly bytes: Uint8Array | undefined;
}

/** Bytes that writes change. Beyond `length` there are zeros. */
class Content {
  length: number;
  private room: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.room = bytes.slice();
    this.length = bytes.length;
  }

  bytes(): Uint8Array {
    return this.room.slice(0, this.length);
  }

  read(buf: Uint8Array, start: number, n: number, at: number): number {
    const count = Math.max(0, Math.min(n, this.length - at));
    buf.set(this.room.subarray(at, at + count), start);
    return count;
  }

  apply({ at, bytes }: Pending): void {
    const end = bytes === undefined ? at : at + bytes.length;
    if (end > this.room.length) {
      const longer = new Uint8Array(2 * end);
      longer.set(this.room.subarray(0, this.length));
      this.room = longer;
    }
    if (bytes !== undefined) this.room.set(bytes, at);
    else if (at < this.length) this.room.fill(0, at, this.length);
    this.length = bytes === undefined ? at : Math.max(this.length, end);
  }
}

export class Inode {
  private readonly seen: Content;
  private readonly safe: Content;
  private pending: Pending[] = [];
  /** How many were ever settled or forgotten: marks count from the beginning. */
  private settled = 0;

  /** @param bytes what is in it and safe */
  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.seen = new Content(bytes);
    this.safe = new Content(bytes);
  }

  get length(): number {
    return this.seen.length;
  }

  bytes(): Uint8Array {
    return this.seen.bytes();
  }

  read(buf: Uint8Array, start: number, n: number, at: number): number {
    return this.seen.read(buf, start, n, at);
  }

  write(buf: Uint8Array, start: number, n: number, at: number): void {
    this.change({ at, bytes: buf.slice(start, start + n) });
  }

  truncate(n: number): void {
    this.change({ at: n, bytes: undefined });
  }

  private change(one: Pending): void {
    this.seen.apply(one);
    this.pending.push(one);
  }

  /** All writes until now, for `settle`. */
  mark(): number {
    return this.settled + this.pending.length;
  }

  /** The writes up to `mark` are safe. */
  settle(mark: number): void {
    const count = Math.max(0, mark - this.settled);
    for (const one of this.pending.splice(0, count)) this.safe.apply(one);
    this.settled += count;
  }

  /** The writes until now will never be safe, though they are seen. */
  forgetPending(): void {
    this.settled += this.pending.length;
    this.pending = [];
  }

  /** What a power cut leaves: the safe bytes, and of the rest what chance has it. */
  survivor(random: () => number): Uint8Array {
    const left = new Content(this.safe.bytes());
    const way = Math.floor(random() * 4);
    if (way === 1) for (const one of this.pending) left.apply(one);
    else if (way === 2) this.beginning(left, random);
    else if (way === 3) this.pages(left, random);
    return left.bytes();
  }

  /** The writes up to any byte. */
  private beginning(left: Content, random: () => number): void {
    const count = Math.floor(random() * (this.pending.length + 1));
    for (const one of this.pending.slice(0, count)) left.apply(one);
    const next = this.pending[count];
    if (next?.bytes === undefined) return;
    left.apply({ at: next.at, bytes: next.bytes.subarray(0, Math.floor(random() * next.bytes.length)) });
  }

  /** Each page of each write by chance; the file as long as it was seen, or as what has survived. */
  private pages(left: Content, random: () => number): void {
    for (const one of this.pending) {
      if (one.bytes === undefined) {
        if (random() < 0.5) left.apply(one);
        continue;
      }
      const end = one.at + one.bytes.length;
      for (let at = one.at; at < end; ) {
        const next = Math.min(end, (Math.floor(at / PAGE) + 1) * PAGE);
        if (random() < 0.5) left.apply({ at, bytes: one.bytes.subarray(at - one.at, next - one.at) });
        at = next;
      }
    }
    if (random() < 0.5 && this.length > left.length) left.apply({ at: this.length, bytes: undefined });
  }
}
