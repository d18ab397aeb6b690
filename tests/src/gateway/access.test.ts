/** Access by flags and keys, also of commands that are not in the table yet: scripts, what operators do. */
import t from 'tap';
import { family } from '../../../commands/spec/family.js';
import { MAY_REPLICATE, NOSCRIPT, READONLY } from '../../../commands/spec/flags.js';
import { Access } from '../../../src/gateway/access.js';
import { type Command, commandMap } from '../../../src/gateway/commands.js';

const COMMANDS = commandMap();

const TEXTS = { since: '1.0.0', complexity: 'O(1)', summary: 'Made up.' };
const scripts = family('scripting', {
  eval: {
    syntax: 'script numkeys:int [key]...',
    reply: 'any',
    flags: NOSCRIPT | MAY_REPLICATE,
    keys: ['RW access update'],
    ...TEXTS,
  },
  eval_ro: { syntax: 'script key', reply: 'any', flags: NOSCRIPT | READONLY, keys: ['RO access'], ...TEXTS },
});

function command(name: string): Command {
  const known = COMMANDS.get(name);
  if (known !== undefined) return known;
  const entry = scripts.entries[name as keyof typeof scripts.entries];
  return { entry, words: [name.toUpperCase()], properties: [], isContainer: false };
}

t.test('a read-only gateway lets nothing through that may write or change the server', async (t) => {
  const access = new Access({ readOnly: true });
  const refused =
    'set del flushall eval debug shutdown save bgsave config|set config|rewrite client|kill client|pause publish spublish';
  for (const name of refused.split(' ')) t.equal(access.allows(command(name)), false, name);
  for (const name of 'get eval_ro scan config|get info slowlog|get client|list dbsize object|encoding'.split(' '))
    t.equal(access.allows(command(name)), true, name);
});

t.test('with prefixes, what names no key and what may look at others is refused', async (t) => {
  const access = new Access({ prefixes: ['a:'] });
  const ask = async (argv: readonly unknown[]): Promise<Uint8Array[]> => [Buffer.from(String(argv[argv.length - 1]))];
  const check = async (name: string, ...rest: string[]): Promise<string> =>
    access.check(command(name), [...command(name).words, ...rest], ask as never).then(
      () => 'allowed',
      (e) => e.code,
    );
  for (const name of ['keys', 'randomkey', 'flushall', 'info', 'publish', 'eval', 'eval_ro']) {
    t.equal(access.admits(command(name)), false, name);
    t.equal(await check(name, 'a:1'), 'FORBIDDEN', name);
  }
  for (const name of ['get', 'ping', 'scan']) t.equal(access.admits(command(name)), true, name);
  t.equal(await check('get', 'a:1'), 'allowed');
  t.equal(await check('get', 'b:1'), 'FORBIDDEN');
  t.equal(await check('scan', '0', 'MATCH', 'a:*'), 'allowed');
  t.equal(await check('scan', '0', 'MATCH', 'a:*', 'MATCH', '*'), 'FORBIDDEN', 'the last one counts');
});

t.test('prefixes are bytes, whatever a pattern is given as', async (t) => {
  const access = new Access({ prefixes: ['é:'] });
  const scan = async (pattern: string | Uint8Array): Promise<string> =>
    access
      .check(command('scan'), ['SCAN', '0', 'MATCH', pattern], async () => null)
      .then(
        () => 'allowed',
        (e) => e.code,
      );
  t.equal(await scan('é:*'), 'allowed');
  t.equal(await scan(Buffer.from('é:*')), 'allowed');
  t.equal(await scan('Ã©:*'), 'FORBIDDEN', 'another text, though its characters are the bytes of the prefix');
  t.equal(await scan(Buffer.from('Ã©:*')), 'FORBIDDEN');
});
