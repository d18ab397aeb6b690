/** What kind of file this is, by its first bytes. */
import { SEGMENT_MAGIC } from './segment.js';

/** `commands`: Redis's append only file; `unknown`: none that a data directory holds. */
export type FileKind = 'rdb' | 'segment' | 'commands' | 'empty' | 'unknown';

/** @param buf `buf[start, end)`: the first bytes of the file, 8 of them if it has so many */
export function fileKind(buf: Uint8Array, start: number, end: number): FileKind {
  if (start === end) return 'empty';
  const head = Buffer.from(buf.subarray(start, Math.min(end, start + 8))).toString('latin1');
  // A power failure may leave zeros where a segment should begin.
  if (head[0] === '\0' || SEGMENT_MAGIC.startsWith(head)) return 'segment';
  if (head.startsWith('REDIS')) return 'rdb';
  // Timestamps may stand first.
  return head[0] === '*' || head[0] === '#' ? 'commands' : 'unknown';
}
