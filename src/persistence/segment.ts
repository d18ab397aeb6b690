/**
 * The format of a segment, one file of the log: a header, then frames. Little-endian throughout.
 *
 *   header   "SYNAPLOG"  version : 32  seed : 32  CRC : 32, over version and seed ... 20 bytes
 *   frame    CRC : 32, over all that follows  length : 32  sequence : 48  behind : 32  flags : 8  zero : 8  payload ... 20 bytes + length
 *   payload  commands as RESP arrays, a SELECT first; with COMPRESSED its size : 32, then an LZ4 block of that size
 *
 * A segment belongs to the log only after its header is safe on disk. Zeros may follow its last frame (segment-file.ts); a frame never
 * ends in one. A frame holds all that one or more turns have changed, and counts wholly or not at all. Sequences rise by one from frame to frame
 * and go on in the next segment, so a gap shows. `behind` tells how many frames before this one were not yet known to be safe on disk
 * when it was written. Where a frame is bad, a later one therefore proves either that the bad one had been safe, so that the file was
 * damaged, or that both were lost to the same failure of power, which may leave any part of what was not synced.
 *
 * The CRC is zlib's (ISO 3309). That of a frame goes on from the segment's seed, a random number, so that no value which a client has
 * sent, nor a piece of another segment, is taken for a frame.
 */
import { crc32 } from 'node:zlib';

export const SEGMENT_MAGIC = 'SYNAPLOG';
export const SEGMENT_HEADER = 20;
export const FRAME_HEADER = 20;
const VERSION = 1;
/** The payload is an LZ4 block. */
export const COMPRESSED = 1;
const HIGH = 4294967296;
export const SEQUENCE_MAX = 2 ** 48 - 1;

export function putU32(buf: Uint8Array, at: number, n: number): void {
  buf[at] = n;
  buf[at + 1] = n >>> 8;
  buf[at + 2] = n >>> 16;
  buf[at + 3] = n >>> 24;
}

export function getU32(buf: Uint8Array, at: number): number {
  return (buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16) | (buf[at + 3] << 24)) >>> 0;
}

function putU48(buf: Uint8Array, at: number, n: number): void {
  putU32(buf, at, n >>> 0);
  const high = Math.floor(n / HIGH);
  buf[at + 4] = high;
  buf[at + 5] = high >>> 8;
}

function getU48(buf: Uint8Array, at: number): number {
  return getU32(buf, at) + (buf[at + 4] | (buf[at + 5] << 8)) * HIGH;
}

/** The header of a segment with this seed. */
export function segmentHeader(seed: number): Uint8Array {
  const buf = new Uint8Array(SEGMENT_HEADER);
  for (let i = 0; i < SEGMENT_MAGIC.length; i++) buf[i] = SEGMENT_MAGIC.charCodeAt(i);
  putU32(buf, 8, VERSION);
  putU32(buf, 12, seed);
  putU32(buf, 16, crc32(buf.subarray(8, 16)));
  return buf;
}

/**
 * Reads the header `buf[at, at + 20)`.
 * @returns the seed, or what is wrong
 */
export function segmentSeed(buf: Uint8Array, at: number): number | string {
  for (let i = 0; i < SEGMENT_MAGIC.length; i++)
    if (buf[at + i] !== SEGMENT_MAGIC.charCodeAt(i)) return 'it does not begin with SYNAPLOG';
  if (getU32(buf, at + 16) !== crc32(buf.subarray(at + 8, at + 16))) return 'the checksum of its header is wrong';
  const version = getU32(buf, at + 8);
  return version === VERSION ? getU32(buf, at + 12) : `its version is ${version}, and only ${VERSION} is known`;
}

/**
 * Writes the header of a frame in front of its payload, which must be there: `buf[at + 20, at + 20 + length)`.
 * @param seed the segment's
 * @param behind frames before it that are not known to be safe
 */
export function putFrameHeader(
  buf: Uint8Array,
  at: number,
  length: number,
  seed: number,
  sequence: number,
  behind: number,
  flags: number,
): void {
  putU32(buf, at + 4, length);
  putU48(buf, at + 8, sequence);
  putU32(buf, at + 14, Math.min(behind, HIGH - 1));
  buf[at + 18] = flags;
  buf[at + 19] = 0;
  putU32(buf, at, crc32(buf.subarray(at + 4, at + FRAME_HEADER + length), seed));
}

export function frameLength(buf: Uint8Array, at: number): number {
  return getU32(buf, at + 4);
}

export function frameSequence(buf: Uint8Array, at: number): number {
  return getU48(buf, at + 8);
}

/** The sequence up to which all frames were safe when the frame at `at` was written. */
export function frameSafe(buf: Uint8Array, at: number): number {
  return getU48(buf, at + 8) - 1 - getU32(buf, at + 14);
}

export function frameFlags(buf: Uint8Array, at: number): number {
  return buf[at + 18];
}

/** Whether the bytes at `at` may be a frame's header: cheap, and wrong only for a few in a million of other bytes. */
export function mayBeFrame(buf: Uint8Array, at: number): boolean {
  return buf[at + 19] === 0 && buf[at + 18] <= COMPRESSED && getU32(buf, at + 4) > 0;
}

/** Whether the frame at `at`, whose payload of `length` bytes must be there, is as it was written. */
export function isWhole(buf: Uint8Array, at: number, length: number, seed: number): boolean {
  return getU32(buf, at) === crc32(buf.subarray(at + 4, at + FRAME_HEADER + length), seed);
}
