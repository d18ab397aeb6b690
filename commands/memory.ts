/**
 * MEMORY: what the dataset costs. The figures are those of the arenas themselves, exact but for the JavaScript objects around
 * tables and connections, which are estimated where they are counted. What maxmemory is compared with is Server.usedMemory.
 * Read next: memory-report.ts, whose figures and sentences these commands reply with.
 */

import { entryTotalBytes } from '../storage/entry-size.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { SYNTAX } from './error.js';
import { help } from './help.js';
import { allocatorReport, diagnosis, measure } from './memory-report.js';
import type { memory } from './spec/memory.js';

export const handlers: Handlers<typeof memory> = {
  'memory|doctor': doctor,
  'memory|help': help,
  'memory|malloc-stats': mallocStats,
  'memory|purge': purge,
  'memory|stats': stats,
  'memory|usage': usage,
};

/** Pieces of a large value that are looked at when the command names no number. */
const SAMPLES = 5;

function doctor(c: Client): void {
  c.out.verbatim('txt', diagnosis(c.server));
}

function mallocStats(c: Client): void {
  c.out.verbatim('txt', allocatorReport(c.server));
}

/** A database without keys gives its arena back; memory of others stays for their next keys. */
function purge(c: Client): void {
  for (const db of c.server.databases) if (db.size === 0) db.clear();
  c.out.ok();
}

function usage(c: Client): void {
  let samples = SAMPLES;
  for (let i = 3; i < c.argc; i += 2) {
    if (!c.argv[i].is('samples') || i + 1 === c.argc) throw SYNTAX;
    samples = intArg(c.argv[i + 1]);
    if (samples < 0) throw SYNTAX;
  }
  const { space } = c.db;
  const entry = c.db.peek(c.argv[2]);
  if (entry === 0) c.out.nil();
  else c.out.int(entryTotalBytes(space, entry, samples));
}

function stats(c: Client): void {
  const { out, server } = c;
  const m = measure(server);
  const field = (name: string, bytes: number): void => {
    out.bulkText(name);
    out.int(bytes);
  };
  const share = (name: string, value: number): void => {
    out.bulkText(name);
    out.double(value);
  };
  const mark = out.defer();
  field('peak.allocated', m.peak);
  field('total.allocated', m.used);
  field('startup.allocated', m.startup);
  field('replication.backlog', 0);
  field('clients.slaves', 0);
  field('clients.normal', m.clients);
  field('cluster.links', 0);
  field('aof.buffer', server.appendOnly.pending);
  field('lua.caches', server.scripting.cacheBytes);
  field('functions.caches', 0);
  for (const db of m.databases) {
    out.bulkText(`db.${db.index}`);
    out.map(3);
    field('overhead.hashtable.main', db.table);
    field('overhead.hashtable.expires', db.expires);
    field('overhead.hashtable.slot-to-keys', 0);
  }
  field('overhead.total', m.overhead);
  field('keys.count', m.keys);
  field('keys.bytes-per-key', m.keys === 0 ? 0 : Math.floor((m.used - m.startup) / m.keys));
  field('dataset.bytes', m.dataset);
  share('dataset.percentage', m.datasetPercentage);
  share('peak.percentage', (m.used * 100) / m.peak);
  field('allocator.allocated', m.allocated);
  field('allocator.active', m.touched);
  field('allocator.resident', m.touched);
  share('allocator-fragmentation.ratio', m.touched / m.allocated);
  field('allocator-fragmentation.bytes', m.touched - m.allocated);
  share('allocator-rss.ratio', 1); // what an arena has touched is resident
  field('allocator-rss.bytes', 0);
  share('rss-overhead.ratio', m.resident / m.touched);
  field('rss-overhead.bytes', m.resident - m.touched);
  share('fragmentation', m.resident / m.used);
  field('fragmentation.bytes', m.resident - m.used);
  out.endMap(mark, 27 + m.databases.length);
}
