/**
 * What MEMORY knows: the figures of a server's memory (`measure`), what they mean in words (`diagnosis`), and each database's
 * arena (`allocatorReport`). INFO memory is made of the same figures.
 */
import type { Server } from './server.js';

/** A database that has keys. */
export interface DatabaseMemory {
  readonly index: number;
  /** Bytes of the hash table of keys, and of the times to live that stand in entries. */
  readonly table: number;
  readonly expires: number;
}

/** Bytes, where the name does not say otherwise. */
export interface MemoryFigures {
  /** What maxmemory is compared with, its highest value, and its value at the start. */
  readonly used: number;
  readonly peak: number;
  readonly startup: number;
  readonly clients: number;
  /** Tables, times to live, clients; the rest is the dataset. */
  readonly overhead: number;
  readonly dataset: number;
  /** The dataset's share of what was added since the start. */
  readonly datasetPercentage: number;
  readonly keys: number;
  /** Of the databases: in blocks given out and outside of arenas; with blocks that are free again; with what was never used. */
  readonly allocated: number;
  readonly touched: number;
  readonly reserved: number;
  /** Of the process, by the system's count. */
  readonly resident: number;
  readonly databases: readonly DatabaseMemory[];
}

/** All figures at this moment. O(databases). */
export function measure(server: Server): MemoryFigures {
  const used = server.usedMemory();
  const databases: DatabaseMemory[] = [];
  let keys = 0;
  let allocated = 0;
  let touched = 0;
  let reserved = 0;
  let dataset = 0;
  for (const { index, space } of server.databases) {
    const { arena } = space;
    keys += space.size;
    allocated += space.usedBytes;
    touched += arena.touched + arena.outside;
    reserved += arena.reserved + arena.outside;
    if (space.size === 0) continue;
    const expires = 8 * space.expires;
    databases.push({ index, table: space.table.bytes, expires });
    dataset += space.usedBytes - space.table.bytes - expires;
  }
  const added = used - server.figures.startupMemory;
  return {
    used,
    peak: server.stats.peakMemory,
    startup: server.figures.startupMemory,
    clients: server.clientMemory,
    overhead: used - dataset,
    dataset,
    datasetPercentage: added > 0 ? (dataset * 100) / added : 0,
    keys,
    allocated,
    touched,
    reserved,
    resident: server.figures.memory().resident,
    databases,
  };
}

const MIB = 1024 * 1024;
/** With less than this in use no ratio says anything. */
const TOO_LITTLE = 5 * MIB;

/** What seems wrong with the use of memory, and what may help; one paragraph a finding. */
export function diagnosis(server: Server): string {
  const m = measure(server);
  if (m.used < TOO_LITTLE)
    return 'There is too little data in this server to judge its use of memory. Ask again when it holds more.\n';
  const found: string[] = [];
  const { maxmemory, maxmemoryPolicy } = server.settings;
  const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;
  if (m.peak > m.used * 1.5)
    found.push(
      `Peak: ${mib(m.peak)} were in use once, ${mib(m.used)} are now. The difference stays with the process for new data; a ` +
        'database gives it back when it is emptied (FLUSHDB, FLUSHALL).',
    );
  if (m.touched > m.allocated * 1.4 && m.touched - m.allocated > 10 * MIB)
    found.push(
      `Free blocks: ${mib(m.touched - m.allocated)} lie in blocks that were given back and wait for values of their sizes. Values of ` +
        'other sizes than before cannot use all of them: a restart from a snapshot packs the data anew.',
    );
  if (m.resident > m.touched * 1.5 && m.resident - m.touched > 150 * MIB)
    found.push(
      `Process: ${mib(m.resident - m.touched)} are resident beside the data. That is the JavaScript heap, code and buffers of ` +
        'connections: look for many clients, long pipelines and large replies.',
    );
  if (server.clients.size > 0 && m.clients / server.clients.size > 200 * 1024)
    found.push(
      `Clients: ${mib(m.clients)} are held for ${server.clients.size} connections. Some do not read their replies, or send ` +
        'requests in large pieces: CLIENT LIST names them.',
    );
  if (maxmemory > 0 && m.used > maxmemory * 0.95 && maxmemoryPolicy === 'noeviction')
    found.push(
      `Limit: ${mib(m.used)} of maxmemory's ${mib(maxmemory)} are in use, and with the policy noeviction commands that add data are ` +
        'or will be refused. Raise the limit, or choose who may go.',
    );
  if (found.length === 0) return 'The use of memory looks sound.\n';
  return `${found.map((text) => `* ${text}`).join('\n\n')}\n`;
}

/** The arenas, database by database. */
export function allocatorReport(server: Server): string {
  const lines = ['database keys segments reserved touched given_out outside'];
  for (const { index, space } of server.databases) {
    const { arena } = space;
    if (arena.reserved === 0 && space.size === 0) continue;
    const figures = [index, space.size, arena.u8.length, arena.reserved, arena.touched, arena.used, arena.outside];
    lines.push(figures.join(' '));
  }
  const m = measure(server);
  lines.push(
    `all: reserved ${m.reserved}, touched ${m.touched}, in use ${m.allocated}, resident process ${m.resident}`,
  );
  return `${lines.join('\n')}\n`;
}
