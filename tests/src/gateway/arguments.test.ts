/**
 * The names of arguments, their schemas and the way to words: for some commands by hand, and for all of them that what the schema
 * allows becomes words that the server's own table takes.
 */
import Ajv2020 from 'ajv/dist/2020.js';
import t from 'tap';
import { toWord, toWords } from '../../../src/gateway/arguments.js';
import { type Command, commandMap } from '../../../src/gateway/commands.js';
import type { Word } from '../../../src/gateway/link.js';
import { flat, type Property } from '../../../src/gateway/properties.js';
import { replySchema } from '../../../src/gateway/reply-schema.js';
import { argumentsSchema, isPairs } from '../../../src/gateway/schema.js';

const all = commandMap();
const ajv = new Ajv2020.default({ strict: false, validateFormats: false });

function words(name: string, given: Readonly<Record<string, unknown>>): string {
  return toWords(all.get(name)!.properties, given).map(String).join(' ');
}

const RIGHT: readonly (readonly [command: string, given: Readonly<Record<string, unknown>>, words: string])[] = [
  ['set', { key: 'a', value: 'b' }, 'a b'],
  ['set', { value: 1.5, key: 'a', condition: 'nx', get: true, px: 10 }, 'a 1.5 NX GET PX 10'],
  ['set', { key: 'a', value: [1, null], keepttl: true, get: false }, 'a [1,null] KEEPTTL'],
  ['mset', { key_value: { a: 1, b: true } }, 'a 1 b true'],
  ['mset', { key_value: [['a', 'x'], { key: 'b', value: 'y' }] }, 'a x b y'],
  ['del', { key: 'a' }, 'a'],
  ['del', { key: ['a', 'b'] }, 'a b'],
  ['zadd', { key: 'z', score_member: [{ score: '-inf', member: 'm' }], ch: true }, 'z CH -inf m'],
  [
    'zinter',
    { key: ['a', 'b'], weights: [1, 2], aggregate: 'max', withscores: true },
    '2 a b WEIGHTS 1 2 AGGREGATE MAX WITHSCORES',
  ],
  ['hexpire', { key: 'h', seconds: 5, fields: { field: ['f', 'g'] } }, 'h 5 FIELDS 2 f g'],
  [
    'sort',
    { key: 'l', get: ['#', 'w_*'], limit: { offset: 0, count: 5 }, alpha: true },
    'l LIMIT 0 5 GET # GET w_* ALPHA',
  ],
  ['command|list', { pattern: 'h*' }, 'FILTERBY PATTERN h*'],
  ['client|kill', { id: 5, type: 'PUBSUB', skipme: 'no' }, 'ID 5 TYPE PUBSUB SKIPME NO'],
  ['topic.publish', { key: 't', data: 'd', event_key: 'k' }, 't d KEY k'],
  ['topic.read', { key: 't', partition_offset: [{ partition: 0, offset: 7 }] }, 't FROM 0 7'],
  ['getex', { key: 'a', persist: true }, 'a PERSIST'],
  ['getex', { key: 'a', persist: false }, 'a'],
  ['info', {}, ''],
];

const WRONG: readonly (readonly [command: string, given: Readonly<Record<string, unknown>>, message: string])[] = [
  ['set', { key: 'a' }, "missing argument 'value'"],
  ['set', { key: 'a', value: null }, "argument 'value' must not be null"],
  ['set', { key: 'a', value: 'b', ttl: 1 }, "unknown argument 'ttl'"],
  ['set', { key: 'a', value: 'b', get: 'yes' }, "argument 'get' must be true or false"],
  [
    'set',
    { key: 'a', value: 'b', ex: 1, keepttl: true },
    "only one of 'ex', 'px', 'exat', 'pxat', 'keepttl' can be given",
  ],
  ['set', { key: 'a', value: 'b', ex: 1.5 }, "argument 'ex' must be an integer"],
  ['set', { key: 'a', value: 'b', ex: 2 ** 53 }, "argument 'ex' must be an integer"],
  ['set', { key: 'a', value: 'b', condition: 'GT' }, "argument 'condition' must be one of NX, XX"],
  [
    'zadd',
    { key: 'z', score_member: [{ score: true, member: 'm' }] },
    "argument 'score_member.score' must be a number",
  ],
  ['zadd', { key: 'z', score_member: ['m'] }, "argument 'score_member' must be an object"],
  ['zadd', { key: 'z', score_member: [{ score: 1 }] }, "missing argument 'score_member.member'"],
  ['mset', { key_value: [] }, "argument 'key_value' must be at least one"],
  ['mset', { key_value: [['a']] }, "argument 'key_value' must be pairs"],
  ['hexpire', { key: 'h', seconds: 5, fields: { field: ['f'], more: 1 } }, "unknown argument 'fields.more'"],
  ['set', { key: { base64: '*' }, value: 'x' }, "argument 'key' is not base64"],
];

t.test('arguments become the words of their command', (t) => {
  for (const [name, given, wanted] of RIGHT) t.equal(words(name, given), wanted, `${name} ${JSON.stringify(given)}`);
  t.end();
});

t.test('arguments that will not do are named', (t) => {
  for (const [name, given, message] of WRONG) {
    t.throws(() => words(name, given), { message, code: 'ERR', status: 400 }, `${name} ${JSON.stringify(given)}`);
  }
  t.throws(() => words('get', { constructor: 'x' }), { message: "unknown argument 'constructor'" });
  t.end();
});

t.test('values: text as it is, bytes by base64, anything else as JSON', (t) => {
  t.equal(toWord('é', 'v'), 'é');
  t.equal(toWord(7, 'v'), '7');
  t.equal(toWord({ base64: 1 }, 'v'), '{"base64":1}');
  t.equal(toWord({ base64: 'AA==', more: 1 }, 'v'), '{"base64":"AA==","more":1}');
  t.same(toWord({ base64: '/wA=' }, 'v'), Buffer.from([255, 0]));
  t.end();
});

/** Arguments that `schema` allows: all that must be given, and with `rest` the others, of alternatives the first. */
function sample(properties: readonly Property[], rest: boolean, isPart = false): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const property of properties) {
    if (property.optional && !rest) continue;
    // A word that must be there says nothing, but for where it is one of several.
    if (property.kind === 'flag' && !property.optional && !isPart) continue;
    if (property.kind === 'choice') Object.assign(given, sample([must(property.parts[0])], rest, true));
    else if (property.kind === 'row') Object.assign(given, sample(property.parts.map(must), rest, true));
    else if (property.kind !== 'count')
      given[property.name] = property.many ? [value(property, rest)] : value(property, rest);
  }
  return given;
}

function must(property: Property): Property {
  return { ...property, optional: false };
}

function value(property: Property, rest: boolean): unknown {
  switch (property.kind) {
    case 'flag':
      return true;
    case 'integer':
      return 1;
    case 'number':
      return 1.5;
    case 'word':
      return property.words[0];
    case 'object':
      return sample(property.parts, rest);
    default:
      return 'x';
  }
}

/** Whether the server's table takes so many words. */
function fits({ entry, words }: Command, given: readonly Word[]): boolean {
  const n = words.length + given.length;
  return entry.arity < 0 ? n >= -entry.arity : n === entry.arity;
}

t.test('every command: its names differ, its schemas compile, and what they allow becomes words', (t) => {
  t.ok(all.size > 200);
  for (const [name, command] of all) {
    const { properties, entry } = command;
    const names = flat(properties).map((property) => property.name);
    t.equal(new Set(names).size, names.length, `${name}: no name twice`);
    for (const one of names) t.match(one, /^[a-z][a-z0-9_]*$/, `${name}: ${one} is a name`);
    const allows = ajv.compile(argumentsSchema(properties));
    for (const rest of [false, true]) {
      const given = sample(properties, rest);
      t.ok(allows(given), `${name}: the schema allows ${JSON.stringify(given)}: ${ajv.errorsText(allows.errors)}`);
      t.ok(
        fits(command, toWords(properties, given)),
        `${name}: ${JSON.stringify(given)} has the right number of words`,
      );
    }
    t.notOk(allows({ ...sample(properties, false), no_such: 1 }), `${name}: the schema allows nothing else`);
    t.throws(() => toWords(properties, { ...sample(properties, false), no_such: 1 }), { code: 'ERR' });
    t.ok(ajv.validateSchema(replySchema(entry.reply!)), `${name}: the schema of its reply is one`);
  }
  t.end();
});

t.test('whatever is missing is missed, by the schema and on the way to words', (t) => {
  for (const [name, { properties }] of all) {
    const allows = ajv.compile(argumentsSchema(properties));
    for (const property of properties) {
      const { kind, optional } = property;
      if (optional || kind === 'choice' || kind === 'row' || kind === 'count' || kind === 'flag') continue;
      const { [property.name]: _gone, ...given } = sample(properties, false);
      t.notOk(allows(given), `${name} without ${property.name}`);
      t.throws(() => toWords(properties, given), { code: 'ERR' }, `${name} without ${property.name}`);
    }
  }
  t.end();
});

t.test('pairs may be objects', (t) => {
  const havePairs = (name: string): boolean => flat(all.get(name)!.properties).some(isPairs);
  for (const name of ['mset', 'msetnx', 'hset', 'hmset', 'config|set']) t.ok(havePairs(name), name);
  // A score is no name.
  for (const name of ['zadd', 'del', 'set']) t.notOk(havePairs(name), name);
  t.end();
});
