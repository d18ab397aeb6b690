/** The checksum: its published check value, pieces of any length, and a second way to compute it. */
import t from 'tap';
import { Crc64 } from '../../../storage/rdb/crc64.js';
import { seeded } from '../../random.js';

/** Bit by bit, on a BigInt. */
function slow(buf: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of buf) {
    crc ^= BigInt(byte);
    for (let i = 0; i < 8; i++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  }
  return crc;
}

function digest(crc: Crc64): bigint {
  const eight = Buffer.alloc(8);
  crc.digest(eight, 0);
  return eight.readBigUInt64LE();
}

t.test('the check value', (t) => {
  const nine = Buffer.from('123456789');
  t.equal(digest(new Crc64().update(nine, 0, 9)), 0xe9c6d914c4b8d9can);
  t.equal(digest(new Crc64()), 0n, 'of no bytes');
  t.end();
});

t.test('any pieces of any bytes', (t) => {
  const random = seeded(3);
  const crc = new Crc64();
  for (let round = 0; round < 200; round++) {
    const n = Math.floor(random() * 100);
    const buf = Uint8Array.from({ length: n + 3 }, () => Math.floor(random() * 256));
    crc.reset();
    for (let at = 3; at < buf.length; ) {
      const end = Math.min(buf.length, at + Math.floor(random() * 30));
      crc.update(buf, at, end);
      at = end;
    }
    if (digest(crc) !== slow(buf.subarray(3))) t.fail(`round ${round}`);
    const eight = Buffer.alloc(10);
    crc.digest(eight, 1);
    if (!crc.matches(eight, 1)) t.fail(`round ${round} does not match itself`);
    for (let i = 1; i < 9; i++) {
      eight[i] ^= 1;
      if (crc.matches(eight, 1)) t.fail(`byte ${i} does not count`);
      eight[i] ^= 1;
    }
  }
  t.end();
});
