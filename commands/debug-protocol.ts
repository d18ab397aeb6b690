/** DEBUG PROTOCOL: one reply of every type that RESP has, for those who write clients. The values are the ones that Redis sends. */
import type { Client } from './client.js';
import { NO_RESP2, PROTOCOL_TYPE } from './error.js';

const SAMPLES: Readonly<Record<string, (c: Client) => void>> = {
  string: (c) => c.out.bulkText('Hello World'),
  integer: (c) => c.out.int(12345),
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the very value that Redis sends
  double: (c) => c.out.double(3.141),
  bignum: (c) => c.out.bigNumber('1234567999999999999999999999999999999'),
  null: (c) => c.out.nil(),
  array,
  set,
  map,
  attrib,
  push,
  verbatim: (c) => c.out.verbatim('txt', 'This is a verbatim\nstring'),
  true: (c) => c.out.bool(true),
  false: (c) => c.out.bool(false),
};

export function debugProtocol(c: Client): void {
  const type = c.argv[2].toString().toLowerCase();
  if (!Object.hasOwn(SAMPLES, type)) throw PROTOCOL_TYPE;
  SAMPLES[type](c);
}

function array(c: Client): void {
  c.out.array(3);
  for (let i = 0; i < 3; i++) c.out.int(i);
}

function set(c: Client): void {
  c.out.set(3);
  for (let i = 0; i < 3; i++) c.out.int(i);
}

function map(c: Client): void {
  c.out.map(3);
  for (let i = 0; i < 3; i++) {
    c.out.int(i);
    c.out.bool(i === 1);
  }
}

/** An attribute and the reply that it is about; RESP2 has only the reply. */
function attrib(c: Client): void {
  const { out } = c;
  if (out.resp === 3) {
    out.attribute(1);
    out.bulkText('key-popularity');
    out.array(2);
    out.bulkText('key:123');
    out.int(90);
  }
  out.bulkText('Some real reply following the attribute');
}

function push(c: Client): void {
  const { out } = c;
  if (out.resp === 2) throw NO_RESP2;
  out.push(2);
  out.bulkText('server-cpu-usage');
  out.int(42);
  out.bulkText('Some real reply following the push reply');
}
