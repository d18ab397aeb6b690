/** Files with queues: those that arrive in pieces, those that end too early, and long messages, which are not compressed. */
import t from 'tap';
import { Capture } from '../../../storage/capture.js';
import { RdbFileWriter } from '../../../storage/rdb/file-writer.js';
import { RdbOutput } from '../../../storage/rdb/output.js';
import { NO_ACCESS } from '../../../storage/rdb/value-writer.js';
import { Session } from '../../commands/session.js';
import { load } from './load-file.js';

const OPEN = { enableDebugCommand: 'yes' } as const;

function file(s: Session): Uint8Array {
  const writer = new RdbFileWriter(new RdbOutput());
  writer.header(10, []);
  const capture = new Capture(s.server.databases, writer, NO_ACCESS, false);
  while (!capture.step(100, writer.out.pos + 4096));
  writer.footer();
  return writer.out.buf.slice(0, writer.out.pos);
}

t.test('a file that arrives in pieces of any size', async (t) => {
  const s = new Session(OPEN);
  for (const line of ['queue.create q retries 9', 'queue.create empty', 'set s v']) s.ask(line);
  for (let i = 0; i < 300; i++) s.ask(`queue.publish q ${i} headers 1 n v${i}`);
  for (const line of ['queue.consume q ann count 20', 'queue.nack q dead 1 2 3', 'copy q other']) s.ask(line);
  const bytes = file(s);
  for (const size of [1, 7, 100, 5000]) {
    const other = new Session(OPEN);
    load(other, bytes, {}, size, 3);
    t.equal(other.ask('debug digest'), s.ask('debug digest'), `${size} bytes`);
  }
  for (let cut = 20; cut < bytes.length; cut += 97) {
    const other = new Session(OPEN);
    t.throws(() => load(other, bytes.subarray(0, cut)), /ends/);
  }
});

t.test('a long message is not compressed, a shorter one is', async (t) => {
  const s = new Session(OPEN);
  s.ask('queue.create q');
  s.ask(`queue.publish q ${'a'.repeat(256 * 1024)}`);
  t.ok(file(s).length < 20_000);
  s.ask(`queue.publish q ${'b'.repeat(300_000)}`);
  const bytes = file(s);
  t.ok(bytes.length > 300_000);
  const other = new Session(OPEN);
  load(other, bytes, {}, 1000);
  t.equal(other.ask('debug digest'), s.ask('debug digest'));
});
