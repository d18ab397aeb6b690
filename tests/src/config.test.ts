/** CONFIG of a running server: what it tells, what it changes, what it refuses; and that a changed setting takes effect. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { UNAUTHENTICATED } from '../../commands/gates.js';
import { Settings } from '../../commands/settings.js';
import { DirectiveConfiguration } from '../../src/config/configuration.js';
import { files } from '../../src/config/files.js';
import { DIRECTIVES } from '../../src/config/table.js';
import { createServer } from '../../src/index.js';
import { Limits } from '../../storage/limits.js';
import { Session } from '../commands/session.js';
import { play } from '../script.js';

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

const FAILED = (name: string, reason: string): string =>
  `-ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;

t.test('every field of Settings and Limits is a directive, and every directive a field', (t) => {
  const fields = [...Object.keys(new Settings()), ...Object.keys(new Limits())];
  // Not directives: the engines' room, what `port 0` means, DEBUG's, and rename-command, which CONFIG does not know.
  const others = ['limits', 'noTcp', 'listPackedThreshold', 'renameCommand'];
  t.same(DIRECTIVES.map((row) => row.field).sort(), fields.filter((field) => !others.includes(field)).sort());
  const names = DIRECTIVES.flatMap((row) => [row.name, row.traits.alias ?? row.name]);
  t.equal(new Set(names).size, DIRECTIVES.length + DIRECTIVES.filter((row) => row.traits.alias !== undefined).length);
  for (const row of DIRECTIVES) {
    t.not(row.get(new Settings()), undefined, row.name);
    t.ok(row.kind.values.length > 0, `${row.name} says which values it takes`);
  }
  t.end();
});

t.test('a default reads back as itself and is not refused', (t) => {
  const around = files(() => false);
  for (const row of DIRECTIVES) {
    // `dir` becomes absolute, and a master is no value but its absence.
    if (row.name === 'dir' || row.name === 'replicaof') continue;
    const settings = new Settings();
    const value = row.get(settings);
    const shown = row.kind.show(value);
    const words = row.kind.several ? shown.split(' ').filter((word) => word !== '') : [shown];
    const read = row.kind.read(words, value, { loading: false, again: false, around });
    t.equal(row.kind.show(read), shown, row.name);
    t.equal(row.traits.refuse?.(value), undefined, `${row.name} may keep its default`);
  }
  t.end();
});

t.test('CONFIG GET: names in any case come back as written, globs find older names too, once each', (t) => {
  const s = new Session({ save: new Settings().save });
  t.same(s.ask('config get maxmemory'), ['maxmemory', '0']);
  t.same(s.ask('config get SLOWLOG-max-len slowlog-max-l?n slowlog-max-len'), ['SLOWLOG-max-len', '128']);
  t.same(s.ask('config get hash-max-*-entries'), [
    'hash-max-listpack-entries',
    '512',
    'hash-max-ziplist-entries',
    '512',
  ]);
  t.same(s.ask('config get nosuch include user rename-command'), []);
  t.same(s.ask('config get save client-output-buffer-limit'), [
    'save',
    '3600 1 300 100 60 10000',
    'client-output-buffer-limit',
    'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
  ]);
  const all = s.ask('config get *') as string[];
  t.ok(all.length > 2 * 190);
  t.equal(all[all.indexOf('unixsocketperm') + 1], '0');
  const s3 = new Session({}, 3);
  t.equal(s3.raw('config get maxmemory nosuch hz'), '%2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n$2\r\nhz\r\n$2\r\n10\r\n');
  t.end();
});

t.test('CONFIG SET: all or nothing, and why not', (t) => {
  const s = new Session();
  const rows: [string[], string][] = [
    [['maxmemory', '1gb', 'foo'], '-ERR syntax error'],
    [['foo', 'bar'], "-ERR Unknown option or number of arguments for CONFIG SET - 'foo'"],
    [['maxmemory', 'x', 'nosuch', '1'], "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'"],
    [['Daemonize', 'yes', 'nosuch', '1'], FAILED('Daemonize', "can't set immutable config")],
    [['dir', '/tmp'], FAILED('dir', "can't set protected config")],
    [['Hz', '1', 'hZ', '2'], FAILED('hZ', 'duplicate parameter')],
    [['hz', '44', 'save', 'x'], FAILED('save', 'Invalid save parameters')],
    [['Hz', 'x'], FAILED('hz', "argument couldn't be parsed into an integer")],
    [['hz', '010'], FAILED('hz', "argument couldn't be parsed into an integer")],
    [['timeout', '-1'], FAILED('timeout', 'argument must be between 0 and 2147483647 inclusive')],
    [['maxmemory', '1.5gb'], FAILED('maxmemory', 'argument must be a memory value')],
    [['maxmemory-clients', '101%'], FAILED('maxmemory-clients', 'percentage argument must be less or equal to 100')],
    [['maxmemory-clients', '-5%'], FAILED('maxmemory-clients', 'argument must be a memory or percent value')],
    [['protected-mode', 'maybe'], FAILED('protected-mode', "argument must be 'yes' or 'no'")],
    [['appendfsync', 'x'], FAILED('appendfsync', 'argument(s) must be one of the following: everysec, always, no')],
    [
      ['client-output-buffer-limit', 'normal 1 2'],
      FAILED('client-output-buffer-limit', 'Wrong number of arguments in buffer limit configuration.'),
    ],
    [
      ['client-output-buffer-limit', 'master 1 2 3'],
      FAILED('client-output-buffer-limit', 'Invalid client class specified in buffer limit configuration.'),
    ],
    [
      ['client-output-buffer-limit', 'normal 1 2 -3'],
      FAILED(
        'client-output-buffer-limit',
        'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
      ),
    ],
    [
      ['notify-keyspace-events', 'K E'],
      FAILED('notify-keyspace-events', "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."),
    ],
    [['oom-score-adj-values', '1 2'], FAILED('oom-score-adj-values', 'wrong number of arguments')],
    [
      ['latency-tracking-info-percentiles', '101'],
      FAILED(
        'latency-tracking-info-percentiles',
        'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
      ),
    ],
    [
      ['shutdown-on-sigterm', 'save nosave'],
      FAILED('shutdown-on-sigterm', "shutdown options SAVE and NOSAVE can't be used simultaneously"),
    ],
    [
      ['proc-title-template', '{foo}'],
      FAILED('proc-title-template', 'template format is invalid or contains unknown variables'),
    ],
    [
      ['slowlog-log-slower-than', '-2'],
      FAILED('slowlog-log-slower-than', 'argument must be between -1 and 9223372036854775807 inclusive'),
    ],
    [
      ['cluster-announce-hostname', 'a_b'],
      FAILED('cluster-announce-hostname', 'Hostnames may only contain alphanumeric characters, hyphens or dots'),
    ],
  ];
  const before = s.ask('config get *');
  for (const [words, reply] of rows) t.equal(s.ask(['config', 'set', ...words]), reply, words.join(' '));
  t.same(s.ask('config get *'), before, 'nothing has changed');
  t.end();
});

t.test('what would promise something that is not there is refused', (t) => {
  const s = new Session();
  for (const [name, value] of [
    ['activedefrag', 'yes'],
    ['tls-port', '7777'],
    ['maxmemory-clients', '5%'],
    ['tls-replication', 'yes'],
    ['min-replicas-to-write', '1'],
    ['oom-score-adj', 'yes'],
    ['locale-collate', 'C'],
  ])
    t.match(
      s.ask(['config', 'set', name, value]),
      /^-ERR CONFIG SET failed .* (only .* is possible|would refuse)/,
      `${name} ${value}`,
    );
  t.end();
});

t.test('values as they are kept', (t) => {
  const s = new Session();
  for (const [name, value, shown] of [
    ['hz', '0', '1'],
    ['hz', '1000', '500'],
    ['maxmemory', '1gb', '1073741824'],
    ['maxmemory', '18446744073709551616', '18446744073709551615'],
    ['maxmemory', 'b', '0'],
    ['maxmemory-clients', '0%', '0'],
    ['repl-backlog-size', '1', '16384'],
    ['protected-mode', 'YES', 'yes'],
    ['save', '900 1 60 1000', '900 1 60 1000'],
    ['save', '', ''],
    ['client-output-buffer-limit', 'replica 1mb 2kb 3', 'normal 0 0 0 slave 1048576 2048 3 pubsub 33554432 8388608 60'],
    ['notify-keyspace-events', 'KEA', 'AKE'],
    ['notify-keyspace-events', 'Eg$', 'g$E'],
    ['notify-keyspace-events', 'n', 'n'],
    ['latency-tracking-info-percentiles', '50.12345 1e1', '50.12345 10'],
    ['shutdown-on-sigterm', 'default force', 'force'],
    ['slowlog-max-len', '9223372036854775807', '9223372036854775807'],
  ]) {
    t.equal(s.ask(['config', 'set', name, value]), 'OK', `${name} ${value}`);
    t.same(s.ask(['config', 'get', name]), [name, shown]);
  }
  t.equal(
    s.ask('config set hash-max-listpack-entries 7 hash-max-ziplist-entries 8'),
    'OK',
    'two names of one are no duplicate',
  );
  t.same(s.ask('config get hash-max-listpack-entries'), ['hash-max-listpack-entries', '8']);
  t.end();
});

t.test('a changed setting takes effect', (t) => {
  const s = new Session();
  t.equal(
    s.ask('config set set-max-intset-entries 2 maxmemory-policy allkeys-lfu lfu-decay-time 7 loglevel debug'),
    'OK',
  );
  s.ask('sadd k 1 2 3');
  t.equal(s.ask('object encoding k'), 'listpack');
  t.equal(s.server.databases[3].space.lfu, true);
  t.equal(s.server.databases[3].space.lfuDecayTime, 7);
  t.equal(s.ask('object freq k'), 5);
  t.equal(s.server.log.level, 'debug');
  t.equal(s.ask('config set requirepass x'), 'OK');
  t.equal(s.ask('ping'), 'PONG', 'who is logged in stays so');
  const late = new Session({ requirepass: 'y' });
  late.client.gates |= UNAUTHENTICATED;
  late.server.clients.set(1, late.client);
  t.match(late.ask('config get hz'), /^-NOAUTH/);
  late.server.settings.requirepass = '';
  late.server.configuration.set(['requirepass', ''], late.client);
  t.same(late.ask('config get hz'), ['hz', '10']);
  t.end();
});

t.test('requirepass, maxclients and timeout of a server that listens', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ clock: () => now, hz: 100 });
  t.same(
    await play(
      server.port,
      `
      A  CONFIG SET requirepass secret => +OK
      A  PING => +PONG
      B  PING => -NOAUTH Authentication required.
      B  AUTH secret => +OK
      B  PING => +PONG
      A  CONFIG SET requirepass "" => +OK
      C  PING => +PONG
      A  CONFIG SET proto-max-bulk-len 1mb => +OK
      A  CONFIG SET timeout 5 => +OK
      A  CONFIG SET hz 400 => +OK
      D> BLPOP k 0`,
    ),
    [],
  );
  while (server.clients.size > 0) await tick();
  const idle = net.connect(server.port, '127.0.0.1');
  const waiting = net.connect(server.port, '127.0.0.1', () => waiting.write('blpop k 0\r\n'));
  while (server.clients.size < 2 || server.blocking.clients === 0) await tick();
  server.settings.maxclients = 2;
  const [refused] = await once(net.connect(server.port, '127.0.0.1'), 'data');
  t.equal(String(refused), '-ERR max number of clients reached\r\n');
  server.settings.maxclients = 10000;
  now += 6000;
  await new Promise((resolve) => idle.once('close', resolve).resume());
  t.equal(server.blocking.clients, 1, 'who waits for a key is not idle');
  server.settings.timeout = 0;
  t.same(await play(server.port, 'Z  RPUSH k v => :1'), []);
  const [reply] = await once(waiting, 'data');
  t.equal(String(reply), '*2\r\n$1\r\nk\r\n$1\r\nv\r\n');
  waiting.destroy();
  t.equal(server.settings.port, server.port, 'CONFIG GET port tells the real one');
  await server.close();
});

t.test('protected directives where they are allowed', (t) => {
  const s = new Session({ enableProtectedConfigs: 'yes' });
  t.equal(s.ask('config set dbfilename x.rdb dir /tmp'), 'OK');
  t.same(s.ask('config get dir'), ['dir', '/tmp']);
  t.equal(s.ask('config set dir /nonexistent'), FAILED('dir', 'No such file or directory'));
  t.equal(s.ask('config set dbfilename a/b'), FAILED('dbfilename', "dbfilename can't be a path, just a filename"));
  t.match(
    new Session({ enableProtectedConfigs: 'local' }).ask('config set dir /tmp'),
    /protected/,
    'who has no address is not local',
  );
  t.end();
});

t.test('CONFIG RESETSTAT and HELP', (t) => {
  const s = new Session();
  s.ask('get a');
  s.ask('get');
  s.ask('nosuch');
  t.equal(s.ask('config resetstat'), 'OK');
  t.equal(s.server.stats.keyspaceMisses, 0);
  t.equal(s.server.stats.errors.size, 0);
  t.equal(s.server.commands.byName.get('get')!.calls + s.server.commands.byName.get('get')!.rejected, 0);
  t.match((s.ask('config help') as string[])[0], /^CONFIG <subcommand>/);
  t.equal(s.ask('config nosuch'), "-ERR unknown subcommand 'nosuch'. Try CONFIG HELP.");
  t.end();
});

t.test('CONFIG REWRITE writes the file of a server that has one', (t) => {
  const s = new Session();
  t.equal(s.ask('config rewrite'), '-ERR The server is running without a config file');
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'synap-')), 'synap.conf');
  writeFileSync(file, '# mine\nhz 10\nmaxmemory 0\n', { mode: 0o600 });
  const configuration = new DirectiveConfiguration(
    s.server,
    file,
    files(() => false),
  );
  s.ask(['config', 'set', 'maxmemory', '2gb', 'timeout', '3', 'requirepass', 'a "b']);
  configuration.rewrite();
  t.equal(
    readFileSync(file, 'utf8'),
    '# mine\nhz 10\nmaxmemory 2gb\n\n# Generated by CONFIG REWRITE\ntimeout 3\nrequirepass "a \\"b"\nloglevel nothing\nsave ""\n',
  );
  const lost = new DirectiveConfiguration(
    s.server,
    '/nonexistent/synap.conf',
    files(() => false),
  );
  t.throws(() => lost.rewrite(), { message: 'ERR Rewriting config file: No such file or directory' });
  t.end();
});
