/** A run of bytes that somebody else owns. Structural, so that protocol/ need not know who: storage's Bytes is one. */
export interface ByteView {
  buf: Uint8Array;
  start: number;
  end: number;
  /** True when `buf` is exactly this value and may be adopted by who stores it. */
  owned: boolean;
  set(buf: Uint8Array, start: number, end: number): unknown;
}
