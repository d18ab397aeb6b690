/** COMMAND: forms of its replies, byte for byte as Redis 7.0.15 gave them, and what it tells of every command against its recording. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Command } from '../../commands/command.js';
import { Call, FoundKeys, findKeys, hasKeys } from '../../commands/command-keys.js';
import { family } from '../../commands/spec/family.js';
import { PUBSUB, READONLY, WRITE } from '../../commands/spec/flags.js';
import type { KeySpec } from '../../commands/spec/key-spec.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session, type Value } from './session.js';

/** name: arity, flags, first key, last key, step, categories, tips, key specifications: see spec.test.ts. */
const recorded: Readonly<Record<string, readonly [number, string, number, number, number, string, string, string[]]>> =
  JSON.parse(readFileSync(new URL('../../../tests/commands/recorded/command-info.json', import.meta.url), 'utf8'));

const keyword = (word: string, startfrom: number, last: number, limit: number): KeySpec => ({
  use: 'RO access',
  begin: { type: 'keyword', keyword: word, startfrom },
  find: { type: 'range', last, step: 1, limit },
  names: ['key'],
});

const bulk = (...words: string[]): string => words.map((word) => `$${word.length}\r\n${word}\r\n`).join('');

t.test('the form of COMMAND INFO', async (t) => {
  const two = new Session();
  const three = new Session({}, 3);
  t.equal(
    two.raw('command info get nope'),
    `*2\r\n*10\r\n${bulk('get')}:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n*3\r\n+@read\r\n+@string\r\n+@fast\r\n*0\r\n` +
      `*1\r\n*6\r\n${bulk('flags')}*2\r\n+RO\r\n+access\r\n${bulk('begin_search')}*4\r\n${bulk('type', 'index', 'spec')}` +
      `*2\r\n${bulk('index')}:1\r\n${bulk('find_keys')}*4\r\n${bulk('type', 'range', 'spec')}*6\r\n${bulk('lastkey')}:0\r\n` +
      `${bulk('keystep')}:1\r\n${bulk('limit')}:0\r\n*0\r\n$-1\r\n`,
  );
  t.equal(
    three.raw('command info GET nope'),
    `*2\r\n*10\r\n${bulk('get')}:2\r\n~2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n~3\r\n+@read\r\n+@string\r\n+@fast\r\n~0\r\n` +
      `~1\r\n%3\r\n${bulk('flags')}~2\r\n+RO\r\n+access\r\n${bulk('begin_search')}%2\r\n${bulk('type', 'index', 'spec')}` +
      `%1\r\n${bulk('index')}:1\r\n${bulk('find_keys')}%2\r\n${bulk('type', 'range', 'spec')}%3\r\n${bulk('lastkey')}:0\r\n` +
      `${bulk('keystep')}:1\r\n${bulk('limit')}:0\r\n~0\r\n_\r\n`,
  );
  t.match(
    three.raw('command info zunion'),
    `${bulk('type', 'keynum', 'spec')}%3\r\n${bulk('keynumidx')}:0\r\n${bulk('firstkey')}:1\r\n${bulk('keystep')}:1\r\n`,
  );
  t.match(three.raw('command info sort'), `%4\r\n${bulk('notes')}`);
  t.match(three.raw('command info sort'), `${bulk('begin_search')}%2\r\n${bulk('type', 'unknown', 'spec')}%0\r\n`);
  t.match(
    three.raw('command info keys'),
    `~2\r\n${bulk('request_policy:all_shards', 'nondeterministic_output_order')}`,
  );
  t.match(
    three.raw('command info object'),
    `*1\r\n*10\r\n${bulk('object')}:-2\r\n~0\r\n:0\r\n:0\r\n:0\r\n~1\r\n+@slow\r\n~0\r\n~0\r\n*5\r\n*10\r\n${bulk('object|encoding')}:3\r\n`,
    'sub-commands are an array',
  );
  t.same(two.ask('command info object|NOPE foo|bar object| |get'), [null, null, null, null]);
  t.equal((two.ask('command info OBJECT|HELP') as Value[][])[0][0], 'object|help');
});

t.test('every command tells the wire what the specs say', async (t) => {
  const session = new Session();
  const names = session.ask('command list') as string[];
  const infos = session.ask(['command', 'info', ...names]) as [string, ...Value[]][];
  let known = 0;
  for (const [name, ...told] of infos) {
    const real = recorded[name];
    if (real === undefined) continue;
    known++;
    const [arity, flags, first, last, step, categories, tips, keys] = told as [number, ...Value[]];
    // WITHSCORE of 7.2 made two commands longer.
    t.equal(arity, /^z(rev)?rank$/.test(name) ? -3 : real[0], name);
    t.same([(flags as string[]).join(' '), first, last, step], real.slice(1, 5), name);
    t.equal((categories as string[]).map((category) => category.slice(1)).join(' '), real[5], name);
    t.equal((tips as string[]).join(' '), real[6], name);
    t.equal((keys as Value[]).length, real[7].length, name);
  }
  t.ok(known > 150);
  const all = session.ask('command') as [string, ...Value[]][];
  t.same(
    all.map(([name]) => name),
    names.filter((name) => !name.includes('|')),
    'all of them, sub-commands within their containers',
  );
  t.same(session.ask('command info'), all);
  t.equal(session.ask('command count'), all.length);
});

t.test('COMMAND LIST', async (t) => {
  const session = new Session();
  const rows: [string, Value][] = [
    ['command list filterby module json', []],
    ['command list filterby ACLCAT TRANSACTION', ['multi', 'exec', 'discard', 'watch', 'unwatch']],
    ['command list filterby aclcat @transaction', []],
    ['command list filterby aclcat nope', []],
    ['command list filterby pattern GETR*', ['getrange']],
    [
      'command list filterby pattern object*',
      ['object', 'object|encoding', 'object|freq', 'object|help', 'object|idletime', 'object|refcount'],
    ],
    ['command list filterby pattern xyz', []],
    ['command list filterby', '-ERR syntax error'],
    ['command list filterby pattern', '-ERR syntax error'],
    ['command list filterby pattern a b', '-ERR syntax error'],
    ['command list filterby foo bar', '-ERR syntax error'],
    ['command list nope', '-ERR syntax error'],
    ['command count x', "-ERR wrong number of arguments for 'command|count' command"],
    ['command foo', "-ERR unknown subcommand 'foo'. Try COMMAND HELP."],
  ];
  for (const [line, reply] of rows) t.same(session.ask(line), reply, line);
});

t.test('COMMAND GETKEYS and GETKEYSANDFLAGS', async (t) => {
  const session = new Session();
  const RO = ['RO', 'access'];
  const OW = ['OW', 'update'];
  const RW = ['RW', 'access', 'update'];
  const POP = ['RW', 'access', 'delete'];
  const rows: [string, Value][] = [
    ['getkeys get a', ['a']],
    ['getkeys MSET a b c d', ['a', 'c']],
    ['getkeys object encoding x', ['x']],
    ['getkeys lmpop 2 a b left', ['a', 'b']],
    ['getkeys zunionstore d 2 a b', ['d', 'a', 'b']],
    ['getkeys blmpop 0 2 a b left', ['a', 'b']],
    [
      'getkeysandflags blpop a b 0',
      [
        ['a', POP],
        ['b', POP],
      ],
    ],
    [
      'getkeysandflags zunionstore d 2 a b',
      [
        ['d', OW],
        ['a', RO],
        ['b', RO],
      ],
    ],
    [
      'getkeysandflags rename a b',
      [
        ['a', POP],
        ['b', OW],
      ],
    ],
    [
      'getkeysandflags watch a b',
      [
        ['a', ['RO']],
        ['b', ['RO']],
      ],
    ],
    ['getkeysandflags set a b', [['a', OW]]],
    ['getkeysandflags set a b get', [['a', RW]]],
    [
      'getkeysandflags sort a store b',
      [
        ['a', RO],
        ['b', OW],
      ],
    ],
    [
      'getkeysandflags sort a by x limit 1 2 get y store b store c',
      [
        ['a', RO],
        ['c', OW],
      ],
    ],
    ['getkeysandflags sort a by store get get store', [['a', RO]]],
    ['getkeysandflags sort_ro a store b', [['a', RO]]],
    ['getkeys', "-ERR wrong number of arguments for 'command|getkeys' command"],
    ['getkeys get', "-ERR wrong number of arguments for 'command|getkeys' command"],
    ['getkeys nope a', '-ERR Invalid command specified'],
    ['getkeys object nope x', '-ERR Invalid command specified'],
    ['getkeys ping x', '-ERR The command has no key arguments'],
    ['getkeys object help x', '-ERR The command has no key arguments'],
    ['getkeys get a b', '-ERR Invalid number of arguments specified for command'],
    ['getkeys object encoding', '-ERR Invalid number of arguments specified for command'],
    ['getkeys lmove a b left', '-ERR Invalid number of arguments specified for command'],
    ['getkeys lmpop x a b left', '-ERR Invalid arguments specified for command'],
    ['getkeys lmpop -1 a b left', '-ERR Invalid arguments specified for command'],
    ['getkeys zunion 0 a', '-ERR Invalid arguments specified for command'],
    ['getkeys zunion 5 a b', '-ERR Invalid arguments specified for command'],
    ['getkeys lmpop 9223372036854775807 a left', '-ERR Invalid arguments specified for command'],
  ];
  for (const [line, reply] of rows) t.same(session.ask(`command ${line}`), reply, line);
  t.equal(
    new Session({}, 3).raw('command getkeysandflags sort a store b'),
    `*2\r\n*2\r\n${bulk('a')}~2\r\n+RO\r\n+access\r\n*2\r\n${bulk('b')}~2\r\n+OW\r\n+update\r\n`,
  );
});

t.test('keys behind a word, and keys that are none', async (t) => {
  const stream = family('stream', {
    xread: {
      syntax: '[COUNT count:int] STREAMS <key>... <id>...',
      reply: 'any',
      flags: READONLY,
      keys: [keyword('STREAMS', 1, -1, 2)],
      since: '5.0.0',
      complexity: 'O(1)',
      summary: 'As XREAD.',
    },
    migrate: {
      syntax: 'host [KEYS key [key ...]]',
      reply: 'any',
      flags: WRITE,
      keys: [keyword('KEYS', -2, -1, 0)],
      since: '2.6.0',
      complexity: 'O(1)',
      summary: 'As MIGRATE.',
    },
    spublish: {
      syntax: 'shardchannel:shard message',
      reply: 'any',
      flags: PUBSUB,
      keys: ['not_key'],
      since: '7.0.0',
      complexity: 'O(1)',
      summary: 'As SPUBLISH.',
    },
  });
  const rows: [keyof typeof stream.entries, string, readonly number[] | undefined][] = [
    ['xread', 'xread streams a b 0 0', [2, 3]],
    ['xread', 'xread count 1 STREAMS a 0', [4]],
    ['xread', 'xread streams a b 0', [2]],
    ['xread', 'xread count 1 a 0', undefined],
    ['xread', 'xread a b streams', undefined],
    ['migrate', 'migrate h p "" 0 1 keys a b', [7, 8]],
    ['migrate', 'migrate h p "" 0 1 keys keys b', [8]],
    ['migrate', 'migrate keys a', undefined],
    ['spublish', 'spublish a b', undefined],
  ];
  for (const [name, line, places] of rows) {
    const command = new Command(stream.entries[name], 0, () => {}, undefined);
    const argv = line.split(' ').map((word) => Bytes.from(word));
    const keys = new FoundKeys();
    t.equal(findKeys(command, new Call().set(argv, 0, argv.length), keys), places !== undefined, line);
    t.same(keys.places.slice(0, keys.count), places ?? [], line);
    t.equal(hasKeys(command), name !== 'spublish');
  }
});

t.test('where specifications do not tell the keys, something else does', async (t) => {
  const { server } = new Session();
  const untold = [...server.commands.byName.values()].filter(({ entry }) =>
    entry.keys.some(
      ({ begin, find, use }) => begin.type === 'unknown' || find.type === 'unknown' || /variable/.test(use),
    ),
  );
  t.same(
    untold.map(({ name }) => name).sort(),
    ['set', 'sort', 'sort_ro'],
    'each has a row in FINDERS of command-keys.ts',
  );
});

t.test('COMMAND DOCS', async (t) => {
  const three = new Session({}, 3);
  t.equal(three.raw('command docs nope'), '%0\r\n');
  t.equal(new Session().raw('command docs nope'), '*0\r\n');
  const { summary, complexity } = three.server.commands.byName.get('lpop')!.spec;
  t.equal(
    three.raw('command docs LPOP'),
    `%1\r\n${bulk('lpop')}%6\r\n${bulk('summary', summary, 'since', '1.0.0', 'group', 'list', 'complexity', complexity)}` +
      `${bulk('history')}~1\r\n*2\r\n${bulk('6.2.0', 'The argument `count`.')}` +
      `${bulk('arguments')}*2\r\n%4\r\n${bulk('name', 'key', 'type', 'key', 'display_text', 'key', 'key_spec_index')}:0\r\n` +
      `%5\r\n${bulk('name', 'count', 'type', 'integer', 'display_text', 'count', 'since', '6.2.0', 'flags')}~1\r\n+optional\r\n`,
  );
  const set = three.raw('command docs set');
  t.match(
    set,
    `%5\r\n${bulk('name', 'condition', 'type', 'oneof', 'since', '2.6.12', 'flags')}~1\r\n+optional\r\n${bulk('arguments')}` +
      `*2\r\n%4\r\n${bulk('name', 'nx', 'type', 'pure-token', 'display_text', 'nx', 'token', 'NX')}`,
    'alternatives, which came together',
  );
  t.match(
    three.raw('command docs getset'),
    `${bulk('doc_flags')}~1\r\n+deprecated\r\n${bulk('deprecated_since', '6.2.0', 'replaced_by')}`,
  );
  t.match(
    three.raw('command docs object'),
    `${bulk('subcommands')}%5\r\n${bulk('object|encoding')}%5\r\n${bulk('summary')}`,
  );
  t.match(three.raw('command docs OBJECT|FREQ'), `%1\r\n${bulk('object|freq')}%5\r\n`);
  const two = new Session();
  const all = two.ask('command docs') as Value[];
  t.equal(all.length, 2 * (two.ask('command count') as number));
});

t.test('COMMAND HELP', async (t) => {
  const lines = new Session().ask('command help') as string[];
  t.equal(lines[0], 'COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:');
  t.same(
    lines.filter((line, i) => i > 0 && !line.startsWith('    ')),
    [
      '(no subcommand)',
      'COUNT',
      'DOCS [<command-name> [<command-name> ...]]',
      'GETKEYS <command> <arg> [<arg> ...]',
      'GETKEYSANDFLAGS <command> <arg> [<arg> ...]',
      'INFO [<command-name> [<command-name> ...]]',
      'LIST [FILTERBY (MODULE <module-name> | ACLCAT <category> | PATTERN <pattern>)]',
      'HELP',
    ],
  );
});
