/** The table of pretty routes: every row whose command there is fits it, no two are one route, and what it says of arguments holds. */
import Ajv2020 from 'ajv/dist/2020.js';
import t from 'tap';
import { commandMap } from '../../../../src/gateway/commands.js';
import { lacking, type Route, routeOf } from '../../../../src/gateway/rest/route.js';
import { ROWS, type Row } from '../../../../src/gateway/rest/table.js';

const all = commandMap();
const ajv = new Ajv2020.default({ strict: false });

function commandsOf({ command }: Row): string[] {
  return typeof command === 'string' ? [command] : Object.values(command.commands);
}

function route(method: string, path: string): Route {
  return routeOf(ROWS.find((row) => row.method === method && row.path.replace(/\/:.*/, '') === path)!, all)!;
}

function words(method: string, path: string, given: Readonly<Record<string, unknown>>): string {
  return route(method, path).words(given).map(String).join(' ');
}

t.test('rows fit their commands', (t) => {
  let made = 0;
  for (const row of ROWS) {
    const known = commandsOf(row).filter((name) => all.has(name));
    const missing = known.flatMap((name) => lacking(row, all.get(name)!));
    t.same(missing, [], `${row.path} speaks of arguments that ${known} has`);
    if (known.length < commandsOf(row).length) {
      t.equal(routeOf(row, all), undefined, `${row.path} is left out`);
      continue;
    }
    made++;
    const { input, output, params } = routeOf(row, all)!;
    t.ok(ajv.validateSchema(input) && ajv.validateSchema(output), `${row.path} has schemas`);
    const { properties } = input as { properties: Record<string, unknown> };
    t.same(
      params.filter((name) => properties[name] === undefined),
      [],
      `${row.path} says what is in the path`,
    );
  }
  t.ok(made > 120, `${made} routes`);
  const routes = ROWS.flatMap(({ method, path }) => [`${method} ${path}`, `${method} ${path.replace(/\/:.*/, '')}`]);
  const own = routes.filter((name, i) => routes.indexOf(name) < i - 1);
  t.same(own, [], 'no two rows are one route');
  t.end();
});

t.test('a row that does not fit its command is left out', (t) => {
  const row = ROWS.find(({ path }) => path === 'kv/set')!;
  for (const wrong of [
    { names: { ttl: 'nothing' } },
    { flags: { nx: ['nothing', 'NX'] } },
    { bytes: 'nothing' },
    { fixed: { nothing: 1 } },
  ] as const) {
    t.equal(routeOf({ ...row, ...wrong }, all), undefined);
    t.same(lacking({ ...row, ...wrong }, all.get('set')!), ['nothing']);
  }
  t.equal(routeOf({ ...row, command: 'no.such' }, all), undefined);
  t.end();
});

t.test('from what a route is given to the words of its command', (t) => {
  for (const [method, path, given, wanted] of [
    ['POST', 'kv/set', { key: 'a', value: { x: 1 }, ttl: 5, nx: true, xx: false }, 'SET a {"x":1} NX EX 5'],
    ['POST', 'kv/set', { value: 'v', key: 'a', keepttl: true, condition: 'XX' }, 'SET a v XX KEEPTTL'],
    ['POST', 'kv/incr', { key: 'a' }, 'INCRBY a 1'],
    ['POST', 'list/push', { key: 'l', values: ['x'], position: 'left' }, 'LPUSH l x'],
    ['POST', 'list/push', { key: 'l', values: ['x'] }, 'RPUSH l x'],
    ['POST', 'hash/set', { key: 'h', field: 'f', value: 'v' }, 'HSET h f v'],
    ['POST', 'hash/expire', { key: 'h', ttl: 9, fields: ['f', 'g'], condition: 'nx' }, 'HEXPIRE h 9 NX FIELDS 2 f g'],
    ['POST', 'sortedset/add', { key: 'z', members: [{ member: 'm', score: 1 }], lt: true }, 'ZADD z LT 1 m'],
    ['GET', 'sortedset/range', { key: 'z' }, 'ZRANGE z 0 -1 WITHSCORES'],
    ['GET', 'sortedset/count', { key: 'z', min: '(1' }, 'ZCOUNT z (1 +inf'],
    [
      'POST',
      'topic/publish',
      { topic: 't', key: 'k', data: 'd', headers: { a: 'b' } },
      'TOPIC.PUBLISH t d KEY k HEADERS 1 a b',
    ],
    ['GET', 'topic/read', { topic: 't', offset: '7', limit: 2 }, 'TOPIC.READ t COUNT 2 FROM 0 7'],
    ['POST', 'queue/nack', { queue: 'q', ids: ['1', '2'], dead: true }, 'QUEUE.NACK q DEAD 1 2'],
  ] as const)
    t.equal(words(method, path, given), wanted, `${path} ${JSON.stringify(given)}`);
  for (const [path, given, message] of [
    ['kv/set', { value: 'x' }, "missing argument 'key'"],
    ['kv/mget', { key: ['a'] }, "missing argument 'keys'"],
    ['kv/set', { key: 'a', value: 'x', nx: true, xx: true }, "'xx' cannot be given with 'nx'"],
    ['hash/set', { key: 'h', field: 'f' }, "missing argument 'value'"],
    ['list/push', { key: 'l', values: ['x'], position: 'toString' }, "argument 'position' must be one of left, right"],
    ['sortedset/add', { key: 'z', member: 'm', score: 1, members: [] }, "unknown argument 'member'"],
  ] as const)
    t.throws(() => words('POST', path, given), { message, code: 'ERR' }, `${path} ${JSON.stringify(given)}`);
  t.end();
});
