/** Files made by hand, and loading them piece by piece. */
import { Crc64 } from '../../../storage/rdb/crc64.js';
import { FINISHED, GOES_ON, type RdbFileOptions, RdbFileReader } from '../../../storage/rdb/file-reader.js';
import type { Session } from '../../commands/session.js';
import { bytes } from './forms.js';

/** A file of these parts, with header, end and checksum. */
export function file(version: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = bytes(`REDIS${String(version).padStart(4, '0')}`, ...parts, 0xff);
  if (version < 5) return body;
  const sum = Buffer.alloc(8);
  new Crc64().update(body, 0, body.length).digest(sum, 0);
  return bytes(body, sum);
}

/** Loads it in chunks of `size` bytes. */
export function load(
  session: Session,
  data: Uint8Array,
  options: RdbFileOptions = {},
  size = data.length,
  budget = 1000,
): RdbFileReader {
  const reader = new RdbFileReader(session.server.databases, options);
  session.server.beginTurn();
  for (let at = 0; ; ) {
    const state = reader.step(budget);
    if (state === FINISHED) return reader;
    if (state === GOES_ON) continue;
    const chunk = data.subarray(at, at + size);
    at += chunk.length;
    if (chunk.length === 0) reader.end();
    else reader.push(chunk, chunk.length);
  }
}
