/** Completion and hints from the command table, and help. */
import t from 'tap';
import { commandTable } from '../../../src/cli/command-table.js';
import { completions, hint } from '../../../src/cli/completion.js';
import { help, syntaxText } from '../../../src/cli/help.js';

const TABLE = commandTable();

t.test('completion', async (t) => {
  t.same(completions(TABLE, 'hge'), ['hget', 'hgetall', 'hgetdel', 'hgetex']);
  t.same(completions(TABLE, 'HGETA'), ['HGETALL']);
  t.same(completions(TABLE, 'config '), [
    'config get',
    'config help',
    'config resetstat',
    'config rewrite',
    'config set',
  ]);
  t.same(completions(TABLE, 'CONFIG RES'), ['CONFIG RESETSTAT']);
  t.same(completions(TABLE, 'set k v ex'), ['set k v ex', 'set k v exat']);
  t.same(completions(TABLE, 'help @ha'), ['help @hash']);
  t.same(completions(TABLE, 'help config g'), ['help config get']);
  t.same(completions(TABLE, 'exi'), ['exists', 'exit']);
  for (const line of ['', ' ', 'nosuch a', '"open', 'get k x']) t.same(completions(TABLE, line), [], line);
});

const HINTS: readonly [line: string, hint: string][] = [
  ['get', ' key'],
  ['get ', 'key'],
  ['get k', ''],
  ['GET k ', ''],
  ['nosuch', ''],
  ['', ''],
  ['"open', ''],
  ['getrange k 0', ' end'],
  ['3 incr', ' key'],
  ['append', ' key value'],
  ['del a', ' [key [key ...]]'],
  ['mset a 1', ' [key value [key value ...]]'],
  ['hset h f', ' value [field value [field value ...]]'],
  ['hset h f v', ' [field value [field value ...]]'],
  ['hset h f v g', ' value [field value [field value ...]]'],
  ['hexpire h 1 nx fields 2 a', ' [field [field ...]]'],
  ['blpop a', ' [key [key ...]] timeout'],
  ['blpop a 0', ''],
  ['del', ' key [key ...]'],
  ['object encoding', ' key'],
  ['lmove a b left', ' <LEFT|RIGHT>'],
  ['expire k 10', ' [NX|XX|GT|LT]'],
  ['expire k 10 xx', ''],
  ['set k v nx', ' [GET] [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|KEEPTTL]'],
  ['set k v ex', ' seconds [NX|XX] [GET]'],
  ['set k v ex 10 nx', ' [GET]'],
  ['set k v ex 10 nx get', ''],
  ['set k v ex 10', ' [NX|XX] [GET]'],
];

t.test('hints tell what is still to be typed', async (t) => {
  for (const [line, text] of HINTS) t.equal(hint(TABLE, line), text, line);
  t.match(hint(TABLE, 'config'), /get\|.*set/);
});

t.test('a hint is made for every command, with no and with many arguments', async (t) => {
  for (const { name, tree, reply } of TABLE.values()) {
    if (reply === undefined) continue;
    const words = name.replace('|', ' ');
    t.equal(hint(TABLE, words).trim(), syntaxText(tree), name);
    t.equal(typeof hint(TABLE, `${words} ${'1 '.repeat(20)}`), 'string');
  }
});

t.test('help', async (t) => {
  t.match(help(TABLE, ['get']), /^\n {2}GET key\n {2}summary: .*\n {2}since: 1\.0\.0\n {2}group: string\n\n$/);
  t.match(help(TABLE, ['config']), /CONFIG GET parameter(.|\n)*CONFIG SET/);
  t.match(help(TABLE, ['@hash']), /HGETALL key/);
  t.notMatch(help(TABLE, ['@hash']), /LPUSH/);
  t.match(help(TABLE, []), /@sorted-set/);
  t.equal(help(TABLE, ['nosuch']), '\n');
});
