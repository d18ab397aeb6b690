/** GET /metrics: every line is what Prometheus reads, and its values are those that INFO has. */
import { spawnSync } from 'node:child_process';
import net from 'node:net';
import t, { type Test } from 'tap';
import { StartedServer, stopAllOnExit } from '../../../compat-suite/started-server.js';
import { commandMap } from '../../../src/gateway/commands.js';
import { startGateway } from '../../../src/gateway/gateway.js';
import { fieldsOf, parseInfo, parts } from '../../../src/gateway/info.js';
import { INFO_TABLE } from '../../../src/gateway/metrics/info-table.js';
import { freePort } from '../../free-port.js';
import { running } from './running.js';

const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`);
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

interface Read {
  /** By name. */
  readonly kinds: ReadonlyMap<string, string>;
  /** By name and labels as they are written. */
  readonly values: ReadonlyMap<string, number>;
}

/** Reads the text format 0.0.4 strictly. */
function read(test: Test, text: string): Read {
  const kinds = new Map<string, string>();
  const values = new Map<string, number>();
  let [name, kind] = ['', ''];
  test.ok(text.endsWith('\n'), 'ends in a line end');
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP (\S+) \S/.exec(line);
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line);
    if (help !== null) {
      if (kinds.has(help[1])) test.fail(`${help[1]} is told twice`);
      name = help[1];
    } else if (type !== null) {
      test.equal(type[1], name, `${name}: TYPE follows HELP`);
      kind = type[2];
      kinds.set(name, kind);
    } else {
      const sample = SAMPLE.exec(line);
      if (sample === null) {
        test.fail(`no sample: ${line}`);
        continue;
      }
      const [, full, labels = '', value] = sample;
      const allowed = (SUFFIXES[kind] ?? ['']).map((suffix) => name + suffix);
      if (!allowed.includes(full)) test.fail(`${full} stands under ${name}`);
      const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
      if (Number.isNaN(number) && value !== 'NaN') test.fail(`no number: ${line}`);
      const key = labels === '' ? full : `${full}{${labels}}`;
      if (values.has(key)) test.fail(`${key} is told twice`);
      values.set(key, number);
    }
  }
  checkHistograms(test, kinds, values);
  return { kinds, values };
}

function checkHistograms(test: Test, kinds: ReadonlyMap<string, string>, values: ReadonlyMap<string, number>): void {
  for (const [name, kind] of kinds) {
    if (kind !== 'histogram') continue;
    const last = new Map<string, number>();
    for (const [key, value] of values) {
      const bucket = new RegExp(`^${name}_bucket\\{(.*?),?le="([^"]*)"\\}$`).exec(key);
      if (bucket === null) continue;
      if ((last.get(bucket[1]) ?? 0) > value) test.fail(`${key} is less than the bucket before`);
      last.set(bucket[1], value);
      if (bucket[2] !== '+Inf') continue;
      const count = values.get(bucket[1] === '' ? `${name}_count` : `${name}_count{${bucket[1]}}`);
      test.equal(count, value, `${name}: +Inf is the count`);
    }
    test.ok(last.size > 0, `${name} has buckets`);
  }
}

async function post(url: string, route: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return ((await response.json()) as { result: unknown }).result;
}

/** Fields that the scrape itself, or the INFO that follows, changes. */
const MOVING =
  /cpu|rss|process|input|output|_processed|eventloop|allocator|frag|used_memory|overhead|dataset|clients|uptime|expire_cycle|connections_received|mem_|read|write/;

/** Compares what INFO has with what the metrics say. */
function compare(test: Test, info: ReadonlyMap<string, string>, { kinds, values }: Read): void {
  for (const [name, kind, field, , convert = Number] of INFO_TABLE) {
    const text = info.get(field);
    test.equal(
      kinds.get(`redis_${name}`),
      text === undefined ? undefined : kind,
      `${name} is told when INFO has ${field}`,
    );
    const told = values.get(`redis_${name}`);
    if (text === undefined || told === undefined) continue;
    if (MOVING.test(field)) test.ok(Number.isFinite(told), `${name} is a number`);
    else test.equal(told, convert(text), `${name} is INFO's ${field}`);
  }
  for (const [db, text] of fieldsOf(info, 'db', 100)) {
    test.equal(values.get(`redis_db_keys{db="db${db}"}`), Number(text.get('keys')));
    test.equal(values.get(`redis_db_keys_expiring{db="db${db}"}`), Number(text.get('expires')));
  }
  const set = parts(info.get('cmdstat_set') ?? '');
  test.equal(values.get('redis_commands_total{cmd="set"}'), Number(set.get('calls')));
  test.equal(values.get('redis_commands_duration_seconds_total{cmd="set"}'), Number(set.get('usec')) / 1e6);
  test.equal(values.get('redis_errors_total{err="WRONGTYPE"}'), 1);
  test.match(values.get('redis_latency_percentiles_usec{cmd="set",quantile="99"}'), Number);
  test.equal(values.get('redis_latency_percentiles_usec_count{cmd="set"}'), 2);
  test.equal(values.get('redis_commands_latencies_usec_count{cmd="set"}'), 2);
  test.equal(values.get('redis_config_maxclients'), Number(info.get('maxclients')));
  test.equal(values.get('redis_config_maxmemory'), 0);
  test.equal(values.get('redis_up'), 1);
  test.ok([...values.keys()].some((key) => key.startsWith('redis_instance_info{') && key.includes('role="master"')));
}

async function use(url: string): Promise<void> {
  await post(url, 'string/set', { key: 'a', value: '1' });
  await post(url, 'string/set', { key: 'b', value: '2', ex: 1000 });
  await post(url, 'list/lpush', { key: 'a', element: ['x'] });
  await post(url, 'string/get', { key: 'a' });
  await post(url, 'string/get', { key: 'missing' });
  await post(url, 'server/info', { section: ['all'] });
}

async function scrape(test: Test, url: string, headers: Record<string, string> = {}): Promise<Read> {
  const response = await fetch(`${url}/metrics`, { headers });
  test.equal(response.status, 200);
  test.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  return read(test, await response.text());
}

t.test('values are those of INFO, and the gateway counts its requests', async (t) => {
  const { url, close } = await running();
  await use(url);
  await fetch(`${url}/nothing/here`, { method: 'DELETE' });
  await scrape(t, url);
  const got = await scrape(t, url);
  compare(t, parseInfo(String(await post(url, 'server/info', { section: ['everything'] }))), got);
  const { values } = got;
  const requests = (route: string, method: string, status: number): number | undefined =>
    values.get(`synap_gateway_requests_total{route="${route}",method="${method}",status="${status}"}`);
  t.equal(requests('/api/v1/string/set', 'POST', 200), 2);
  t.equal(requests('/api/v1/list/lpush', 'POST', 409), 1);
  t.equal(requests('(none)', 'DELETE', 404), 1);
  t.equal(requests('/metrics', 'GET', 200), 1);
  t.equal(values.get('synap_gateway_request_duration_seconds_count'), 8);
  t.equal(values.get('synap_gateway_links'), 1);
  t.equal(values.get('synap_gateway_links_lent'), 0);
  t.ok([...values.keys()].some((key) => /^synap_version_info\{version="\d.*gateway="0\.0\.0-test"\}$/.test(key)));
  await close();
});

const own = commandMap().has('queue.create') && commandMap().has('topic.create');
t.test('queues and topics are told one by one', { skip: !own && 'the server has neither' }, async (t) => {
  const { url, redis, close } = await running();
  await post(url, 'queue/queue_create', { key: 'jobs "a"' });
  await post(url, 'queue/queue_create', { key: 'other' });
  for (const payload of ['1', '2', '3']) await post(url, 'queue/queue_publish', { key: 'jobs "a"', payload });
  await post(url, 'queue/queue_consume', { key: 'jobs "a"', consumer: 'c', count: 1 });
  await post(url, 'queue/queue_nack', { key: 'jobs "a"', id: ['1'], dead: true });
  await post(url, 'queue/queue_consume', { key: 'jobs "a"', consumer: 'c', count: 1 });
  // Both are told as é.
  await post(url, 'queue/queue_create', { key: 'é' });
  await post(url, 'queue/queue_create', { key: { base64: '6Q==' } });
  await post(url, 'topic/topic_create', { key: 'events', partitions: 2 });
  for (const data of ['1', '2', '3']) await post(url, 'topic/topic_publish', { key: 'events', data });
  await post(url, 'topic/topic_group_create', { key: 'events', group: 'g' });
  const { values } = await scrape(t, url);
  t.equal(values.get('synap_queues'), 3);
  const queue = { ready: 1, in_flight: 1, dead: 1, depth: 2, published_total: 3 };
  for (const [name, value] of Object.entries(queue))
    t.equal(values.get(`synap_queue_${name}{queue="jobs \\"a\\""}`), value, name);
  t.equal(values.get('synap_queue_depth{queue="other"}'), 0);
  t.equal(values.get('synap_topics'), 1);
  t.equal(values.get('synap_topic_events{topic="events"}'), 3);
  t.equal(values.get('synap_topic_group_lag{topic="events",group="g"}'), 3);
  const narrow = await startGateway({ url: `redis://127.0.0.1:${redis.port}`, port: 0, prefixes: ['jobs'] }, '0');
  const seen = await scrape(t, `http://127.0.0.1:${narrow.port}`);
  t.equal(seen.values.get('synap_queues'), 1);
  t.notOk(
    [...seen.values.keys()].some((key) => /other|events"/.test(key)),
    'names that cannot be read are not told',
  );
  await narrow.close();
  await close();
});

t.test('a login is needed where requests need one', async (t) => {
  const { url, close } = await running({ anonymous: false }, { requirepass: 'secret' });
  t.equal((await fetch(`${url}/metrics`)).status, 401);
  t.equal((await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer wrong' } })).status, 401);
  const { values } = await scrape(t, url, { authorization: 'Bearer secret' });
  t.equal(values.get('redis_up'), 1);
  await close();
});

t.test('what the gateway lets through does not hide the server from it', async (t) => {
  const { url, close } = await running({ families: ['hash'], readOnly: true });
  t.equal((await scrape(t, url)).values.get('redis_up'), 1);
  await close();
});

t.test('a server that cannot be reached is down', async (t) => {
  const gateway = await startGateway({ url: `redis://127.0.0.1:${await freePort()}`, port: 0 }, '0');
  const { values, kinds } = await scrape(t, `http://127.0.0.1:${gateway.port}`);
  t.equal(values.get('redis_up'), 0);
  t.notOk(kinds.has('redis_connected_clients'));
  t.ok(kinds.has('process_resident_memory_bytes'));
  await gateway.close();
});

t.test('a server that goes while it is asked is down, and told of once', async (t) => {
  const server = net.createServer((socket) =>
    socket.on('data', (chunk): void => {
      const text = chunk.toString();
      if (text.includes('databases')) return void socket.destroy();
      // INFO is told, HELLO answered, the others refused.
      for (const [, name] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        socket.write(name === 'INFO' ? '$19\r\nredis_version:7.0.0\r\n' : name === 'HELLO' ? '%0\r\n' : '-ERR no\r\n');
    }),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as net.AddressInfo;
  const gateway = await startGateway({ url: `redis://127.0.0.1:${port}`, port: 0 }, '0');
  const { values, kinds } = await scrape(t, `http://127.0.0.1:${gateway.port}`);
  t.equal(values.get('redis_up'), 0);
  t.notOk(kinds.has('redis_instance_info'));
  await gateway.close();
  server.close();
});

const installed = spawnSync('redis-server', ['--version']).status === 0;
stopAllOnExit();
t.test('a Redis', { skip: !installed && 'redis-server is not installed' }, async (t) => {
  const server = await StartedServer.start('redis', 'redis-server --port {port} --dir {dir} --save ""');
  const gateway = await startGateway({ url: `redis://127.0.0.1:${server.port}`, port: 0 }, '0');
  const url = `http://127.0.0.1:${gateway.port}`;
  await use(url);
  const got = await scrape(t, url);
  compare(t, parseInfo(String(await post(url, 'server/info', { section: ['everything'] }))), got);
  t.notOk(got.kinds.has('synap_queues'));
  await gateway.close();
  await server.stop();
});
