/**
 * The overview: what the server does just now, looked at every two seconds. Figures are INFO's; throughput is the difference of two
 * looks, the hit rate that since the start. Latency is the difference of two LATENCY HISTOGRAM over all commands: the server's own
 * time, as upper bounds of its buckets.
 */
import { CommandError, must, pairsOf, runAll } from './api.js';
import { chart } from './chart.js';
import { facts, fill, guarded, h, problem } from './dom.js';
import { duration, infoFields, micros, moment, number, percent, short, size } from './format.js';
import { keySpace } from './key-space.js';

const EVERY_MS = 2000;

export function overviewScreen(root, context) {
  const charts = {
    rate: chart('Commands per second', ['commands'], short),
    latency: chart('Latency', ['p50', 'p99'], micros),
    memory: chart('Memory', ['used'], size),
    clients: chart('Clients', ['connected'], number),
  };
  const figures = h('dl', { class: 'figures panel' });
  const persistence = h('section', { class: 'panel' }, h('h2', {}, 'Persistence'));
  const server = h('section', { class: 'panel' }, h('h2', {}, 'Server'));
  const failed = h('div');
  fill(
    root,
    h('h1', {}, 'Overview'),
    failed,
    figures,
    h(
      'div',
      { class: 'grid' },
      Object.values(charts).map(({ element }) => element),
    ),
    h(
      'p',
      { class: 'soft small' },
      'Latency is the server’s own time per command, from LATENCY HISTOGRAM of the last two seconds: bounds of its buckets, not exact values.',
    ),
    h('div', { class: 'grid' }, keySpace(context), persistence, server),
  );
  let before;
  let timer;
  let over = false;

  async function look() {
    try {
      const now = await sample();
      if (over) return;
      fill(failed);
      draw(now, before, { charts, figures, persistence, server });
      before = now;
    } catch (e) {
      fill(failed, problem(e));
      if (e instanceof CommandError || e.status === 401) return;
    }
    if (!over) timer = setTimeout(() => guarded(look), EVERY_MS);
  }

  const recolor = () => Object.values(charts).map((one) => one.redraw());
  addEventListener('theme', recolor);
  guarded(look);
  return () => {
    over = true;
    clearTimeout(timer);
    removeEventListener('theme', recolor);
    for (const one of Object.values(charts)) one.close();
  };
}

async function sample() {
  const [info, histogram] = await runAll([
    ['INFO', 'everything'],
    ['LATENCY', 'HISTOGRAM'],
  ]);
  return { at: performance.now(), fields: infoFields(must(info)), buckets: merged(histogram) };
}

/** How many calls took at most so many microseconds, over all commands: not cumulative. */
function merged(histogram) {
  const buckets = new Map();
  if (histogram instanceof CommandError) return buckets;
  for (const [, told] of pairsOf(histogram)) {
    let below = 0;
    for (const [bound, cumulative] of pairsOf(pairsOf(told).of('histogram_usec'))) {
      buckets.set(Number(bound), (buckets.get(Number(bound)) ?? 0) + cumulative - below);
      below = cumulative;
    }
  }
  return buckets;
}

/** The bound under which the share `p` of the new calls are; null when there are none. */
function percentile(now, before, p) {
  const fresh = [...now].map(([bound, n]) => [bound, n - (before.get(bound) ?? 0)]).sort(([a], [b]) => a - b);
  const total = fresh.reduce((sum, [, n]) => sum + Math.max(n, 0), 0);
  let seen = 0;
  for (const [bound, n] of fresh) {
    seen += Math.max(n, 0);
    if (total > 0 && seen >= p * total) return bound;
  }
  return null;
}

function draw(now, before, { charts, figures, persistence, server }) {
  const field = (name) => Number(now.fields.get(name));
  const since = (name) => field(name) - Number(before?.fields.get(name));
  const seconds = (now.at - (before?.at ?? 0)) / 1000;
  const rate =
    before === undefined
      ? field('instantaneous_ops_per_sec')
      : Math.max(0, since('total_commands_processed') / seconds);
  const p50 = before && percentile(now.buckets, before.buckets, 0.5);
  const p99 = before && percentile(now.buckets, before.buckets, 0.99);
  const hits = field('keyspace_hits');
  charts.rate.push([rate]);
  charts.latency.push([p50 ?? null, p99 ?? null]);
  charts.memory.push([field('used_memory')]);
  charts.clients.push([field('connected_clients')]);
  const limit = field('maxmemory');
  const keys = [...now.fields]
    .filter(([name]) => /^db\d+$/.test(name))
    .reduce((n, [, text]) => n + Number(/keys=(\d+)/.exec(text)[1]), 0);
  const shown = [
    ['Commands/s', number(Math.round(rate))],
    ['Latency p50', p50 ? `≤ ${micros(p50)}` : '–'],
    ['Latency p99', p99 ? `≤ ${micros(p99)}` : '–'],
    ['Memory', size(field('used_memory'))],
    ['Clients', number(field('connected_clients'))],
    ['Hit rate', percent(hits, hits + field('keyspace_misses'))],
    ['Keys', short(keys)],
  ];
  fill(
    figures,
    shown.map(([term, value]) => h('div', { class: 'figure' }, h('dt', {}, term), h('dd', {}, value))),
  );
  fill(persistence, h('h2', {}, 'Persistence'), facts(persistenceFacts(now.fields)));
  fill(
    server,
    h('h2', {}, 'Server'),
    facts([
      ['Up for', duration(field('uptime_in_seconds') * 1000)],
      ['Role', now.fields.get('role')],
      ['Memory limit', limit > 0 ? `${size(limit)}, ${now.fields.get('maxmemory_policy')}` : 'none'],
      ['Peak memory', size(field('used_memory_peak'))],
      ['Resident', size(field('used_memory_rss'))],
      ['Blocked clients', number(field('blocked_clients'))],
      ['Expired keys', number(field('expired_keys'))],
      ['Evicted keys', number(field('evicted_keys'))],
      ['Received, sent', `${size(field('total_net_input_bytes'))}, ${size(field('total_net_output_bytes'))}`],
    ]),
  );
}

function persistenceFacts(fields) {
  const state = (name) => {
    const text = fields.get(name);
    return text === undefined ? undefined : h('span', { class: text === 'ok' ? 'good' : 'bad' }, text);
  };
  const logged = fields.get('aof_enabled') === '1';
  const on = (name) => (fields.get(name) === '1' ? 'running' : 'no');
  return [
    ['Log', logged ? 'every change' : 'off'],
    ['Last write', logged ? state('aof_last_write_status') : undefined],
    ['Size of the log', logged ? size(Number(fields.get('aof_current_size'))) : undefined],
    ['Rewrite', logged ? on('aof_rewrite_in_progress') : undefined],
    ['Last rewrite', logged ? state('aof_last_bgrewrite_status') : undefined],
    ['Snapshot', on('rdb_bgsave_in_progress')],
    ['Last snapshot', state('rdb_last_bgsave_status')],
    ['Saved at', moment(Number(fields.get('rdb_last_save_time')) * 1000)],
    ['Changes since', number(Number(fields.get('rdb_changes_since_last_save')))],
    ['Loading', fields.get('loading') === '1' ? 'yes' : 'no'],
  ];
}
