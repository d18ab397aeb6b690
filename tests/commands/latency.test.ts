/** LATENCY: histograms as Redis cuts them, events above the threshold, and their graph. */
import t from 'tap';
import { LatencyHistogram, MAX_NS } from '../../commands/histogram.js';
import { LatencyEvents } from '../../commands/latency-events.js';
import { latencyGraph } from '../../commands/latency-graph.js';
import { seeded } from '../random.js';
import { Session } from './session.js';

function recorded(...times: number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const us of times) histogram.record(Math.min(MAX_NS, Math.floor(us * 1000)), 1);
  return histogram;
}

function counts(histogram: LatencyHistogram): number[][] {
  const pairs: number[][] = [];
  histogram.cumulated((us, count) => pairs.push([us, count]));
  return pairs;
}

t.test('percentiles are what Redis 7.0 printed for the same microseconds', async (t) => {
  for (const [us, printed] of [
    [1, 1.003],
    [2, 2.007],
    [4, 4.015],
    [7, 7.007],
    [9, 9.023],
    [12, 12.031],
    [19, 19.071],
    [65, 65.023],
    [72, 72.191],
    [226, 226.303],
    [1236, 1236.991],
    [10208, 10223.615],
    [0, 0.001],
  ])
    t.equal(recorded(us).percentile(50), printed, `${us}`);
  const several = recorded(4, 7, 7, 7, 7, 7, 7, 7, 7, 10);
  t.equal(several.percentile(0), 4.015);
  t.equal(several.percentile(50), 7.007);
  t.equal(several.percentile(99.9), 10.047);
  t.equal(several.percentile(100), 10.047);
  t.equal(recorded().percentile(50), 0);
});

t.test('any percentile is right to two digits', async (t) => {
  const random = seeded(7);
  const times = Array.from({ length: 2000 }, () => 10 ** (random() * 8 - 2));
  const histogram = recorded(...times);
  times.sort((a, b) => a - b);
  for (const percent of [1, 10, 50, 90, 99, 99.9, 100]) {
    const exact = Math.min(1e6, times[Math.max(1, Math.floor((percent / 100) * times.length + 0.5)) - 1]);
    const told = histogram.percentile(percent);
    t.ok(Math.abs(told - exact) <= exact / 100 + 0.001, `p${percent}: ${told} for ${exact}`);
  }
});

t.test('cumulated counts have the bounds that Redis 7.0 printed', async (t) => {
  t.same(counts(recorded(12, 28)), [
    [16, 1],
    [33, 2],
  ]);
  t.same(counts(recorded(1, 2, 4, 7, 65, 226, 1236, 10208)), [
    [1, 1],
    [2, 2],
    [4, 3],
    [8, 4],
    [66, 5],
    [264, 6],
    [2113, 7],
    [16908, 8],
  ]);
  t.same(counts(recorded(2e6, 5e9)), [[1082130, 2]], 'longer than a second counts as one');
  t.same(counts(recorded()), []);
});

t.test('LATENCY HISTOGRAM', async (t) => {
  const session = new Session({}, 3);
  session.step = 0.012;
  session.ask('SET k v');
  session.ask('SET k v');
  session.step = 0.028;
  session.ask('SET k v');
  session.ask('OBJECT ENCODING k');
  session.step = 0;
  const set = '$3\r\nset\r\n%2\r\n$5\r\ncalls\r\n:3\r\n$14\r\nhistogram_usec\r\n%2\r\n:16\r\n:2\r\n:33\r\n:3\r\n';
  const encoding = '$15\r\nobject|encoding\r\n%2\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n%1\r\n:33\r\n:1\r\n';
  t.equal(session.raw('LATENCY HISTOGRAM SET nope get object'), `%2\r\n${set}${encoding}`);
  t.equal(session.raw('LATENCY HISTOGRAM object|encoding'), `%1\r\n${encoding}`);
  t.equal(session.raw('LATENCY HISTOGRAM get'), '%0\r\n');
  session.client.out.resp = 2;
  t.same(session.ask('LATENCY HISTOGRAM set'), ['set', ['calls', 3, 'histogram_usec', [16, 2, 33, 3]]]);
  t.same((session.ask('LATENCY HISTOGRAM') as unknown[]).filter((_, i) => i % 2 === 0).sort(), [
    'latency|histogram',
    'object|encoding',
    'set',
  ]);
  session.server.settings.latencyTracking = false;
  session.ask('GET k');
  t.same(session.ask('LATENCY HISTOGRAM get'), [], 'nothing is recorded when tracking is off');
  session.ask('CONFIG RESETSTAT');
  t.same(session.ask('LATENCY HISTOGRAM'), []);
});

t.test('events above the threshold', async (t) => {
  const session = new Session();
  session.step = 10.5;
  session.ask('KEYS *');
  t.same(session.ask('LATENCY LATEST'), [], 'off by default');
  session.server.settings.latencyMonitorThreshold = 10;
  session.ask('KEYS *');
  session.ask('GET k');
  session.now += 1000;
  session.step = 12;
  session.ask('KEYS *');
  session.step = 11;
  session.ask('KEYS *');
  session.step = 9.9;
  t.same(session.askSorted('LATENCY LATEST'), [
    ['command', 1_700_000_001, 12, 12],
    ['fast-command', 1_700_000_000, 10, 10],
  ]);
  t.same(session.ask('LATENCY HISTORY command'), [
    [1_700_000_000, 10],
    [1_700_000_001, 12],
  ]);
  t.same(session.ask('LATENCY HISTORY nope'), []);
  session.server.timing.event('expire-cycle', 25.7, session.now);
  t.same(session.ask('LATENCY HISTORY expire-cycle'), [[1_700_000_001, 25]]);
  const report = session.ask('LATENCY DOCTOR') as string;
  t.match(report, /command: 2 delay\(s\), 11 ms on average, mean deviation 1 ms/);
  t.match(report, /expire-cycle: 1 delay/);
  t.equal(session.ask('LATENCY RESET nope fast-command command command'), 2);
  t.equal(session.ask('LATENCY RESET'), 1);
  t.same(session.ask('LATENCY LATEST'), []);
  t.match(session.ask('LATENCY DOCTOR'), /^No delay/);
  session.server.settings.latencyMonitorThreshold = 0;
  t.match(session.ask('LATENCY DOCTOR'), /latency-monitor-threshold/);
  t.equal(session.ask('LATENCY GRAPH command'), "-ERR No samples available for event 'command'");
  t.match(session.ask('LATENCY HELP'), [/^LATENCY <subcommand>/]);
});

t.test('the last 160 seconds are kept, and the longest ever', async (t) => {
  const events = new LatencyEvents();
  events.add('command', 0, 500);
  for (let at = 1; at <= 200; at++) events.add('command', at, 5);
  const { samples, max } = events.get('command')!;
  t.equal(samples.length, 160);
  t.equal(samples[0].at, 41);
  t.equal(max, 500);
  const lines = latencyGraph(events.get('command')!, 200).split('\n');
  t.equal(lines[0], 'command - high 5 ms, low 5 ms (all time high 500 ms)');
  t.equal(lines[5].length, 80, 'two blocks of 80 columns');
  t.equal(lines.filter((line) => line === '_'.repeat(80)).length, 2);
});

t.test('the graph is what Redis 7.0 drew of the same samples', async (t) => {
  const events = new LatencyEvents();
  for (const [at, ms] of [
    [94, 10],
    [95, 45],
    [97, 27],
    [98, 92],
    [99, 30],
  ])
    events.add('command', at, ms);
  const drawn = ['   # ', '   | ', ' # | ', '_|#|#', '     ', '65321', 'sssss', ''];
  t.same(latencyGraph(events.get('command')!, 100).split('\n'), [
    'command - high 92 ms, low 10 ms (all time high 92 ms)',
    '-'.repeat(80),
    ...drawn,
  ]);
  const ages = latencyGraph(events.get('command')!, 100 + 7200)
    .split('\n')
    .slice(7);
  t.same(ages, ['22222', 'hhhhh', '']);
});
