/**
 * The output of synap-cli is that of redis-cli, byte by byte: each command against a server of its own, formatted, raw, CSV and JSON,
 * in both protocols, as arguments and as lines; and replies of every type, which a server of the test makes up.
 */
import net from 'node:net';
import t from 'tap';
import { createServer } from '../../../src/index.js';
import { HAS_REDIS_CLI, type Outcome, redisCli, synapCli } from './started.js';

const COMMANDS: readonly (readonly string[])[] = [
  ['ping'],
  ['ping', 'hello you'],
  ['set', 'greeting', 'hello'],
  ['get', 'greeting'],
  ['get', 'none'],
  ['set', 'bytes', 'a"b\\c\n\té'],
  ['get', 'bytes'],
  ['append', 'greeting', ''],
  ['strlen', 'greeting'],
  ['incr', 'n'],
  ['incr', 'greeting'],
  ['nosuch', 'command'],
  ['get'],
  ['rpush', 'list', ...Array.from({ length: 12 }, (_, i) => `item ${i}`)],
  ['lrange', 'list', '0', '-1'],
  ['lrange', 'none', '0', '-1'],
  ['lpop', 'list', '0'],
  ['lmpop', '2', 'none', 'list', 'LEFT', 'COUNT', '2'],
  ['hset', 'hash', 'a', '1', 'b', ''],
  ['hgetall', 'hash'],
  ['hgetall', 'none'],
  ['hrandfield', 'hash', '2', 'withvalues'],
  ['sadd', 'set', '3', '1', '2'],
  ['smembers', 'set'],
  ['smismember', 'set', '1', '9'],
  ['sinter', 'set', 'none'],
  ['zadd', 'zset', '1.5', 'a', 'inf', 'b', '0.1', 'c'],
  ['zrange', 'zset', '0', '-1', 'withscores'],
  ['zscore', 'zset', 'c'],
  ['zadd', 'zset', 'incr', '0.2', 'c'],
  ['zmscore', 'zset', 'a', 'none'],
  ['scan', '0', 'count', '100', 'match', 'zs*'],
  ['command', 'info', 'get'],
  ['command', 'docs', 'strlen'],
  ['command', 'getkeysandflags', 'copy', 'a', 'b'],
  ['config', 'get', 'max*policy'],
  ['object', 'help'],
  ['latency', 'doctor'],
  ['info', 'keyspace'],
  ['info', 'no such section'],
  ['client', 'list', 'id', '999'],
  ['debug', 'object'],
  ['memory', 'usage', 'greeting'],
  ['pubsub', 'numsub', 'a', 'b'],
  ['hello', '9'],
  ['select', '99'],
  ['multi'],
  ['echo', ''],
];

const MODES = [
  ['--no-raw'],
  ['--raw'],
  ['--csv'],
  ['--json'],
  [],
  ['-3', '--no-raw'],
  ['-3', '--raw'],
  ['-3', '--csv'],
];

/** Two servers with the same history, one for each program. */
async function pair(): Promise<{
  run(args: string[], input?: string): Promise<[Outcome, Outcome]>;
  close(): Promise<void>;
}> {
  const options = { clock: () => 1_700_000_000_000 };
  const [ours, real] = [await createServer(options), await createServer(options)];
  return {
    run: (args, input = '') =>
      Promise.all([
        synapCli(['-p', String(ours.port), ...args], input),
        redisCli(['-p', String(real.port), ...args], input),
      ]),
    close: async () => {
      await ours.close();
      await real.close();
    },
  };
}

t.test('commands in every format', { skip: !HAS_REDIS_CLI }, async (t) => {
  for (const mode of MODES) {
    const both = await pair();
    for (const command of COMMANDS) {
      const [ours, real] = await both.run([...mode, ...command]);
      t.same(ours, real, [...mode, ...command].join(' '));
    }
    await both.close();
  }
});

t.test('options', { skip: !HAS_REDIS_CLI }, async (t) => {
  const both = await pair();
  const rows: [string[], string?][] = [
    [['-r', '3', 'incr', 'n']],
    [['-r', '2', '-i', '0.01', '--no-raw', 'incr', 'n']],
    [['-n', '3', 'set', 'k', 'v']],
    [['-n', '99', 'get', 'k']],
    [['-x', 'set', 'input'], 'with\nlines \xff\x00'],
    [['get', 'input']],
    [['--no-raw', 'get', 'input']],
    [['-x', '-r', '2', 'append', 'input'], 'x'],
    [['-e', 'incr', 'input']],
    [['-e', 'get', 'input']],
    [['-d', ',', '-D', ';', 'mget', 'n', 'none', 'n']],
    [['--quoted-input', 'set', '"\\x00k"', "'a b'"]],
    [['--quoted-input', '--no-raw', 'get', '"\\x00k"']],
    [['--scan', '--pattern', 'i*']],
    [['--scan', '--pattern', 'none*']],
    [['--scan', '--quoted-pattern', '"\\x69*"']],
    [['-e', '--no-raw', 'nosuch']],
    [['-e', '-r', '3', 'lpush', 'n', 'x']],
    [['-a', 'wrong', 'ping']],
    [['-a', 'wrong', '--no-auth-warning', 'ping']],
    [['--user', 'nobody', '--pass', 'x', 'ping']],
  ];
  for (const [args, input] of rows) {
    const [ours, real] = await both.run(args, input);
    t.same(ours, real, args.join(' '));
  }
  await both.close();
});

const LINES = `
set a 1
  get   a
SET "b c" 'it\\'s' XX
set "b c" "\\x00\\xff\\n"
get "b c"
get 'open
get "a"b
3 incr n
0 incr n
-1 incr n
1e3 incr n
multi
select 5
get a
incr n
exec
get a
multi
discard
hello 3
hgetall none
zadd z 1.5 m
zscore z m
nosuch
get \xe9
quit
get never
`;

t.test('lines of standard input', { skip: !HAS_REDIS_CLI }, async (t) => {
  for (const mode of MODES) {
    const both = await pair();
    const [ours, real] = await both.run(mode, LINES);
    t.same(ours.out.split('\n'), real.out.split('\n'), mode.join(' '));
    t.equal(ours.code, real.code);
    await both.close();
  }
});

t.test('requests by --pipe', { skip: !HAS_REDIS_CLI }, async (t) => {
  const inputs = [
    'set a 1\r\nget a\r\nincr a\r\n',
    '*3\r\n$3\r\nset\r\n$1\r\nk\r\n$3\r\n\xff\r\n\r\n',
    'nosuch\r\nlpush a 1\r\nping\r\n',
    '',
    'rpush list message subscribe\r\nlrange list 0 -1\r\n',
    'set k v\r\n'.repeat(20_000),
  ];
  const both = await pair();
  for (const input of inputs) {
    const [ours, real] = await both.run(['--pipe'], input);
    t.same(ours, real, JSON.stringify(input.slice(0, 50)));
  }
  await both.close();
  t.match(await synapCli(['-p', '1', '--pipe'], 'ping\r\n'), { code: 1, err: /Connection refused/ });
});

/** Replies of every type, as a server writes them. */
const REPLIES: Readonly<Record<string, string>> = {
  status: '+OK\r\n',
  error: '-ERR bad thing\r\n',
  integer: ':-9223372036854775808\r\n',
  double: ',3.1400000000000001\r\n',
  infinite: ',-inf\r\n',
  yes: '#t\r\n',
  no: '#f\r\n',
  null: '_\r\n',
  nothing: '$-1\r\n',
  noArray: '*-1\r\n',
  empty: '$0\r\n\r\n',
  bytes: '$9\r\n\x00\xff\x7f\\\n\r\t\x07\x08\r\n',
  utf8: '$4\r\n\xc3\xa9ab\r\n',
  verbatim: '=9\r\ntxt:a\nb\n\n\r\n',
  map: '%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n%1\r\n+x\r\n*2\r\n:1\r\n:2\r\n',
  mapOfMaps: '*2\r\n%1\r\n+a\r\n%1\r\n+b\r\n:1\r\n:2\r\n',
  mapOfOne: '%1\r\n+a\r\n*1\r\n:1\r\n',
  mapOfNone: '%2\r\n+a\r\n*0\r\n+b\r\n_\r\n',
  mapOfTwo: '%1\r\n+a\r\n~2\r\n:1\r\n:2\r\n',
  oddKeys: '%4\r\n,1.5\r\n#t\r\n_\r\n-ERR x\r\n*2\r\n:1\r\n:2\r\n~1\r\n:3\r\n:7\r\n+x\r\n',
  set: '~3\r\n:1\r\n$1\r\nb\r\n~0\r\n',
  emptyMap: '%0\r\n',
  emptySet: '~0\r\n',
  emptyArray: '*0\r\n',
  emptyWithin: '*2\r\n*0\r\n%0\r\n',
  nested: `*3\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n$-1\r\n*12\r\n${':7\r\n'.repeat(12)}`,
  errorWithin: '*2\r\n-ERR in\r\n+OK\r\n',
  wide: `%11\r\n${Array.from({ length: 11 }, (_, i) => `:${i}\r\n:2\r\n`).join('')}`,
  verbatimWithin: '*1\r\n=7\r\ntxt:a\nb\r\n',
  pushBefore: '>2\r\n+invalidate\r\n*1\r\n+k\r\n:1\r\n',
};

t.test('replies of every type', { skip: !HAS_REDIS_CLI }, async (t) => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const [, name] = /reply:(\w+)/.exec(data.toString('latin1')) ?? [];
      socket.write(name === undefined ? '%1\r\n+proto\r\n:3\r\n' : Buffer.from(REPLIES[name], 'latin1'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  for (const name of Object.keys(REPLIES)) {
    for (const mode of ['--no-raw', '--raw', '--csv', '--json', '--quoted-json']) {
      const args = ['-p', String(port), '-3', mode, 'x', `reply:${name}`];
      const [ours, real] = await Promise.all([synapCli(args), redisCli(args)]);
      t.same(ours, real, `${name} ${mode}`);
    }
  }
  server.close();
});
