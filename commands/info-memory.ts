/**
 * INFO memory and cpu. Where Redis tells of its allocator, these lines tell of the arenas: allocated = in use, active = taken from the
 * system. Lua's are its whole memory. Functions, replicas and cluster links take nothing
 * because there are none.
 */
import type { Field } from './info.js';
import type { Server } from './server.js';

export const memory: readonly Field[] = [
  ['used_memory', usedMemory],
  ['used_memory_human', (s) => human(usedMemory(s))],
  ['used_memory_rss', resident],
  ['used_memory_rss_human', (s) => human(resident(s))],
  ['used_memory_peak', peak],
  ['used_memory_peak_human', (s) => human(peak(s))],
  ['used_memory_peak_perc', (s) => percent(usedMemory(s), peak(s))],
  ['used_memory_overhead', overhead],
  ['used_memory_startup', (s) => s.figures.startupMemory],
  ['used_memory_dataset', (s) => usedMemory(s) - overhead(s)],
  ['used_memory_dataset_perc', datasetPercent],
  ['allocator_allocated', usedMemory],
  ['allocator_active', reservedMemory],
  ['allocator_resident', reservedMemory],
  ['total_system_memory', (s) => s.figures.memory().machine],
  ['total_system_memory_human', (s) => human(s.figures.memory().machine)],
  ['used_memory_lua', (s) => s.scripting.interpreterBytes],
  ['used_memory_vm_eval', (s) => s.scripting.interpreterBytes],
  ['used_memory_lua_human', (s) => human(s.scripting.interpreterBytes)],
  ['used_memory_scripts_eval', (s) => s.scripting.cacheBytes],
  ['number_of_cached_scripts', (s) => s.scripting.cached],
  ['number_of_functions', () => 0],
  ['number_of_libraries', () => 0],
  ['used_memory_vm_functions', () => 0],
  ['used_memory_vm_total', (s) => s.scripting.interpreterBytes],
  ['used_memory_vm_total_human', (s) => human(s.scripting.interpreterBytes)],
  ['used_memory_functions', () => 0],
  ['used_memory_scripts', (s) => s.scripting.cacheBytes],
  ['used_memory_scripts_human', (s) => human(s.scripting.cacheBytes)],
  ['maxmemory', (s) => s.settings.maxmemory],
  ['maxmemory_human', (s) => human(s.settings.maxmemory)],
  ['maxmemory_policy', (s) => s.settings.maxmemoryPolicy],
  ['allocator_frag_ratio', (s) => ratio(reservedMemory(s), usedMemory(s))],
  ['allocator_frag_bytes', (s) => reservedMemory(s) - usedMemory(s)],
  ['allocator_rss_ratio', () => '1.00'],
  ['allocator_rss_bytes', () => 0],
  ['rss_overhead_ratio', (s) => ratio(resident(s), reservedMemory(s))],
  ['rss_overhead_bytes', (s) => resident(s) - reservedMemory(s)],
  ['mem_fragmentation_ratio', (s) => ratio(resident(s), usedMemory(s))],
  ['mem_fragmentation_bytes', (s) => resident(s) - usedMemory(s)],
  ['mem_not_counted_for_evict', () => 0],
  ['mem_replication_backlog', () => 0],
  ['mem_total_replication_buffers', () => 0],
  ['mem_clients_slaves', () => 0],
  ['mem_clients_normal', (s) => s.clientMemory],
  ['mem_cluster_links', () => 0],
  ['mem_aof_buffer', (s) => s.appendOnly.pending],
  ['mem_allocator', () => 'arena'],
  ['active_defrag_running', () => 0],
  ['lazyfree_pending_objects', pendingObjects],
  ['lazyfreed_objects', freedObjects],
  // Strings that value-compression-threshold keeps compressed, and their bytes before and after.
  ['compressed_values', (s) => compression(s, 'values')],
  ['compressed_values_bytes_before', (s) => compression(s, 'bytesBefore')],
  ['compressed_values_bytes_after', (s) => compression(s, 'bytesAfter')],
];

function usedMemory(s: Server): number {
  return s.usedMemory();
}

/** Bytes that the arenas have taken from the system: used, free, and what lies outside them. */
function reservedMemory(s: Server): number {
  let bytes = 0;
  for (const { space } of s.databases) bytes += space.arena.touched + space.arena.outside;
  return bytes;
}

/** What belongs to the tables of the keyspaces and to clients rather than to data. */
function overhead(s: Server): number {
  let bytes = s.clientMemory;
  for (const { space } of s.databases) bytes += space.table.bytes;
  return bytes;
}

function resident(s: Server): number {
  return s.figures.memory().resident;
}

function peak(s: Server): number {
  return Math.max(s.stats.peakMemory, usedMemory(s));
}

/** Of what came since the start, how much is data. */
function datasetPercent(s: Server): string {
  return percent(usedMemory(s) - overhead(s), usedMemory(s) - s.figures.startupMemory);
}

function pendingObjects(s: Server): number {
  let n = 0;
  for (const { space } of s.databases) n += space.larges.pending;
  return n;
}

function freedObjects(s: Server): number {
  let n = 0;
  for (const { space } of s.databases) n += space.larges.freed;
  return n;
}

function compression(s: Server, figure: 'values' | 'bytesBefore' | 'bytesAfter'): number {
  let n = 0;
  for (const { space } of s.databases) n += space.compression[figure];
  return n;
}

export const cpu: readonly Field[] = [
  ['used_cpu_sys', (s) => s.figures.processor().system.toFixed(6)],
  ['used_cpu_user', (s) => s.figures.processor().user.toFixed(6)],
  ['used_cpu_sys_children', () => '0.000000'],
  ['used_cpu_user_children', () => '0.000000'],
  ['used_cpu_sys_main_thread', (s) => s.figures.processor().mainSystem?.toFixed(6)],
  ['used_cpu_user_main_thread', (s) => s.figures.processor().mainUser?.toFixed(6)],
];

/** `943.27K`, as Redis shortens bytes. */
export function human(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1024 && unit < 4; unit++) value /= 1024;
  return `${value.toFixed(2)}${'KMGTP'[unit]}`;
}

function percent(part: number, whole: number): string {
  return `${(whole > 0 ? (part / whole) * 100 : 100).toFixed(2)}%`;
}

function ratio(part: number, whole: number): string {
  return (whole > 0 ? part / whole : 1).toFixed(2);
}
