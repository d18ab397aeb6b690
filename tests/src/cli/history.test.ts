/** The history: what is kept, where, and what is not. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { historyFile, isSecret, keepLine, LINES_MAX, readHistory } from '../../../src/cli/history.js';

t.test('lines with secrets', async (t) => {
  const secret = [
    'auth pw',
    'AUTH user pw',
    '3 auth pw',
    ' auth "open',
    'config set requirepass x',
    'CONFIG SET maxmemory 1 MasterAuth x',
    'config set tls-key-file-pass x',
    'acl setuser u >pw',
    'hello 3 auth default x',
    'migrate h 1 k 0 1 auth x',
    'migrate h 1 "" 0 1 auth2 u x keys k',
  ];
  const open = [
    'get auth',
    'config get requirepass',
    'config set maxmemory 1',
    'hello 3',
    'acl list',
    'set k auth',
    '',
  ];
  for (const line of secret) t.equal(isSecret(line), true, line);
  for (const line of open) t.equal(isSecret(line), false, line);
});

t.test('the file', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'synap-history-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'history');
  t.same(readHistory(file), [], 'there is none yet');
  keepLine(file, 'get a');
  keepLine(file, 'auth pw');
  keepLine(file, 'get b');
  t.equal(readFileSync(file, 'utf8'), 'get a\nget b\n');
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.same(readHistory(file), ['get a', 'get b']);
  writeFileSync(file, Array.from({ length: 3 * LINES_MAX }, (_, i) => `get ${i}\n`).join(''));
  t.equal(readHistory(file).length, LINES_MAX);
  t.equal(readFileSync(file, 'utf8').split('\n').length, LINES_MAX + 1, 'it does not grow without end');
  keepLine(join(dir, 'none', 'such'), 'get a');
  t.pass('a file that cannot be written does not matter');
});

t.test('where it is', async (t) => {
  t.equal(historyFile({ HOME: '/home/x' }), '/home/x/.synapcli_history');
  t.equal(historyFile({ HOME: '/home/x', SYNAPCLI_HISTFILE: '/tmp/h' }), '/tmp/h');
  t.equal(historyFile({ SYNAPCLI_HISTFILE: '/dev/null' }), undefined);
});
