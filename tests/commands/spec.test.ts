/**
 * The commands' data against what a real server says of them (recorded/command-info.json, made by bin/dev/record-command-info.ts):
 * everything that derive.ts works out must come out as Redis has it. A difference is a line here with its reason; so is each command
 * that is younger than the recording, as documented. The grammar itself is tested in syntax.test.ts.
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { FAMILIES } from '../../commands/spec/all.js';
import { catalogue } from '../../commands/spec/catalogue.js';
import { type DocsArgument, docsArguments } from '../../commands/spec/derive.js';
import type { Entry } from '../../commands/spec/family.js';
import { flagWords } from '../../commands/spec/flags.js';
import type { KeySpec } from '../../commands/spec/key-spec.js';

/** name: arity, flags, first key, last key, step, categories, tips, key specifications. */
type Told = readonly [number, string, number, number, number, string, string, readonly string[]];

const FIELDS = ['arity', 'flags', 'first key', 'last key', 'step', 'categories', 'tips', 'keys'] as const;

const recorded: Readonly<Record<string, Told>> = JSON.parse(
  readFileSync(new URL('../../../tests/commands/recorded/command-info.json', import.meta.url), 'utf8'),
);

/** Where we differ from the recorded 7.0.15, with ours and why. */
const DIFFERENCES: Readonly<
  Record<string, readonly [field: (typeof FIELDS)[number], ours: Told[number], why: string]>
> = {
  zrank: ['arity', -3, '7.2 added WITHSCORE'],
  zrevrank: ['arity', -3, '7.2 added WITHSCORE'],
};

const FIELD_WRITE = 'write denyoom fast';
const HASH_KEY = ' @1 range 0 1 0';

/** Groups that Redis does not have: `since` is a version of Synap. */
const OWN_GROUPS: readonly string[] = ['queue', 'topic'];

/** Commands younger than the recording, as Redis's documentation of the version in `since` has them; and our own. */
const YOUNGER: Readonly<Record<string, Told>> = {
  'client|no-touch': [3, 'noscript loading stale', 0, 0, 0, 'slow connection', '', []],
  'client|setinfo': [4, 'noscript loading stale', 0, 0, 0, 'slow connection', '', []],
  hexpire: [-6, FIELD_WRITE, 1, 1, 1, 'write hash fast', '', [`RW update${HASH_KEY}`]],
  hexpireat: [-6, FIELD_WRITE, 1, 1, 1, 'write hash fast', '', [`RW update${HASH_KEY}`]],
  hexpiretime: [-5, 'readonly fast', 1, 1, 1, 'read hash fast', '', [`RO access${HASH_KEY}`]],
  hgetdel: [-5, 'write fast', 1, 1, 1, 'write hash fast', '', [`RW access delete${HASH_KEY}`]],
  hgetex: [-5, 'write fast', 1, 1, 1, 'write hash fast', '', [`RW access update${HASH_KEY}`]],
  hpersist: [-5, 'write fast', 1, 1, 1, 'write hash fast', '', [`RW update${HASH_KEY}`]],
  hpexpire: [-6, FIELD_WRITE, 1, 1, 1, 'write hash fast', '', [`RW update${HASH_KEY}`]],
  hpexpireat: [-6, FIELD_WRITE, 1, 1, 1, 'write hash fast', '', [`RW update${HASH_KEY}`]],
  hpexpiretime: [-5, 'readonly fast', 1, 1, 1, 'read hash fast', '', [`RO access${HASH_KEY}`]],
  hpttl: [-5, 'readonly fast', 1, 1, 1, 'read hash fast', 'nondeterministic_output', [`RO access${HASH_KEY}`]],
  hsetex: [-6, FIELD_WRITE, 1, 1, 1, 'write hash fast', '', [`RW update${HASH_KEY}`]],
  httl: [-5, 'readonly fast', 1, 1, 1, 'read hash fast', 'nondeterministic_output', [`RO access${HASH_KEY}`]],
  'queue.ack': [-3, 'write fast', 1, 1, 1, 'write fast queue', '', [`RW delete${HASH_KEY}`]],
  'queue.consume': [
    -3,
    'write blocking',
    1,
    1,
    1,
    'write slow blocking queue',
    '',
    [`RW access update delete${HASH_KEY}`],
  ],
  'queue.create': [-2, FIELD_WRITE, 1, 1, 1, 'write fast queue', '', [`RW insert${HASH_KEY}`]],
  'queue.delete': [-2, 'write fast', 1, -1, 1, 'write fast queue', '', ['RM delete @1 range -1 1 0']],
  'queue.dlq.list': [-2, 'readonly', 1, 1, 1, 'read slow queue', '', [`RO access${HASH_KEY}`]],
  'queue.dlq.purge': [-2, 'write', 1, 1, 1, 'write slow queue', '', [`RW delete${HASH_KEY}`]],
  'queue.dlq.requeue': [-2, 'write', 1, 1, 1, 'write slow queue', '', [`RW update${HASH_KEY}`]],
  'queue.info': [2, 'readonly fast', 1, 1, 1, 'read fast queue', '', [`RO access${HASH_KEY}`]],
  'queue.list': [-1, 'readonly', 0, 0, 0, 'read slow queue', 'nondeterministic_output_order', []],
  'queue.nack': [-3, 'write fast', 1, 1, 1, 'write fast queue', '', [`RW update${HASH_KEY}`]],
  'queue.peek': [-2, 'readonly', 1, 1, 1, 'read slow queue', '', [`RO access${HASH_KEY}`]],
  'queue.publish': [-3, FIELD_WRITE, 1, 1, 1, 'write fast queue', '', [`RW insert${HASH_KEY}`]],
  'queue.purge': [2, 'write', 1, 1, 1, 'write slow queue', '', [`RW delete${HASH_KEY}`]],
  'queue.replay': [
    -4,
    'write admin',
    1,
    1,
    1,
    'write admin slow dangerous queue',
    '',
    [`RW update insert delete${HASH_KEY}`],
  ],
  'topic.append': [-6, FIELD_WRITE, 1, 1, 1, 'write fast topic', '', [`RW insert${HASH_KEY}`]],
  'topic.create': [-2, FIELD_WRITE, 1, 1, 1, 'write fast topic', '', [`RW insert${HASH_KEY}`]],
  'topic.delete': [-2, 'write', 1, -1, 1, 'write slow topic', '', ['RM delete @1 range -1 1 0']],
  'topic.group.commit': [-7, 'write fast', 1, 1, 1, 'write fast topic', '', [`RW update${HASH_KEY}`]],
  'topic.group.create': [-3, 'write denyoom', 1, 1, 1, 'write slow topic', '', [`RW insert${HASH_KEY}`]],
  'topic.group.delete': [3, 'write fast', 1, 1, 1, 'write fast topic', '', [`RW delete${HASH_KEY}`]],
  'topic.group.heartbeat': [
    5,
    'readonly fast',
    1,
    1,
    1,
    'read fast topic',
    'nondeterministic_output',
    [`RO access${HASH_KEY}`],
  ],
  'topic.group.info': [3, 'readonly', 1, 1, 1, 'read slow topic', 'nondeterministic_output', [`RO access${HASH_KEY}`]],
  'topic.group.join': [4, 'write', 1, 1, 1, 'write slow topic', '', [`RW access insert${HASH_KEY}`]],
  'topic.group.leave': [4, 'write', 1, 1, 1, 'write slow topic', '', [`RW delete${HASH_KEY}`]],
  'topic.group.offsets': [3, 'readonly', 1, 1, 1, 'read slow topic', '', [`RO access${HASH_KEY}`]],
  'topic.info': [2, 'readonly', 1, 1, 1, 'read slow topic', '', [`RO access${HASH_KEY}`]],
  'topic.list': [-1, 'readonly', 0, 0, 0, 'read slow topic', 'nondeterministic_output_order', []],
  'topic.publish': [-3, FIELD_WRITE, 1, 1, 1, 'write fast topic', 'nondeterministic_output', [`RW insert${HASH_KEY}`]],
  'topic.read': [-5, 'readonly blocking', 1, 1, 1, 'read slow blocking topic', '', [`RO access${HASH_KEY}`]],
  'topic.trim': [4, 'write', 1, 1, 1, 'write slow topic', '', [`RW delete${HASH_KEY}`]],
  waitaof: [
    4,
    'noscript blocking',
    0,
    0,
    0,
    'slow blocking connection',
    'request_policy:all_shards response_policy:agg_min',
    [],
  ],
};

/** Sub-commands of containers we have, which we leave out. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'client|caching': 'belongs to client-side caching, which is not there',
  'client|getredir': 'belongs to client-side caching, which is not there',
  'client|tracking': 'belongs to client-side caching, which is not there',
  'client|trackinginfo': 'belongs to client-side caching, which is not there',
  'module|load': 'modules are native code for another process',
  'module|loadex': 'modules are native code for another process',
  'module|unload': 'modules are native code for another process',
  'script|debug': 'there is no debugger of scripts',
};

function keyText({ use, begin, find }: KeySpec): string {
  const from = begin.type === 'index' ? `${begin.index}` : Object.values(begin).join(' ');
  return `${use} @${from} ${Object.values(find).join(' ')}`;
}

function told(entry: Entry): Told {
  const { arity, flags, firstKey, lastKey, keyStep, acl, spec, keys } = entry;
  const tips = (spec.tips ?? []).join(' ');
  return [arity, flagWords(flags).join(' '), firstKey, lastKey, keyStep, acl.join(' '), tips, keys.map(keyText)];
}

const all = catalogue(FAMILIES);

t.test('every command is what the recorded server, or the documentation, says', (t) => {
  for (const entry of all.values()) {
    const real = recorded[entry.name];
    const ours = told(entry);
    if (real === undefined) {
      t.same(ours, YOUNGER[entry.name], `${entry.name} is as documented`);
      t.ok(
        OWN_GROUPS.includes(entry.group) || entry.spec.since >= '7.2.0',
        `${entry.name} says that it is younger than the recording`,
      );
      continue;
    }
    const difference = DIFFERENCES[entry.name];
    for (let i = 0; i < FIELDS.length; i++) {
      const what = `${entry.name}: ${FIELDS[i]}`;
      if (difference?.[0] === FIELDS[i]) {
        t.same(ours[i], difference[1], `${what}: ${difference[2]}`);
        t.notSame(ours[i], real[i], `${what} still differs`);
      } else t.same(ours[i], real[i], what);
    }
  }
  t.end();
});

t.test('no line above is about a command that is not there, or is there again', (t) => {
  for (const name of [...Object.keys(DIFFERENCES), ...Object.keys(YOUNGER)]) t.ok(all.has(name), `${name} exists`);
  for (const name of Object.keys(YOUNGER)) t.notOk(name in recorded, `${name} is younger than the recording`);
  for (const name of Object.keys(LEFT_OUT)) t.ok(name in recorded && !all.has(name), `${name} is left out`);
  t.end();
});

t.test('containers have the sub-commands of the recorded server', (t) => {
  for (const name of Object.keys(recorded)) {
    if (!name.includes('|') || !all.has(name.slice(0, name.indexOf('|')))) continue;
    t.ok(all.has(name) || name in LEFT_OUT, `${name} is declared, or left out for a reason`);
  }
  t.end();
});

t.test('the families hold these commands', (t) => {
  const sizes = FAMILIES.map((family) => [
    family.group,
    family.names.length,
    family.containers.map(({ name }) => name),
  ]);
  t.same(sizes, [
    ['string', 22, []],
    ['generic', 31, ['object']],
    ['hash', 28, []],
    ['list', 22, []],
    ['set', 17, []],
    ['sorted-set', 35, []],
    ['queue', 14, []],
    ['topic', 16, []],
    ['pubsub', 14, ['pubsub']],
    ['transactions', 5, []],
    ['scripting', 9, ['script']],
    ['connection', 7, []],
    ['connection', 14, ['client']],
    ['server', 17, ['module']],
    ['server', 8, []],
    ['server', 5, ['config']],
    ['server', 7, ['latency']],
    ['server', 4, ['slowlog']],
    ['server', 6, ['memory']],
  ]);
  t.end();
});

/** `[EX seconds:integer@2.6.12]`: an argument of COMMAND DOCS as one word. */
function docs({ name, type, token, keySpecIndex, since, flags, arguments: parts }: DocsArgument): string {
  const word = token === undefined ? '' : `${token} `;
  const inside = parts.length === 0 ? '' : `(${parts.map(docs).join(type === 'oneof' ? ' | ' : ' , ')})`;
  const index = keySpecIndex === undefined ? '' : `#${keySpecIndex}`;
  const text = `${word}${name}:${type}${index}${since === undefined ? '' : `@${since}`}${inside}`;
  const times = flags.includes('multiple_token') ? '**' : flags.includes('multiple') ? '*' : '';
  return `${flags.includes('optional') ? `[${text}]` : text}${times}`;
}

t.test('the arguments of COMMAND DOCS', (t) => {
  const argumentsOf = (name: string): string[] => {
    const { tree, keys, spec } = all.get(name)!;
    return docsArguments(tree, keys, spec.history).map(docs);
  };
  t.same(argumentsOf('set'), [
    'key:key#0',
    'value:string',
    '[condition:oneof@2.6.12(NX nx:pure-token | XX xx:pure-token)]',
    '[GET get:pure-token@6.2.0]',
    '[expiration:oneof(EX seconds:integer@2.6.12 | PX milliseconds:integer@2.6.12 | EXAT unix-time-seconds:unix-time@6.2.0 | PXAT unix-time-milliseconds:unix-time@6.2.0 | KEEPTTL keepttl:pure-token@6.0.0)]',
  ]);
  t.same(argumentsOf('sort'), [
    'key:key#0',
    '[BY by-pattern:pattern#1]',
    '[LIMIT limit:block(offset:integer , count:integer)]',
    '[GET get-pattern:pattern#1]**',
    '[order:oneof(ASC asc:pure-token | DESC desc:pure-token)]',
    '[ALPHA alpha:pure-token]',
    '[STORE destination:key#2]',
  ]);
  t.same(argumentsOf('zunionstore'), [
    'destination:key#0',
    'numkeys:integer',
    'key:key#1*',
    '[WEIGHTS weight:double]*',
    '[AGGREGATE aggregate:oneof(SUM sum:pure-token | MIN min:pure-token | MAX max:pure-token)]',
  ]);
  t.same(argumentsOf('lcs').slice(0, 2), ['key1:key#0', 'key2:key#0'], 'one specification finds both keys');
  t.same(argumentsOf('lpop'), ['key:key#0', '[count:integer@6.2.0]']);
  t.same(argumentsOf('ssubscribe'), ['shardchannel:string*'], 'a channel is no key here');
  t.same(argumentsOf('keys'), ['pattern:pattern']);
  t.same(argumentsOf('mset'), ['key_value:block(key:key#0 , value:string)*']);
  t.end();
});
