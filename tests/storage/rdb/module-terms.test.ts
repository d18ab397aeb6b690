/** Terms of modules' values: what was written is read, wrong terms are refused, and who does not know the module can skip all of it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { Capture } from '../../../storage/capture.js';
import { Bytes } from '../../../storage/memory/bytes.js';
import { RdbFileWriter } from '../../../storage/rdb/file-writer.js';
import { MODULE_2 } from '../../../storage/rdb/format.js';
import { RdbInput, SHORT } from '../../../storage/rdb/input.js';
import {
  readEnd,
  readModule,
  readNumber,
  readText,
  writeEnd,
  writeModule,
  writeNumber,
  writeText,
} from '../../../storage/rdb/module-terms.js';
import { RdbOutput } from '../../../storage/rdb/output.js';
import { NO_ACCESS } from '../../../storage/rdb/value-writer.js';
import { Session } from '../../commands/session.js';

function input(out: RdbOutput, end = out.pos): RdbInput {
  return new RdbInput().open(out.buf, 0, end);
}

t.test('there and back', async (t) => {
  const out = new RdbOutput();
  writeModule(out, 'synapqueu', 1023);
  for (const n of [0, 63, 64, 16384, 2 ** 32, 2 ** 53]) writeNumber(out, n);
  writeText(out, Bytes.from('text'));
  writeText(out, Bytes.from('123'));
  writeEnd(out);
  const from = input(out);
  t.same(readModule(from), { name: 'synapqueu', version: 1023 });
  for (const n of [0, 63, 64, 16384, 2 ** 32, 2 ** 53]) t.equal(readNumber(from), n);
  const view = new Bytes();
  t.equal(readText(from, view).toString(), 'text');
  t.equal(readText(from, view).toString(), '123');
  readEnd(from);
  t.equal(from.pos, out.pos);
});

t.test('another term than it should be, and one that has not come', async (t) => {
  const out = new RdbOutput();
  writeNumber(out, 5);
  t.throws(() => readText(input(out), new Bytes()), /kind 2, where a string should stand/);
  t.throws(() => readEnd(input(out)), /kind 2, where the end should stand/);
  const whole = input(out);
  readNumber(whole);
  t.throws(() => readNumber(whole), /the data ends/);
  const part = input(out, 1);
  part.whole = false;
  try {
    readNumber(part);
    t.fail('read what is not there');
  } catch (e) {
    t.equal(e, SHORT);
  }
  t.equal(readModule(input(out)), undefined);
});

/** The file of a server with one large queue, one small and some others, and with topics. */
function file(): Uint8Array {
  const s = new Session();
  for (const line of ['queue.create q retries 9', 'queue.create empty', 'set s v']) s.ask(line);
  for (let i = 0; i < 300; i++) s.ask(`queue.publish q ${i} headers 1 n v${i}`);
  for (const line of ['queue.consume q ann count 20', 'queue.nack q dead 1 2 3', 'copy q other']) s.ask(line);
  for (const line of ['topic.create t partitions 2', 'topic.create none', 'topic.group.create t g']) s.ask(line);
  for (let i = 0; i < 300; i++) s.ask(`topic.publish t ${i} headers 1 n v${i}`);
  for (const line of ['topic.group.join t g ann', 'topic.group.commit t g ann 1 0 7']) s.ask(line);
  const writer = new RdbFileWriter(new RdbOutput());
  writer.header(10, []);
  const capture = new Capture(s.server.databases, writer, NO_ACCESS, false);
  while (!capture.step(100, writer.out.pos + 4096));
  writer.footer();
  return writer.out.buf.slice(0, writer.out.pos);
}

t.test('a tool that knows no queue and no topic skips them by their terms', async (t) => {
  const bytes = file();
  t.ok(bytes.includes(MODULE_2));
  const folder = mkdtempSync(path.join(tmpdir(), 'synap-terms-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const name = path.join(folder, 'dump.rdb');
  writeFileSync(name, bytes);
  const { error, status, stdout } = spawnSync('redis-check-rdb', [name], { encoding: 'utf8' });
  if (error !== undefined) t.comment('no redis-check-rdb is installed');
  else t.match([status, stdout], [0, /6 keys read/]);
});
