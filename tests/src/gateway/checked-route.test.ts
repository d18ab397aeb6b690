/**
 * Every operation of the OpenAPI document refuses what its schemas do not let through: made from the document, so a route that is added is
 * tested, too. And what is said then, what a query's text becomes, and that nothing of a body is coerced.
 */
import t from 'tap';
import { running } from './running.js';

interface Schema {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly not?: Schema;
}

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required?: boolean;
  /** What is given as JSON has `content` instead. */
  readonly schema?: Schema;
  readonly content?: Content;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly parameters?: readonly (Parameter & { readonly $ref?: string })[];
  readonly requestBody?: { readonly content: Content };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
}

type Json = Readonly<Record<string, unknown>>;

/** What is checked: not /metrics and the doors that have protocols of their own, and refuse in their own way. */
function isChecked(path: string): boolean {
  return path.startsWith('/api/v1/') && path !== '/api/v1/command';
}

/** Something that `schema` lets through. */
function right(schema: Schema): unknown {
  if (schema.anyOf !== undefined) return right(schema.anyOf[0]);
  if (schema.enum !== undefined) return schema.enum[0];
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'array':
      return [right(schema.items ?? {})];
    case 'object':
      if (schema.properties === undefined) return { x: 'x' };
      return Object.fromEntries((schema.required ?? []).map((name) => [name, right(schema.properties![name])]));
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    default:
      return 'x';
  }
}

/** Something that it does not. */
function wrong(schema: Schema): unknown {
  if (schema.anyOf !== undefined || schema.not !== undefined) return null;
  return schema.type === 'boolean' ? 'true' : true;
}

/** Requests that `schema` must refuse, from one that it lets through, each with what must be named. */
function spoiled(schema: Schema): [given: Json, named: string][] {
  const { properties = {}, required = [] } = schema;
  const good = right(schema) as Record<string, unknown>;
  const without = (name: string): Json => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
  return [
    ...Object.keys(properties).map((name): [Json, string] => [{ ...good, [name]: wrong(properties[name]) }, name]),
    ...required.map((name): [Json, string] => [without(name), name]),
    [{ ...good, no_such: 1 }, 'no_such'],
  ];
}

function schemaOf({ schema, content }: Parameter): Schema {
  return schema ?? content!['application/json'].schema;
}

/** Queries that `parameters` must refuse, where a query can be wrong: what takes any text is not. */
function spoiledQueries(parameters: readonly Parameter[]): [query: string, named: string][] {
  const textOf = (name: string, value: unknown): string =>
    `${name}=${encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value))}`;
  const good = (one: Parameter): string => {
    const value = right(schemaOf(one));
    return textOf(one.name, one.content === undefined && Array.isArray(value) ? value[0] : value);
  };
  const required = parameters.filter((one) => one.required === true);
  const others = (but: string): string[] => required.filter(({ name }) => name !== but).map(good);
  const all: [string, string][] = [[[...others(''), 'no_such=1'].join('&'), 'no_such']];
  for (const { name } of required) all.push([others(name).join('&'), name]);
  for (const one of parameters) {
    const { name } = one;
    const { type, enum: words } = schemaOf(one);
    const add = (...texts: string[]): void => void all.push([[...others(name), ...texts].join('&'), name]);
    if (Array.isArray(type) || type === 'boolean' || words !== undefined) add(textOf(name, 'no such'));
    if (one.content !== undefined) add(textOf(name, '{'));
    if (type === 'object') add(textOf(name, '7'));
    if (type === 'string') add(textOf(name, 'a'), textOf(name, 'b'));
  }
  return all;
}

t.test('every operation refuses what its schemas do not let through', async (t) => {
  const { url, close } = await running();
  const { paths, components } = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const refused = async (method: string, path: string, body: Json | undefined, named: string): Promise<void> => {
    const sent =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(url + path, { method, ...sent });
    const answer = (await response.json()) as { error: string; code: string };
    const says = `${method} ${path} ${JSON.stringify(body)}: ${response.status} ${JSON.stringify(answer)}`;
    if (response.status !== 400 || answer.code !== 'ERR' || !answer.error.includes(`'${named}'`)) t.fail(says);
    count++;
  };
  let operations = 0;
  let count = 0;
  for (const [path, methods] of Object.entries(paths))
    for (const [verb, { parameters = [], requestBody }] of Object.entries(methods)) {
      if (!isChecked(path)) continue;
      operations++;
      const method = verb.toUpperCase();
      const place = path.replace(/\{\w+\}/g, '1');
      const own = parameters.map((one) =>
        one.$ref === undefined ? one : components.parameters[one.$ref.split('/')[3]],
      );
      const query = own.filter((one) => one.in === 'query');
      t.ok(
        query.some(({ name }) => name === 'db'),
        `${method} ${path} tells what its query may say`,
      );
      const schema = requestBody?.content['application/json'].schema;
      const good = schema === undefined ? undefined : (right(schema) as Json);
      await Promise.all(spoiledQueries(query).map(([text, named]) => refused(method, `${place}?${text}`, good, named)));
      if (schema === undefined) continue;
      t.equal(schema.additionalProperties, false, `${method} ${path} knows all its arguments`);
      await Promise.all(spoiled(schema).map(([body, named]) => refused(method, place, body, named)));
    }
  t.ok(operations > 400, `${operations} operations`);
  t.ok(count > 3000, `${count} requests`);
  await close();
});

t.test('what is said, and what text of a query becomes', async (t) => {
  const { url, close } = await running();
  const ask = async (path: string, body?: unknown): Promise<{ status: number; error?: string; result?: unknown }> => {
    const headers = { 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${url}/api/v1/${path}`, sent);
    return { status: response.status, ...((await response.json()) as object) };
  };
  for (const [path, body, error] of [
    ['kv/set', { key: 'a', value: 'x', nx: 'true' }, "argument 'nx' must be true or false"],
    ['kv/set', { key: 'a', value: 'x', ttl: 1.5 }, "argument 'ttl' must be an integer"],
    ['kv/set', { key: 'a', value: 'x', ttl: 'soon' }, "argument 'ttl' must be an integer"],
    ['kv/set', { key: 'a', value: 'x', ttl: [1] }, "argument 'ttl' must be an integer"],
    ['kv/set', [], 'the body must be a JSON object'],
    ['kv/set?key=b', { key: 'a', value: 'x' }, "argument 'key' must stand in the body"],
    ['string/set', { key: 'a', value: 'x', condition: 'Nx' }, "argument 'condition' must be one of NX, XX"],
    ['kv/mget', { keys: [] }, "argument 'keys' must be a non-empty array or a value"],
    ['kv/mget', { keys: ['a', null] }, "argument 'keys[1]' must not be null"],
    ['kv/mset', { pairs: { a: null } }, "argument 'pairs.a' must not be null"],
    ['hash/mset', { key: 'h', fields: [['f']] }, "argument 'fields[0]' must be an object or an array of 2"],
    ['hash/mset', { key: 'h', fields: [{ field: 'f' }] }, "missing argument 'fields[0].value'"],
    ['hash/mset', { key: 'h', fields: [{ field: 'f', value: 1, x: 1 }] }, "unknown argument 'fields[0].x'"],
    ['sortedset/incrby', { key: 'z', member: 'm', increment: 'many' }, "argument 'increment' must be a number"],
    ['list/push', { key: 'l', values: ['x'], position: 'top' }, "argument 'position' must be one of left, right"],
    ['transaction', { commands: [7] }, "argument 'commands[0]' must be a non-empty array or an object"],
  ] as const)
    t.match(await ask(path, body), { status: 400, error }, `${path} ${JSON.stringify(body)}`);
  const long = await ask('kv/set', { key: 'a', value: 'x', ['n'.repeat(100_000)]: 1 });
  t.equal(long.error, `unknown argument '${'n'.repeat(128)}'`, 'what is told is not as long as what was sent');
  t.match(await ask('kv/set', { key: 'a', value: 'x' }), { status: 200 });
  t.match(await ask('string/set', { key: 'a', value: 'x', condition: 'nx', get: true }), { status: 200, result: 'x' });
  const members = [
    { score: 1, member: 'a' },
    { score: '+inf', member: 'b' },
  ];
  t.match(await ask('sorted-set/zadd', { key: 'z', score_member: members }), { result: 2 });
  for (const [query, error] of [
    ['key=z&start=0&stop=x', undefined],
    ['key=z&start=0&stop=-1&withscores=yes', "argument 'withscores' must be true or false"],
    ['key=z&start=0&stop=-1&limit={', "argument 'limit' must be JSON"],
    ['key=z&start=0&stop=-1&limit={"offset":1}', "missing argument 'limit.count'"],
    ['key=z&start=0&stop=-1&limit={"offset":1,"count":true}', "argument 'limit.count' must be an integer"],
    ['key=z&start=0&start=1&stop=-1', undefined],
  ] as const) {
    const { status, error: said } = await ask(`sorted-set/zrange?${query}`);
    t.equal(status, 400, query);
    if (error !== undefined) t.equal(said, error);
  }
  t.same((await ask('sorted-set/zrange?key=z&start=0&stop=-1&withscores=true')).result, [
    ['a', 1],
    ['b', 'inf'],
  ]);
  t.same((await ask('sorted-set/zrange?key=z&start=0&stop=-1&withscores=false')).result, ['a', 'b']);
  const limited = 'key=z&start=-inf&stop=%2Binf&sortby=byscore&limit=%7B%22offset%22:1,%22count%22:%225%22%7D';
  t.same((await ask(`sorted-set/zrange?${limited}`)).result, ['b']);
  t.same((await ask('string/mget?key=a')).result, ['x'], 'one alone stands for several');
  t.same((await ask('string/mget?key=a&key=b')).result, ['x', null]);
  t.match(await ask('kv/get?key=a&db=x'), { status: 400, error: "argument 'db' must be an integer" });
  const document = await fetch(`${url}/openapi.json?x=1`);
  t.equal(document.status, 400);
  t.same(await document.json(), { error: "unknown argument 'x'", code: 'ERR' });
  await close();
});
