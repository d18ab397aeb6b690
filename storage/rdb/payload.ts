/**
 * A value outside of its key: what DUMP gives and RESTORE takes.
 *
 *   [ type ][ value ][ version : u16 ][ checksum of all before : 8 ]
 *
 * Read next: value-writer.ts, value-reader.ts.
 */
import type { Keyspace } from '../keyspace.js';
import type { Bytes } from '../memory/bytes.js';
import { DONE, MORE } from './block-reader.js';
import { Crc64 } from './crc64.js';
import { BASE_VERSION, FIELD_EXPIRY_VERSION, HASH_EXPIRING, HASH_TRIPLETS, LAST_VERSION } from './format.js';
import type { RdbInput } from './input.js';
import type { RdbOutput } from './output.js';
import type { ValueReader } from './value-reader.js';
import { valueType, writeValue } from './value-writer.js';

const CHECKSUM_BYTES = 8;
const FOOTER_BYTES = 2 + CHECKSUM_BYTES;
const CRC = new Crc64();

/** Writes the value of entry `ref` as a payload, in place of what `out` holds. O(bytes of the value) */
export function writePayload(out: RdbOutput, space: Keyspace, ref: number): void {
  out.reset();
  const type = valueType(space, ref);
  out.byte(type);
  writeValue(out, space, ref);
  out.u16(type === HASH_EXPIRING || type === HASH_TRIPLETS ? FIELD_EXPIRY_VERSION : BASE_VERSION);
  out.reserve(CHECKSUM_BYTES);
  CRC.reset().update(out.buf, 0, out.pos).digest(out.buf, out.pos);
  out.pos += CHECKSUM_BYTES;
}

/** Whether `payload` has a checksum that is right, and a version that is read. O(length) */
export function isPayload(payload: Bytes): boolean {
  const { buf, start, end } = payload;
  if (end - start < FOOTER_BYTES) return false;
  const at = end - CHECKSUM_BYTES;
  return (buf[at - 2] | (buf[at - 1] << 8)) <= LAST_VERSION && CRC.reset().update(buf, start, at).matches(buf, at);
}

/**
 * Reads the value of a payload for which `isPayload` holds; `reader.builder` has it then. What stands behind it is nobody's.
 * @returns false when it is a collection without elements; nothing is held then
 * @throws RdbError or Fault when it cannot be read: nothing is held then. O(bytes of the value)
 */
export function readPayload(reader: ValueReader, input: RdbInput, payload: Bytes): boolean {
  const { buf, start, end } = payload;
  input.open(buf, start, end - FOOTER_BYTES);
  try {
    let outcome = reader.begin(input.byte(), input, 0);
    while (outcome === MORE) outcome = reader.next(input);
    return outcome === DONE;
  } catch (e) {
    reader.drop();
    throw e;
  }
}
