/**
 * The parts of the benchmark that can be right or wrong without a clock: reading what tools print, arithmetic, tables, and the
 * data that is laid down. No figure is measured here.
 */
import t from 'tap';
import { quoteWord, serverWords, splitWords } from '../../src/benchmark/command-line.js';
import * as dataset from '../../src/benchmark/dataset.js';
import { countReplies, FAST, type Load, layDown, MODEST, RequestWriter } from '../../src/benchmark/loader.js';
import { shortVersion } from '../../src/benchmark/machine.js';
import { memoryCells } from '../../src/benchmark/memory.js';
import { pauseTable } from '../../src/benchmark/pause.js';
import { chooseCores, coreList, processorMs, residentBytes } from '../../src/benchmark/procfs.js';
import { parseCount, parseDepths, synapLine } from '../../src/benchmark/program.js';
import { parseCsv, type Run, wholePipelines } from '../../src/benchmark/redis-benchmark.js';
import { jsonReport, markdownReport, terminalReport } from '../../src/benchmark/report.js';
import { parseReply, ReplyError, RespConnection, requestBytes } from '../../src/benchmark/resp-connection.js';
import { type Row, wantedRequests } from '../../src/benchmark/speed.js';
import { absoluteTable, ratioTable, speedSection, worst } from '../../src/benchmark/speed-table.js';
import * as statistics from '../../src/benchmark/statistics.js';
import { markdownTable, terminalTable } from '../../src/benchmark/table.js';
import { chooseWorkloads, sampleCommand, WORKLOADS } from '../../src/benchmark/workload.js';
import { createServer } from '../../src/index.js';

t.test('statistics', async (t) => {
  const { formatQuantity, formatRatio, geometricMean, median, medianRatio, percentile } = statistics;
  const values = [3, 1, 2];
  t.equal(median(values), 2);
  t.same(values, [3, 1, 2], 'the argument stays as it was');
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.equal(median([10, 9]), 9.5, 'numbers are not sorted as text');
  t.ok(Number.isNaN(median([])));
  t.equal(percentile([1, 2, 3, 4], 0.5), 2);
  t.equal(percentile([1, 2, 3, 4], 0.99), 4);
  t.equal(percentile([1, 2, 3, 4], 1), 4);
  t.equal(percentile([7], 0), 7);
  t.ok(Number.isNaN(percentile([], 0.5)));
  t.equal(geometricMean([2, 0.5]), 1);
  t.ok(Math.abs(geometricMean([1, 2, 4]) - 2) < 1e-12);
  for (const bad of [[], [1, 0], [1, Number.NaN], [-1], [Number.POSITIVE_INFINITY]]) {
    t.ok(Number.isNaN(geometricMean(bad)), `no mean of [${bad}]`);
  }
  t.equal(medianRatio([10, 20, 90], [10, 10, 30]), 2, 'round by round, not median by median');
  t.equal(formatRatio(1.006), '1.01');
  t.equal(formatRatio(Number.NaN), '—');
  const quantities = [0.12345, 1.2345, 12.345, 123.45, 1234567, Number.NaN];
  t.same(quantities.map(formatQuantity), ['0.123', '1.23', '12.3', '123', '1,234,567', '—']);
});

t.test('what the kernel and the tools print', async (t) => {
  const stat = '42 (a b) (c) S 1 2 3 4 -1 5 6 7 8 9 150 25 0 0 20 0 5 0 282939 68050944 3717';
  t.equal(processorMs(stat), 1750, 'the name may hold blanks and brackets');
  t.throws(() => processorMs('42 (x) S'), /no processor time/);
  t.equal(residentBytes('Name:\tx\nVmHWM:\t 9 kB\nVmRSS:\t    1234 kB\n'), 1234 * 1024);
  t.throws(() => residentBytes('Name:\tx\nState:\tZ (zombie)\n'), /no resident memory/);
  t.same(coreList('0-3,8\n'), [0, 1, 2, 3, 8]);
  t.same(coreList(''), []);
  t.same(chooseCores([0, 1], [0]), { server: 0, client: 1, probe: 1 });
  t.same(chooseCores([0, 1, 2, 3], [0, 1]), { server: 0, client: 2, probe: 3 }, 'not on the sibling thread');
  t.same(chooseCores([4, 5], [4, 5]), { server: 4, client: 5, probe: 5 }, 'unless there is no other');
  t.same(chooseCores([4, 5, 6], [4, 5]), { server: 4, client: 6, probe: 5 });
  t.equal(chooseCores([3], [3]), undefined);
  const redis = 'Redis server v=7.0.15 sha=0:0 malloc=jemalloc-5.3.0 bits=64 build=a';
  t.equal(shortVersion(redis), '7.0.15 (jemalloc-5.3.0)');
  t.equal(shortVersion('redis-benchmark 7.0.15'), '7.0.15');
  t.equal(shortVersion('something else'), 'something else');
});

t.test('redis-benchmark', async (t) => {
  const names = [
    'test',
    'rps',
    'avg_latency_ms',
    'min_latency_ms',
    'p50_latency_ms',
    'p95_latency_ms',
    'p99_latency_ms',
  ];
  const titles = [...names, 'max_latency_ms'].map((name) => `"${name}"`).join();
  const figures = '"526315.81","1.227","0.352","0.967","2.567","6.591","6.815"';
  const expected = { perSecond: 526315.81, p99Ms: 6.591 };
  t.same(parseCsv(`${titles}\n"SET key:__rand_int__ x",${figures}\n`), expected);
  t.same(parseCsv(`${titles}\n"EVAL "a","b" 0",${figures}\n`), expected, 'the command may hold anything');
  for (const bad of ['', titles, `${titles}\n`, 'Error', '"test","rps"\n"SET","1.0"\n']) {
    t.throws(() => parseCsv(bad), /printed no figures/);
  }
  t.equal(wholePipelines(1, 128), 6400);
  t.equal(wholePipelines(6400, 128), 6400);
  t.equal(wholePipelines(6401, 128), 12800);
  t.equal(wholePipelines(0, 1), 50);
});

t.test('command lines', async (t) => {
  const line = 'node a.js --save \'\' --x "b c" d\\ e f\'g h\'"i"';
  t.same(splitWords(line), ['node', 'a.js', '--save', '', '--x', 'b c', 'd e', 'fg hi']);
  t.same(splitWords('  '), []);
  t.same(splitWords('\'a\\b\' "a\\"b"'), ['a\\b', 'a"b']);
  t.throws(() => splitWords("a 'b"), /not closed/);
  t.same(serverWords('s --port {port} --dir /x/{port}', 7), ['s', '--port', '7', '--dir', '/x/7']);
  t.throws(() => serverWords('redis-server', 7), /must hold \{port\}/);
  t.throws(() => serverWords('', 7), /must hold/);
  for (const word of ['', 'a b', "it's", 'x', '{port}', '$HOME', 'a\\b', '"'])
    t.same(splitWords(quoteWord(word)), [word]);
  t.equal(quoteWord('--port'), '--port');
  t.same(serverWords(synapLine(), 9).slice(-6), ['--port', '9', '--save', '', '--appendonly', 'no']);
  t.equal(parseCount('5000'), 5000);
  t.equal(parseCount('100k'), 100_000);
  t.equal(parseCount('20M'), 20_000_000);
  for (const bad of ['0', '-1', '', 'x', '1.5', '5000m']) t.throws(() => parseCount(bad));
  t.same(parseDepths('1,16,128'), [1, 16, 128]);
  t.throws(() => parseDepths('1,,2'));
});

t.test('replies', async (t) => {
  const read = (text: string) => parseReply(Buffer.from(text), 0);
  t.same(read('+OK\r\n'), { reply: 'OK', end: 5 });
  t.equal(read(':-12\r\n')?.reply, -12);
  t.equal(read('$3\r\na\r\n\r\n')?.reply, 'a\r\n');
  t.equal(read('$-1\r\n')?.reply, null);
  t.equal(read('*-1\r\n')?.reply, null);
  t.same(read('*0\r\n')?.reply, []);
  const error = read('-ERR no\r\n')?.reply;
  t.ok(error instanceof ReplyError && error.text === 'ERR no');
  const nested = '*3\r\n:1\r\n*1\r\n$1\r\nx\r\n+y\r\n';
  t.same(read(nested), { reply: [1, ['x'], 'y'], end: nested.length });
  for (let cut = 0; cut < nested.length; cut++) t.equal(read(nested.slice(0, cut)), undefined, `cut at ${cut}`);
  t.throws(() => read('!oops\r\n'), /not a RESP2 reply/);
  t.equal(requestBytes(['SET', 'k', 12]).toString(), '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n12\r\n');
  t.equal(countReplies(Buffer.from('+OK\r\n:1\r\n:')), 2);
});

/** The commands of a load as arrays of words. */
function commandsOf(load: Load): string[][] {
  const out = new RequestWriter();
  for (let i = 0; i < load.commands; i++) load.write(out, i);
  const bytes = out.take();
  const commands: string[][] = [];
  for (let at = 0; at < bytes.length; ) {
    const parsed = parseReply(bytes, at); // a request is an array of bulk strings, as a reply may be
    if (parsed === undefined) throw new Error('a command is cut off');
    commands.push(parsed.reply as string[]);
    at = parsed.end;
  }
  return commands;
}

t.test('data', async (t) => {
  for (const count of [1, 2, 3, 4, 5, 16, 17, 1000]) {
    const seen = new Set(Array.from({ length: count }, (_, i) => dataset.shuffled(i, count)));
    t.equal(seen.size, count, `a shuffle of ${count} is one`);
    t.ok([...seen].every((at) => at >= 0 && at < count));
  }
  const order = Array.from({ length: 100 }, (_, i) => i);
  t.not(order.map((i) => dataset.shuffled(i, 100)).join(), order.join());
  t.same(commandsOf(dataset.strings(2)), [
    ['SET', 'key:000000000000', 'val:000000000000'],
    ['SET', 'key:000000000001', 'val:000000000001'],
  ]);
  const expiring = commandsOf(dataset.expiringStrings(1, 1_700_000_000_123));
  t.same(expiring, [['SET', 'key:000000000000', 'val:000000000000', 'PXAT', '1700000000123']]);
  t.same(commandsOf(dataset.counters(1)), [['SET', 'cnt:000000000000', '0']]);
  const [hash] = commandsOf(dataset.smallHashes(1));
  t.same([hash.length, hash[0], hash[1]], [12, 'HSET', 'obj:000000000000']);
  t.equal(new Set(hash.filter((_, i) => i >= 2 && i % 2 === 0)).size, 5, 'five different fields');
  const big: [Load, string, number, string][] = [
    [dataset.bigSet(250), 'SADD', 1, 'mem:'],
    [dataset.bigHash(250), 'HSET', 2, 'fld:'],
    [dataset.bigZset(250), 'ZADD', 2, 'mem:'],
    [dataset.bigList(250), 'RPUSH', 1, 'val:'],
  ];
  for (const [load, name, wordsEach, kind] of big) {
    const commands = commandsOf(load);
    const lengths = [100, 100, 50].map((n) => 2 + n * wordsEach);
    t.same(
      commands.map((words) => words.length),
      lengths,
      `${name}: the last one is shorter`,
    );
    t.ok(commands.every((words) => words[0] === name));
    const items = commands.flatMap((words) => words.slice(2)).filter((word) => word.startsWith(kind));
    t.equal(new Set(items).size, 250);
    t.ok(items.every((item) => item.length === 16));
  }
  const scores = commandsOf(dataset.bigZset(250)).flatMap((words) => words.slice(2).filter((_, i) => i % 2 === 0));
  t.equal(new Set(scores).size, 250);
  const writer = new RequestWriter();
  writer.item('key:', 999_999_999_999);
  t.equal(writer.take().toString(), '$16\r\nkey:999999999999\r\n');
  t.equal(writer.take().length, 0);
});

t.test('loader and connection against a server', async (t) => {
  const server = await createServer();
  t.teardown(() => server.close());
  const connection = await RespConnection.open(server.port);
  t.teardown(() => connection.close());
  await layDown(server.port, dataset.strings(5000), FAST);
  t.equal(await connection.demand('DBSIZE'), 5000);
  t.equal(await connection.call('GET', 'key:000000004999'), 'val:000000004999');
  await layDown(server.port, dataset.strings(5050), MODEST);
  t.equal(await connection.demand('DBSIZE'), 5050);
  await layDown(server.port, { elements: 0, commands: 0, write: () => {} }, FAST);
  const write = (out: RequestWriter): void => {
    out.command(1);
    out.word('GET');
  };
  await t.rejects(layDown(server.port, { elements: 1, commands: 1, write }, FAST), /loading failed: ERR wrong number/);
  t.ok((await connection.call('NOPE')) instanceof ReplyError);
  await t.rejects(connection.demand('NOPE'), /NOPE: ERR unknown command/);
  await server.close();
  await t.rejects(connection.call('PING'));
  await t.rejects(RespConnection.open(server.port));
});

t.test('workloads', async (t) => {
  const namesOf = (list: string): string[] => chooseWorkloads(list).map(({ name }) => name);
  t.equal(new Set(WORKLOADS.map(({ name }) => name)).size, WORKLOADS.length);
  t.equal(WORKLOADS.length, 21);
  t.same(namesOf('evalget,eval'), ['EVAL', 'EVAL GET', 'EVAL GET(100)'], 'scripts are measured where they are named');
  t.same(chooseWorkloads(undefined), WORKLOADS);
  t.same(namesOf('get,SET'), ['SET', 'GET'], 'in the order of the table');
  t.same(namesOf('lrange'), ['LRANGE(100)', 'LRANGE(600)']);
  t.same(namesOf('LRANGE600,set ex,mset'), ['MSET(10)', 'LRANGE(600)', 'SET EX']);
  t.throws(() => chooseWorkloads('SET,NOPE'), /no workload "NOPE"; there are: SET, GET/);
  t.throws(() => chooseWorkloads(''));
  for (const workload of WORKLOADS) {
    const sample = sampleCommand(workload);
    t.notMatch(sample.join(' '), /__rand_int__/);
    t.equal(sample.length, workload.command.length);
    const load = workload.data(2000);
    if (load === undefined) t.ok(workload.changes, `${workload.name}: only what grows starts empty`);
    if (['LPOP', 'ZPOPMIN', 'DEL'].includes(workload.name)) {
      t.ok(load !== undefined && load.elements > 2000, `${workload.name} does not run out`);
    }
  }
  t.equal(chooseWorkloads('MSET')[0].command.length, 21);
});

function run(perSecond: number, processorUs: number, p99Ms: number, processorMs = 1000): Run {
  return { requests: 1000, perSecond, processorUs, processorMs, p99Ms };
}

const [SET, GET, INCR] = chooseWorkloads('SET,GET,INCR');
const ROWS: Row[] = [
  { workload: SET, failure: undefined, cells: [{ depth: 1, redis: [run(100, 10, 1)], synap: [run(200, 5, 1)] }] },
  { workload: GET, failure: undefined, cells: [{ depth: 1, redis: [run(100, 10, 1)], synap: [run(50, 20, 4, 490)] }] },
  { workload: INCR, failure: 'Synap ended', cells: [] },
];

t.test('how many requests', async (t) => {
  const even = run(100_000, 10, 1);
  t.equal(wantedRequests(even, run(80_000, 12, 1), false), 104_000, 'the slower side sets the length');
  t.equal(wantedRequests(run(1e6, 0.8, 1), run(2e6, 0.4, 1), false), 1_750_000, 'the thriftier side sets the work');
  t.equal(wantedRequests(run(1_000, 0.1, 1), run(1_000, 0.1, 1), false), 8_000, 'but not for ever');
  t.ok(wantedRequests(even, even, true) < wantedRequests(even, even, false));
  t.equal(wantedRequests(run(1000, 0, 1), run(1000, 0, 1), false), 1300, 'a trial too short to burn a tick');
});

t.test('tables of speed', async (t) => {
  const table = ratioTable(ROWS, [1]);
  t.same(table.columns, ['Synap / Redis', 'throughput P=1', 'CPU/cmd P=1', 'p99 P=1']);
  t.same(table.rows, [
    ['SET', '2.00', '0.50', '1.00'],
    ['GET', '0.50', '~2.00', '4.00'],
    ['INCR', '—', '—', '—'],
    ['geometric mean', '1.00', '1.00', '2.00'],
    ['worst', '0.50 GET', '2.00 GET', '4.00 GET'],
  ]);
  t.same(absoluteTable(ROWS, [1]).rows, [
    ['SET', '1', '0.100', '0.200', '10.0', '5.00', '1,000', '1,000'],
    ['GET', '1', '0.100', '0.050', '10.0', '20.0', '1,000', '4,000'],
    ['INCR', '1', '—', '—', '—', '—', '—', '—'],
  ]);
  t.equal(worst([], 'more'), undefined);
  t.equal(worst([{ name: 'a', ratio: Number.NaN }], 'less'), undefined);
  const section = speedSection(ROWS, { depths: [1], rounds: 1, requests: undefined }, true);
  t.same(section.failures, ['INCR: Synap ended']);
  t.equal(section.tables.length, 2);
  t.match(section.notes.join('\n'), /INCR FAILED: Synap ended[\s\S]*2 of 3 workloads whole/);
  t.match(section.notes.join('\n'), /^~: a run burnt less than half a second/m);
  const fine = speedSection(ROWS.slice(0, 1), { depths: [1], rounds: 5, requests: undefined }, false);
  t.same(fine.failures, []);
  t.equal(fine.tables.length, 1);
  t.notMatch(fine.notes.join('\n'), /FAILED|~:|whole/);
});

t.test('tables of memory and pause', async (t) => {
  const redis = { bytes: 100, processorUs: 2 };
  const whole = { name: 'key', elements: 1_000_000, redis, synap: { bytes: 75, processorUs: 3 }, failure: undefined };
  t.same(memoryCells(whole), ['key', '1,000,000', '100', '75.0', '0.75', '1.50']);
  t.same(memoryCells({ ...whole, synap: undefined, failure: 'x' }), ['key', '1,000,000', '100', 'failed', '—', '—']);
  const seen = { samples: 9, p50: 0.1, p99: 1, p999: 2, max: 30, lateness: 1.5 };
  const table = pauseTable(['idle'], { idle: seen }, { idle: { failure: 'x' } });
  t.equal(table.columns.length, 11);
  t.same(table.rows, [['idle', '0.100', '1.00', '2.00', '30.0', '1.50', ...Array(5).fill('failed')]]);
});

t.test('pages', async (t) => {
  const table = { columns: ['a', 'figure'], rows: [['long name', '1'], ['b|c', '22'], ['d']] };
  t.equal(terminalTable(table), 'a          figure\n---------  ------\nlong name       1\nb|c            22\nd\n');
  t.equal(markdownTable(table), '| a | figure |\n| --- | ---: |\n| long name | 1 |\n| b\\|c | 22 |\n| d |  |\n');
  const machine = {
    date: '2026-01-02 03:04',
    processor: 'CPU',
    cores: 2,
    memoryGiB: 4,
    system: 'Linux',
    node: 'v20',
    synap: '0.1.0',
    redis: '7.0.15',
    client: '7.0.15',
    pinned: 'not bound to cores',
    command: 'npm run bench --',
    servers: [{ name: 'Redis', line: 'redis-server --port {port}' }],
  };
  const notes = ['word '.repeat(40).trim()];
  const section = { heading: 'Speed', tables: [table], notes, data: [1], failures: ['GET: no'] };
  const text = terminalReport(machine, section);
  t.ok(
    text.split('\n').every((line) => line.length <= 120),
    'notes are folded',
  );
  t.match(text, /^Speed\n\n2026-01-02 03:04 UTC; CPU, 2 cores/);
  t.match(text, /Redis 7\.0\.15[\s\S]*Made by: npm run bench --\nRedis: redis-server/);
  const page = markdownReport(machine, section);
  t.match(page, /^### Speed\n\n\| a \| figure \|/);
  t.match(page, /\n- Made by: npm run bench --\n/);
  const { heading, data, failures } = section;
  t.same(JSON.parse(jsonReport(machine, section)), { heading, machine, data, failures, notes });
});
