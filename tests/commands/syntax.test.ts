/**
 * The grammar of syntax and reply lines, what is derived from them for commands of shapes that no declared command has yet, and
 * what is refused: a contradiction must stop the process from starting, with a message that says where and why.
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { catalogue } from '../../commands/spec/catalogue.js';
import { type Family, family, type Group, type Handlers, type Spec } from '../../commands/spec/family.js';
import {
  DENYOOM,
  MAY_REPLICATE,
  MOVABLEKEYS,
  NO_AUTH,
  NO_MANDATORY_KEYS,
  NO_MULTI,
  READONLY,
  RUNS_IN_MULTI,
  WRITE,
} from '../../commands/spec/flags.js';
import { parseReply, type ReplyType } from '../../commands/spec/reply.js';
import { type Argument, parseSyntax } from '../../commands/spec/syntax.js';
import type { transactions } from '../../commands/spec/transactions.js';

const RECORDED = JSON.parse(
  readFileSync(new URL('../../../tests/commands/recorded/command-info.json', import.meta.url), 'utf8'),
);

/** A tree as one line: `[a]` optional, `a*` repeated, `a**` repeated with its word. */
function text(argument: Argument): string {
  const { name, type, token, optional, multiple, multipleToken, children } = argument;
  const inside = children.length === 0 ? '' : `(${children.map(text).join(type === 'oneof' ? '|' : ',')})`;
  const once = `${token === undefined ? '' : `${token} `}${name}:${type}${inside}`;
  return `${optional ? `[${once}]` : once}${multipleToken ? '**' : multiple ? '*' : ''}`;
}

function one(over: Partial<Spec>, group: Group = 'string'): Family<'x'> {
  const spec = { syntax: 'key', reply: 'ok', flags: READONLY, since: '1.0.0', complexity: 'O(1)', summary: 'x' };
  return family(group, { x: { ...spec, ...over } });
}

t.test('syntax lines', (t) => {
  const cases: readonly (readonly [line: string, tree: string])[] = [
    ['', ''],
    ['key value', 'key:key value:string'],
    ['a:int b:double pattern c:unix d:shard', 'a:integer b:double pattern:pattern c:unix-time d:shard-channel'],
    ['[a [a ...]]', '[a:string]*'],
    ['a b [a b ...]', 'a_b:block(a:string,b:string)*'],
    ['a b [b ...]', 'a:string b:string*'],
    ['NX', 'NX nx:pure-token'],
    ['*:auto [=:equal|~:about]:how', '* auto:pure-token [how:oneof(= equal:pure-token|~ about:pure-token)]'],
    ['"":empty', ' empty:pure-token'],
    ['[EX seconds:int]', '[EX seconds:integer]'],
    ['[W w:double [w ...]]', '[W w:double]*'],
    ['[GET p [GET p ...]]', '[GET p:string]**'],
    ['[LIMIT a b]', '[LIMIT limit:block(a:string,b:string)]'],
    ['[COUNT n [ANY]]', '[COUNT count:block(n:string,[ANY any:pure-token])]'],
    ['<T a b [a b ...]>', 'T a_b:block(a:string,b:string)*'],
    ['[AGG <SUM|MIN>:agg]', '[AGG agg:oneof(SUM sum:pure-token|MIN min:pure-token)]'],
    ['<a|B b>:c...', 'c:oneof(a:string|B b:string)*'],
    ['[A|b:int]...', '[a_b:oneof(A a:pure-token|b:integer)]*'],
    ['[S a]...', '[S a:string]**'],
  ];
  for (const [line, tree] of cases) t.equal(parseSyntax(line).map(text).join(' '), tree, line);
  t.end();
});

t.test('syntax lines that are refused', (t) => {
  const cases: readonly (readonly [line: string, why: RegExp])[] = [
    ['a [b ...]', /'\[b \.\.\.\]' does not repeat what stands before it/],
    ['[a ...]', /does not repeat/],
    ['a [a', /never closes/],
    ['<a', /'<' is not closed/],
    ['[a>', /'\[' is not closed|never closes/],
    ['a]', /unexpected '\]'/],
    ['a | b', /unexpected '\|'/],
    ['...', /repeats nothing/],
    ['<A|B> [<A|B> ...]', /two arguments called 'a_b'/], // a group is repeated by its dots: <A|B>...
    ['[|a]', /empty alternative/],
    ['<>', /empty alternative/],
    ['a:foo', /'foo' is no type; known are string, int, double, key/],
    ['a:constructor', /is no type/],
    ['Key', /'Key' is no name/],
    ['~', /'~' is no name/],
    ['[a]:B', /'B' is no name/],
    ['a a', /two arguments called 'a'/],
    ['[NX|NX]', /two arguments called 'nx'/],
    ['a. b', /stray dot/],
  ];
  for (const [line, why] of cases) t.throws(() => parseSyntax(line), { message: why }, line);
  t.throws(() => parseSyntax('a:foo'), { message: /^syntax 'a:foo': / }, 'the message shows the line');
  t.end();
});

t.test('reply lines', (t) => {
  const say = (reply: ReplyType): string =>
    'of' in reply ? `${reply.type}(${reply.of.map(say).join(' ')})` : reply.type;
  t.equal(say(parseReply('ok')), 'ok');
  t.equal(say(parseReply('bulk | nil')), 'either(bulk nil)');
  t.equal(
    say(parseReply('tuple<bulk, array<int | nil>> | nil-array')),
    'either(tuple(bulk array(either(int nil))) nil-array)',
  );
  t.equal(say(parseReply('map<bulk, pairs<bulk, double>>')), 'map(bulk pairs(bulk double))');
  for (const line of [
    '',
    'foo',
    'array',
    'array<int, int>',
    'map<int>',
    'array<int',
    'int |',
    'int int',
    'int>',
    'toString',
  ])
    t.throws(() => parseReply(line), { message: /^reply '.*': (unexpected|ends too early)/ }, `'${line}' is refused`);
  t.end();
});

t.test('shapes of other commands derive as the recorded server has them', (t) => {
  const RW = 'RW access update';
  const shapes: Readonly<Record<string, Partial<Spec>>> = {
    georadius: {
      syntax:
        'key longitude latitude radius <M|KM|FT|MI>:unit [WITHCOORD] [COUNT count:int [ANY]] [STORE store-key:key] [STOREDIST dist-key:key]',
      flags: WRITE | DENYOOM,
      keys: ['RO access', 'OW update', 'OW update'],
    },
    xread: { syntax: '[COUNT count:int] [BLOCK ms:int] <STREAMS key [key ...] id [id ...]>' },
    xreadgroup: {
      syntax: '<GROUP group consumer> [COUNT count:int] [NOACK] <STREAMS key [key ...] id [id ...]>',
      flags: WRITE,
      keys: ['RO access'],
    },
    eval: {
      syntax: 'script numkeys:int [key [key ...]] [arg [arg ...]]',
      flags: NO_MANDATORY_KEYS,
      keys: [RW],
    },
    bitop: { syntax: 'operation destkey:key key [key ...]', flags: WRITE | DENYOOM, keys: ['OW update', 'RO access'] },
    zunionstore: {
      syntax: 'd:key numkeys:int key [key ...] [A]',
      flags: WRITE | DENYOOM,
      keys: ['OW update', 'RO access'],
    },
    pfmerge: {
      syntax: 'destkey:key [sourcekey:key [sourcekey ...]]',
      flags: WRITE | DENYOOM,
      keys: ['RW access insert', 'RO access'],
    },
    bitfield: {
      syntax:
        'key [GET encoding offset | [OVERFLOW <WRAP|SAT|FAIL>:overflow] <SET encoding offset value | INCRBY encoding offset increment>:write]:operation...',
      flags: WRITE | DENYOOM,
      keys: ['RW access update variable_flags'],
    },
  };
  for (const [name, over] of Object.entries(shapes)) {
    const { arity, firstKey, lastKey, keyStep, keys, flags } = one(over).entries.x;
    const real = RECORDED[name];
    t.same([arity, firstKey, lastKey, keyStep], [real[0], real[2], real[3], real[4]], `${name}: arity and range`);
    const places = keys.map(({ use, begin, find }) => {
      const from = begin.type === 'index' ? begin.index : Object.values(begin).join(' ');
      return `${use} @${from} ${Object.values(find).join(' ')}`;
    });
    t.same(places, real[7], `${name}: keys`);
    t.equal((flags & MOVABLEKEYS) !== 0, real[1].includes('movablekeys'), `${name}: movable keys`);
  }
  t.end();
});

t.test('specs that are refused', (t) => {
  const unplaced = /^x: .*state `keys`/;
  const cases: readonly (readonly [over: Partial<Spec>, why: RegExp])[] = [
    [{ syntax: 'key [' }, /^x: syntax 'key \['/],
    [{ reply: 'okay' }, /^x: reply 'okay'/],
    [{ flags: 1 << 30 }, /^x: a bit that is no flag/],
    [{ flags: MOVABLEKEYS }, /^x: MOVABLEKEYS is derived/],
    [{ flags: READONLY | WRITE }, /^x: both WRITE and READONLY/],
    [{ flags: DENYOOM }, /^x: DENYOOM without WRITE/],
    [{ flags: WRITE | MAY_REPLICATE, keys: ['RW'] }, /^x: MAY_REPLICATE with WRITE/],
    [{ flags: READONLY | NO_AUTH }, /^x: NO_AUTH on a command that reaches keys/],
    [{ flags: RUNS_IN_MULTI | NO_MULTI, keys: ['RO'] }, /^x: RUNS_IN_MULTI and NO_MULTI/],
    [{ flags: READONLY | NO_MANDATORY_KEYS }, /^x: NO_MANDATORY_KEYS without a number of keys/],
    [{ since: '7.0' }, /^x: '7.0' is no version/],
    [{ summary: '' }, /^x: needs a summary/],
    [{ complexity: '' }, /^x: needs a summary and a complexity/],
    [{ history: ['Added `X`.'] }, /^x: history 'Added/],
    [{ deprecated: '1.0.0' }, /^x: `deprecated` and `replacedBy` go together/],
    [{ replacedBy: 'y' }, /^x: `deprecated` and `replacedBy` go together/],
    [{ arity: 2 }, /^x: states the arity 2, which its syntax has anyway/],
    [{ flags: WRITE }, /^x: what happens to its keys must be stated/],
    [{ keys: ['RO', 'RO'] }, /^x: 1 key arguments, but the use of 2 is stated/],
    [{ keys: [] }, /^x: 1 key arguments, but the use of 0 is stated/],
    [{ keys: ['RO acess'] }, /^x: 'acess' says nothing about a key/],
    [{ keys: ['access RO'] }, /^x: 'access RO': one of RO RW OW RM/],
    [{ keys: ['RO RW'] }, /^x: 'RO RW': one of RO RW OW RM/],
    [
      { keys: [{ use: 'XX', begin: { type: 'unknown' }, find: { type: 'unknown' }, names: ['key'] }] },
      /^x: 'XX' says nothing about a key/,
    ],
    [{ acl: '+dangrous' }, /^x: '\+dangrous' is no change of ACL categories/],
    [{ acl: 'dangerous' }, /^x: 'dangerous' is no change of ACL categories/],
    [{ acl: '+string' }, /^x: '\+string' changes nothing/],
    [{ acl: '-list' }, /^x: '-list' changes nothing/],
    [{ syntax: '[a] key' }, unplaced],
    [{ syntax: 'key [key ...] [a]' }, unplaced],
    [{ syntax: '<a|key>' }, unplaced],
    [{ syntax: '[T a key]' }, unplaced],
    [{ syntax: '[T key b]...' }, unplaced],
    [{ syntax: 'a key [a key ...] [b]' }, unplaced],
  ];
  for (const [over, why] of cases) t.throws(() => one(over), { message: why }, String(why));
  t.end();
});

t.test('families that are refused', (t) => {
  const spec: Spec = { syntax: '', reply: 'ok', flags: 0, since: '1.0.0', complexity: 'O(1)', summary: 'x' };
  const container = { summary: 'x', since: '1.0.0', complexity: 'O(1)' };
  t.throws(() => family('server', { 'a|b': spec }), { message: /^a: must be a command or a container/ });
  t.throws(() => family('server', { 'a|b': spec, a: spec }, { a: container }), { message: /^a: .* only one of them/ });
  t.throws(() => family('server', { b: spec }, { a: container }), { message: /^a: a container without sub-commands/ });
  t.throws(() => family('server', { b: spec }, { b: container }), { message: /^b: a container without sub-commands/ });
  for (const name of ['Get', '', 'a b', 'a|b|c', '|b'])
    t.throws(
      () => family('server', { [name]: spec }, { '': container }),
      /no name|must be|without/,
      `'${name}' is no name`,
    );
  t.throws(() => catalogue([one({}), one({})]), { message: 'x: declared twice' });
  t.same([...catalogue([family('server', { 'a|b': spec }, { a: container })]).keys()], ['a', 'a|b']);
  const parent = family('server', { a: spec, 'a|b': spec });
  t.equal(parent.entries.a.arity, -1, 'a parent takes more words than its own');
  t.equal(parent.entries['a|b'].arity, 2);
  t.end();
});

t.test('a family wants exactly its handlers', (t) => {
  const h = (): void => {};
  const whole: Handlers<typeof transactions, () => void> = { multi: h, exec: h, discard: h, watch: h, unwatch: h };
  // @ts-expect-error: unwatch has no handler
  const less: Handlers<typeof transactions, () => void> = { multi: h, exec: h, discard: h, watch: h };
  // @ts-expect-error: unwind has no spec
  const more: Handlers<typeof transactions, () => void> = { ...whole, unwind: h };
  t.same(
    [whole, less, more].map((handlers) => Object.keys(handlers).length),
    [5, 4, 6],
  );
  t.end();
});
