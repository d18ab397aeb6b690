/** INFO: the sections and their fields against Redis 7.2's list, and that the figures are true. */
import t from 'tap';
import { REDIS_VERSION } from '../../commands/connection.js';
import { human } from '../../commands/info-memory.js';
import { Stats } from '../../commands/stats.js';
import { createServer } from '../../src/index.js';
import { Rates } from '../../src/info/rates.js';
import { play } from '../script.js';
import { Session } from './session.js';

const USUAL = [
  'Server',
  'Clients',
  'Memory',
  'Persistence',
  'Stats',
  'Replication',
  'CPU',
  'Modules',
  'Errorstats',
  'Cluster',
  'Keyspace',
];
const ALL = [...USUAL.slice(0, 8), 'Commandstats', 'Errorstats', 'Latencystats', 'Cluster', 'Keyspace'];

function text(session: Session, words = ''): string {
  return session.ask(`INFO ${words}`.trim()) as string;
}

function titles(session: Session, words = ''): string[] {
  return [...text(session, words).matchAll(/^# (\w+)\r$/gm)].map(([, title]) => title);
}

/** The fields of some sections by name. */
function fields(session: Session, words: string): Record<string, string> {
  const lines = text(session, words).matchAll(/^([^#:\r\n]+):([^\r\n]*)\r$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

t.test('sections', async (t) => {
  const session = new Session();
  t.same(titles(session), USUAL);
  t.same(titles(session, 'default'), USUAL);
  t.same(titles(session, 'all'), ALL);
  t.same(titles(session, 'EVERYTHING'), ALL);
  t.same(titles(session, 'cluster CPU cluster modules nosuch'), ['CPU', 'Modules', 'Cluster']);
  t.same(titles(session, 'default commandstats'), [...USUAL.slice(0, 8), 'Commandstats', ...USUAL.slice(8)]);
  t.equal(text(session, 'nosuch'), '');
  t.equal(text(session, 'modules cluster'), '# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n');
  session.client.out.resp = 3;
  t.equal(session.raw('INFO cluster'), '=34\r\ntxt:# Cluster\r\ncluster_enabled:0\r\n\r\n');
  t.equal(session.raw('INFO nosuch'), '=4\r\ntxt:\r\n');
});

t.test('every field has a value, and none comes twice', async (t) => {
  const session = new Session();
  const lines = text(session, 'everything').split('\r\n');
  const names = lines.filter((line) => line !== '' && !line.startsWith('# ')).map((line) => line.split(':')[0]);
  t.equal(new Set(names).size, names.length);
  for (const line of lines) t.notMatch(line, /undefined|NaN|Infinity|\[object/, line);
});

t.test('what tools read first', async (t) => {
  const session = new Session({ maxmemory: 1536, port: 0 });
  const server = fields(session, 'server');
  t.equal(server.redis_version, REDIS_VERSION);
  t.equal(server.server_name, 'synap');
  t.match(server.synap_version, /^\d+\.\d+\.\d+/);
  t.equal(server.redis_mode, 'standalone');
  t.match(server.run_id, /^[0-9a-f]{40}$/);
  t.equal(server.run_id, fields(session, 'server').run_id);
  t.equal(server.process_id, `${process.pid}`);
  session.now += 2 * 86_400_000 + 5_000;
  const later = fields(session, 'server');
  t.same([later.uptime_in_seconds, later.uptime_in_days], ['172805', '2']);
  t.equal(Math.floor(Number(later.server_time_usec) / 1000), session.now);
  t.equal(Number(later.lru_clock), (session.now / 1000) & 0xffffff);
  const replication = fields(session, 'replication');
  t.match(replication.master_replid, /^[0-9a-f]{40}$/);
  t.not(replication.master_replid, server.run_id);
  t.same([replication.role, replication.connected_slaves, replication.second_repl_offset], ['master', '0', '-1']);
  const persistence = fields(session, 'persistence');
  t.same([persistence.loading, persistence.aof_enabled, persistence.rdb_last_bgsave_status], ['0', '0', 'ok']);
  t.equal(persistence.rdb_last_save_time, '1700000000');
  const memory = fields(session, 'memory');
  t.same([memory.maxmemory, memory.maxmemory_human, memory.maxmemory_policy], ['1536', '1.50K', 'noeviction']);
  t.ok(Number(memory.used_memory_rss) > Number(memory.used_memory));
});

t.test('memory follows the data', async (t) => {
  const session = new Session();
  const before = fields(session, 'memory');
  t.equal(before.used_memory, before.used_memory_startup);
  session.ask(['SET', 'k', 'v'.repeat(100_000)]);
  const full = fields(session, 'memory');
  t.ok(Number(full.used_memory) - Number(before.used_memory) >= 100_000);
  t.ok(Number(full.used_memory_dataset) >= 100_000);
  t.ok(Number(full.allocator_active) >= Number(full.used_memory));
  session.server.figures.sample();
  session.ask('FLUSHALL');
  const after = fields(session, 'memory');
  t.equal(after.used_memory, before.used_memory);
  t.equal(after.used_memory_peak, full.used_memory);
});

t.test('bytes for people', async (t) => {
  const shown = [0, 1023, 1024, 965912, 12255232, 25276026880, 2 ** 50].map(human);
  t.same(shown, ['0B', '1023B', '1.00K', '943.27K', '11.69M', '23.54G', '1.00P']);
});

t.test('statistics', async (t) => {
  const session = new Session();
  session.step = 0.02;
  for (const line of ['SET a 1', 'GET a', 'GET nope', 'GET', 'NOSUCH', 'LPUSH a x', 'EXPIRE a 1', 'SLOWLOG FOO'])
    session.ask(line);
  session.now += 2000;
  session.ask('GET a');
  const stats = fields(session, 'stats');
  t.equal(stats.total_commands_processed, '6');
  t.same([stats.keyspace_hits, stats.keyspace_misses, stats.expired_keys], ['1', '2', '1']);
  t.equal(stats.total_error_replies, '4');
  t.equal(fields(session, 'persistence').rdb_changes_since_last_save, '2');
  const commands = fields(session, 'commandstats');
  t.equal(commands.cmdstat_get, 'calls=3,usec=60,usec_per_call=20.00,rejected_calls=1,failed_calls=0');
  t.equal(commands.cmdstat_lpush, 'calls=1,usec=20,usec_per_call=20.00,rejected_calls=0,failed_calls=1');
  t.equal(commands.cmdstat_slowlog, undefined, 'an unknown sub-command is no command');
  t.equal(text(session, 'errorstats'), '# Errorstats\r\nerrorstat_ERR:count=3\r\nerrorstat_WRONGTYPE:count=1\r\n');
  t.equal(fields(session, 'latencystats').latency_percentiles_usec_get, 'p50=20.095,p99=20.095,p99.9=20.095');
  session.server.settings.latencyTrackingInfoPercentiles = [100, 12.5];
  t.equal(fields(session, 'latencystats').latency_percentiles_usec_get, 'p100=20.095,p12.5=20.095');
  session.server.settings.latencyTracking = false;
  t.equal(text(session, 'latencystats'), '# Latencystats\r\n');
  session.ask('CONFIG RESETSTAT');
  t.equal(text(session, 'errorstats'), '# Errorstats\r\n');
  t.match(
    text(session, 'commandstats'),
    /^# Commandstats\r\ncmdstat_config\|resetstat:calls=1,[^\n]*\n(cmdstat_info:[^\n]*\n)?$/,
  );
  t.equal(fields(session, 'stats').keyspace_hits, '0');
});

t.test('the time of EXEC contains that of its commands', async (t) => {
  const session = new Session();
  session.step = 0.01;
  for (const line of ['MULTI', 'SET a 1', 'GET a', 'EXEC']) session.ask(line);
  const commands = fields(session, 'commandstats');
  t.match(commands.cmdstat_set, /calls=1,usec=10,/);
  t.match(commands.cmdstat_exec, /calls=1,usec=30,/);
  t.equal(fields(session, 'stats').eventloop_duration_cmd_sum, '50', 'MULTI, EXEC, and INFO');
});

t.test('keyspace', async (t) => {
  const session = new Session();
  t.equal(text(session, 'keyspace'), '# Keyspace\r\n');
  for (const line of ['SET a 1 PX 1000', 'SET b 1 PX 2001', 'SET c 1', 'SELECT 5', 'SET d 1']) session.ask(line);
  t.equal(
    text(session, 'keyspace'),
    '# Keyspace\r\ndb0:keys=3,expires=2,avg_ttl=1500\r\ndb5:keys=1,expires=0,avg_ttl=0\r\n',
  );
  session.ask('SELECT 6');
  for (let i = 0; i < 3000; i++) session.ask(`SET k${i} v PX ${5000 + (i % 2) * 10_000}`);
  const [, average] = /db6:keys=3000,expires=3000,avg_ttl=(\d+)/.exec(text(session, 'keyspace'))!;
  t.ok(Math.abs(Number(average) - 10_000) < 2_500, `a sample of those: ${average}`);
});

t.test('rates', async (t) => {
  const rates = new Rates();
  const stats = new Stats();
  t.equal(rates.recent.commands, 0);
  for (let i = 0; i <= 20; i++) {
    stats.commands = i * 100;
    stats.netInput = i * 1024;
    stats.turns = i * 10;
    rates.sample(i * 100, stats, i * 500);
  }
  const { commands, inputBytes, outputBytes, turns, turnUs } = rates.recent;
  t.same([commands, inputBytes, outputBytes, turns, turnUs], [1000, 10240, 0, 100, 50]);
  stats.reset();
  rates.sample(2100, stats, 11_000);
  t.equal(rates.recent.commands, 0, 'begins anew after CONFIG RESETSTAT');
});

t.test('clients of a live server', async (t) => {
  const server = await createServer();
  t.teardown(() => server.close());
  const complaints = await play(
    server.port,
    `
    A> BLPOP a b 0
    B> BLPOP b 100
    C  PING => +PONG
    `,
  );
  t.same(complaints, []);
  const session = new Session();
  // The peers of the script are gone by now or soon: ask while others wait.
  const net = await import('node:net');
  const socket = net.connect(server.port, '127.0.0.1');
  const asker = net.connect(server.port, '127.0.0.1');
  socket.write('BLPOP x y 100\r\n');
  let received = '';
  const found = new Promise<string>((resolve) => {
    asker.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (/total_blocking_keys:2\r\n/.test(received) && received.includes('# Stats')) resolve(received);
      else asker.write('INFO server clients stats\r\n');
    });
  });
  asker.write('INFO server clients stats\r\n');
  const reply = await found;
  socket.destroy();
  asker.destroy();
  t.match(reply, `tcp_port:${server.port}\r\n`);
  t.match(reply, `listener0:name=tcp,bind=127.0.0.1,port=${server.port}\r\n`);
  t.match(reply, 'blocked_clients:1\r\n');
  t.match(reply, 'clients_in_timeout_table:1\r\n');
  t.match(reply, 'total_blocking_keys_on_nokey:0\r\n');
  t.match(reply, /client_recent_max_input_buffer:[1-9]/);
  t.match(reply, /total_reads_processed:[1-9]/);
  t.match(reply, /total_writes_processed:[1-9]/);
  t.equal(session.server.clients.size, 0);
});
