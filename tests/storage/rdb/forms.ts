/** The parts of RDB made by hand, so that what is read is not only what our own writer has made. */
import { Crc64 } from '../../../storage/rdb/crc64.js';

export const bytes = (...parts: readonly (number | string | Uint8Array | readonly number[])[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'number'
        ? Buffer.of(part)
        : typeof part === 'string'
          ? Buffer.from(part, 'latin1')
          : Buffer.from(part as Uint8Array),
    ),
  );

export function little(n: number | bigint, size: number): Uint8Array {
  const buf = Buffer.alloc(8);
  buf.writeBigInt64LE(BigInt.asIntN(64, BigInt(n)));
  return buf.subarray(0, size);
}

export function double(n: number): Uint8Array {
  const buf = Buffer.alloc(8);
  buf.writeDoubleLE(n);
  return buf;
}

/** A length in the shortest form. */
export function length(n: number): Uint8Array {
  if (n < 64) return Buffer.of(n);
  if (n < 16384) return Buffer.of(0x40 | (n >> 8), n & 255);
  const buf = Buffer.alloc(5);
  buf[0] = 0x80;
  buf.writeUInt32BE(n, 1);
  return buf;
}

/** A string as it is. */
export function string(value: string | Uint8Array): Uint8Array {
  const data = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  return bytes(length(data.length), data);
}

/** A payload of RESTORE, with the checksum that belongs to it. */
export function payload(body: Uint8Array, version = 10): Uint8Array {
  const out = Buffer.concat([body, little(version, 2), Buffer.alloc(8)]);
  new Crc64().update(out, 0, out.length - 8).digest(out, out.length - 8);
  return out;
}

/** A ziplist; an integer is kept as a string here, unless it is given as a number: then with the encoding of `width` bits. */
export function ziplist(...entries: readonly (string | readonly [n: bigint, width: number])[]): Uint8Array {
  let before = 0;
  let last = 10;
  let at = 10;
  const parts = entries.map((entry) => {
    const head = before < 254 ? [before] : [254, ...little(before, 4)];
    const part = bytes(head, typeof entry === 'string' ? ziplistText(entry) : ziplistInteger(entry[0], entry[1]));
    last = at;
    at += part.length;
    before = part.length;
    return part;
  });
  return bytes(little(at + 1, 4), little(last, 4), little(entries.length, 2), ...parts, 0xff);
}

function ziplistText(text: string): Uint8Array {
  const n = text.length;
  if (n < 64) return bytes(n, text);
  if (n < 16384) return bytes(0x40 | (n >> 8), n & 255, text);
  return bytes(0x80, [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255], text);
}

function ziplistInteger(n: bigint, width: number): Uint8Array {
  if (width === 4) return bytes(0xf1 + Number(n));
  const code = { 8: 0xfe, 16: 0xc0, 24: 0xf0, 32: 0xd0, 64: 0xe0 }[width]!;
  return bytes(code, little(n, width / 8));
}

/** A zipmap. @param free unused bytes behind each value */
export function zipmap(
  pairs: readonly (readonly [field: string, value: string])[],
  free = 0,
  count = pairs.length,
): Uint8Array {
  const size = (n: number): Uint8Array => (n < 254 ? bytes(n) : bytes(254, little(n, 4)));
  const parts = pairs.map(([field, value]) =>
    bytes(size(field.length), field, size(value.length), free, value, new Uint8Array(free)),
  );
  return bytes(count, ...parts, 0xff);
}

/** A listpack of strings, each in the form its length asks for; integers only as numbers, in the shortest form of 7 or 13 or 64 bits. */
export function listpack(...elements: readonly (string | number | bigint)[]): Uint8Array {
  const parts = elements.map((element) => {
    const data = typeof element === 'string' ? listpackText(element) : listpackInteger(BigInt(element));
    return bytes(data, backlen(data.length));
  });
  const total = parts.reduce((sum, part) => sum + part.length, 7);
  return bytes(little(total, 4), little(Math.min(elements.length, 65535), 2), ...parts, 0xff);
}

function listpackText(text: string): Uint8Array {
  const n = text.length;
  if (n < 64) return bytes(0x80 | n, text);
  if (n < 4096) return bytes(0xe0 | (n >> 8), n & 255, text);
  return bytes(0xf0, little(n, 4), text);
}

function listpackInteger(n: bigint): Uint8Array {
  if (n >= 0n && n <= 127n) return bytes(Number(n));
  if (n >= -4096n && n <= 4095n) return bytes(0xc0 | Number((n >> 8n) & 31n), Number(n & 255n));
  return bytes(0xf4, little(n, 8));
}

export function backlen(n: number): Uint8Array {
  const groups: number[] = [];
  do {
    groups.unshift((n & 127) | 128);
    n >>= 7;
  } while (n > 0);
  groups[0] &= 127;
  return Buffer.from(groups);
}

export function intset(width: number, ...values: readonly (number | bigint)[]): Uint8Array {
  return bytes(little(width, 4), little(values.length, 4), ...values.map((v) => little(v, width)));
}
