/** Every verb of the reply writer, to the byte, in both protocols. */
import t from 'tap';
import { Reply, ReplyPool } from '../../protocol/reply.js';
import { Bytes } from '../../storage/memory/bytes.js';

function written(resp: 2 | 3, write: (out: Reply) => void): string {
  const out = new Reply(new ReplyPool());
  out.resp = resp;
  write(out);
  return Buffer.from(out.buf.subarray(0, out.pos)).toString('latin1');
}

const VERBS: readonly [string, (out: Reply) => void, string, string][] = [
  ['ok', (o) => o.ok(), '+OK\r\n', '+OK\r\n'],
  ['simple', (o) => o.simple('PONG'), '+PONG\r\n', '+PONG\r\n'],
  ['error', (o) => o.error('ERR a\r\nb'), '-ERR a  b\r\n', '-ERR a  b\r\n'],
  ['intText', (o) => o.intText('-9223372036854775808'), ':-9223372036854775808\r\n', ':-9223372036854775808\r\n'],
  ['true', (o) => o.bool(true), ':1\r\n', '#t\r\n'],
  ['false', (o) => o.bool(false), ':0\r\n', '#f\r\n'],
  ['nil', (o) => o.nil(), '$-1\r\n', '_\r\n'],
  ['nilArray', (o) => o.nilArray(), '*-1\r\n', '_\r\n'],
  ['bulk', (o) => o.bulk(Bytes.from('\0\xff')), '$2\r\n\0\xff\r\n', '$2\r\n\0\xff\r\n'],
  ['bulkText', (o) => o.bulkText(''), '$0\r\n\r\n', '$0\r\n\r\n'],
  ['bulkInt', (o) => o.bulkInt(-12), '$3\r\n-12\r\n', '$3\r\n-12\r\n'],
  ['verbatim', (o) => o.verbatim('txt', 'hi'), '$2\r\nhi\r\n', '=6\r\ntxt:hi\r\n'],
  ['bigNumber', (o) => o.bigNumber('123'), '$3\r\n123\r\n', '(123\r\n'],
  ['array', (o) => o.array(0), '*0\r\n', '*0\r\n'],
  ['map', (o) => o.map(7), '*14\r\n', '%7\r\n'],
  ['set', (o) => o.set(2), '*2\r\n', '~2\r\n'],
  ['push', (o) => o.push(3), '*3\r\n', '>3\r\n'],
  ['raw', (o) => o.raw(Buffer.from('x:1\r\n'), 1, 5), ':1\r\n', ':1\r\n'],
];

t.test('each verb says what its protocol says', async (t) => {
  for (const [name, write, resp2, resp3] of VERBS) {
    t.equal(written(2, write), resp2, `${name} in RESP2`);
    t.equal(written(3, write), resp3, `${name} in RESP3`);
  }
  t.equal(
    written(3, (o) => o.attribute(1)),
    '|1\r\n',
  );
});

t.test('integers of every length, to 2^53 on both sides', async (t) => {
  const edges = [0, 1, 9, 10, 99, 100, 999999999, 2147483647, 2147483648, 4294967296, 1e15, Number.MAX_SAFE_INTEGER];
  for (const n of edges) {
    for (const d of [-1, 0, 1]) {
      for (const value of [n + d, -(n + d)].filter(Number.isSafeInteger))
        t.equal(
          written(2, (o) => o.int(value)),
          `:${value === 0 ? 0 : value}\r\n`,
        );
    }
  }
});

t.test('a deferred header comes before what was written, also when the buffer grew', async (t) => {
  for (const n of [1, 12, 3000, 20000]) {
    const elements = ':1\r\n'.repeat(n);
    const write = (end: (o: Reply, mark: number) => void) => (o: Reply) => {
      o.ok();
      const mark = o.defer();
      for (let i = 0; i < n; i++) o.int(1);
      end(o, mark);
      o.ok();
    };
    const wrapped = (header: string): string => `+OK\r\n${header}\r\n${elements}+OK\r\n`;
    t.equal(
      written(
        2,
        write((o, mark) => o.endArray(mark, n)),
      ),
      wrapped(`*${n}`),
    );
    t.equal(
      written(
        3,
        write((o, mark) => o.endSet(mark, n)),
      ),
      wrapped(`~${n}`),
    );
    t.equal(
      written(
        2,
        write((o, mark) => o.endSet(mark, n)),
      ),
      wrapped(`*${n}`),
    );
    t.equal(
      written(
        3,
        write((o, mark) => o.endMap(mark, n)),
      ),
      wrapped(`%${n}`),
    );
    t.equal(
      written(
        2,
        write((o, mark) => o.endMap(mark, n)),
      ),
      wrapped(`*${2 * n}`),
    );
  }
});

t.test('what is longer than a buffer is written whole', async (t) => {
  for (const n of [64, 65, 65530, 65536, 300000]) {
    const text = 'x'.repeat(n);
    const verbs: ((o: Reply) => void)[] = [(o) => o.bulk(Bytes.from(text)), (o) => o.bulkText(text)];
    for (const verb of verbs) {
      const write = (o: Reply): void => {
        o.ok();
        verb(o);
      };
      t.equal(written(2, write), `+OK\r\n$${n}\r\n${text}\r\n`);
    }
  }
});
