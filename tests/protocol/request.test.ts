/** The request decoder: however the bytes are cut, the same commands; and Redis's errors. */
import t from 'tap';
import { ProtocolError, RequestDecoder } from '../../protocol/request.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { seeded } from '../random.js';

/** Feeds `input` in pieces as `cut` says, through a buffer that is overwritten after each, as a socket's is. */
function decode(input: string, cut: () => number): string[][] {
  const decoder = new RequestDecoder(() => new Bytes());
  const commands: string[][] = [];
  const all = Buffer.from(input, 'latin1');
  const shared = new Uint8Array(65536);
  for (let p = 0; p < all.length; ) {
    const n = Math.min(cut(), all.length - p, shared.length);
    shared.set(all.subarray(p, p + n));
    p += n;
    decoder.feed(shared, n);
    while (decoder.next()) commands.push(decoder.argv.slice(0, decoder.argc).map(String));
    decoder.keep();
    decoder.trim();
    shared.fill(0xee);
  }
  t.equal(decoder.pending, 0);
  return commands;
}

function encode(command: string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

t.test('any cut gives the same commands', async (t) => {
  const random = seeded(5);
  const commands: string[][] = [];
  for (let i = 0; i < 40; i++) {
    const words = ['set'];
    for (let k = Math.floor(random() * 6); k >= 0; k--) words.push('\r\n$*x'.repeat(Math.floor(random() * 20)));
    if (i % 10 === 0) words.push('B'.repeat(33000 + Math.floor(random() * 200000)));
    if (i === 7) for (let k = 0; k < 3000; k++) words.push(`${k}`); // more arguments than `trim` keeps
    commands.push(words);
  }
  const input = commands.map(encode).join('');
  const wanted = JSON.stringify(commands);
  t.equal(JSON.stringify(decode(input, () => 1)), wanted, 'byte by byte');
  t.equal(JSON.stringify(decode(input, () => 65536)), wanted, 'as large as the buffer');
  for (let i = 0; i < 20; i++)
    t.equal(JSON.stringify(decode(input, () => 1 + Math.floor(random() * 9000))), wanted, `random cut ${i}`);
});

t.test('inline commands, empty lines and empty arrays', async (t) => {
  const input = "\r\nPING\r\n*0\r\n*-1\r\nset \"a b\\x41\\n\" 'it\\'s' plain\n*1\r\n$4\r\nQUIT\r\na\vb \v c\n";
  for (const n of [1, 3, 1000])
    t.same(
      decode(input, () => n),
      [['PING'], ['set', 'a bA\n', "it's", 'plain'], ['QUIT'], ['a\vb', 'c']],
    );
});

t.test('a big bulk may be adopted', async (t) => {
  const decoder = new RequestDecoder(() => new Bytes());
  const input = Buffer.from(encode(['set', 'k', 'v'.repeat(200000)]));
  decoder.feed(input.subarray(0, 60000), 60000);
  t.notOk(decoder.next());
  decoder.keep();
  decoder.feed(input.subarray(60000), input.length - 60000);
  t.ok(decoder.next());
  t.ok(decoder.argv[2].owned);
  t.equal(decoder.argv[2].buf.length, 200000);
  t.equal(String(decoder.argv[1]), 'k');
});

t.test('malformed requests end in the errors that Redis gives', async (t) => {
  const error = (input: string, unauthenticated = false): string => {
    const decoder = new RequestDecoder(() => new Bytes());
    decoder.unauthenticated = unauthenticated;
    const bytes = Buffer.from(input, 'latin1');
    decoder.feed(bytes, bytes.length);
    try {
      while (decoder.next());
    } catch (e) {
      if (e instanceof ProtocolError) return e.message;
    }
    return 'no error';
  };
  t.equal(error('*abc\r\n'), 'invalid multibulk length');
  t.equal(error('*3000000000\r\n'), 'invalid multibulk length');
  t.equal(error('*1\r\nx\r\n'), "expected '$', got 'x'");
  t.equal(error('*1\r\n$-1\r\n'), 'invalid bulk length');
  t.equal(error('*1\r\n$01\r\n'), 'invalid bulk length');
  t.equal(error('*1\r\n$536870913\r\n'), 'invalid bulk length');
  t.equal(error('*-0\r\n'), 'invalid multibulk length');
  t.equal(error('*1\r\n$-0\r\n'), 'invalid bulk length');
  t.equal(error('*-9223372036854775808\r\n'), 'no error', 'as little as *-1');
  t.equal(error('*-9223372036854775809\r\n'), 'invalid multibulk length');
  t.equal(error(`*-${'1'.repeat(20)}\r\n`), 'invalid multibulk length');
  t.equal(error('set "a\r\n'), 'unbalanced quotes in request');
  t.equal(error('x'.repeat(70000)), 'too big inline request');
  t.equal(error(`*${'1'.repeat(70000)}`), 'too big mbulk count string');
  t.equal(error(`*1\r\n$${'1'.repeat(70000)}`), 'too big bulk count string');
  t.equal(error('*11\r\n', true), 'unauthenticated multibulk length');
  t.equal(error('*1\r\n$16385\r\n', true), 'unauthenticated bulk length');
});

t.test('a line with a NUL in it never ends, as in Redis: only too much of it is an error', async (t) => {
  for (const [line, wanted] of [
    ['PING \0', 'too big inline request'],
    ['*1\0', 'too big mbulk count string'],
    ['*1\r\n$4\0', 'too big bulk count string'],
  ]) {
    const decoder = new RequestDecoder(() => new Bytes());
    const bytes = Buffer.from(`${line}\r\nPING\r\n`, 'latin1');
    decoder.feed(bytes, bytes.length);
    t.equal(decoder.next(), false);
    decoder.keep();
    const more = Buffer.alloc(65536, 'PING\r\n');
    decoder.feed(more, more.length);
    t.throws(() => decoder.next(), new ProtocolError(wanted));
  }
});

t.test('a million random bytes do no harm', async (t) => {
  const random = seeded(13);
  const alphabet = '*$123\r\n\r\n\r\nab"\'\\x';
  let errors = 0;
  for (let i = 0; i < 20000; i++) {
    const decoder = new RequestDecoder(() => new Bytes());
    const bytes = Uint8Array.from({ length: 50 }, () => alphabet.charCodeAt(Math.floor(random() * alphabet.length)));
    decoder.feed(bytes, 50);
    try {
      while (decoder.next());
    } catch (e) {
      if (!(e instanceof ProtocolError)) throw e;
      errors++;
    }
  }
  t.ok(errors > 0);
});
