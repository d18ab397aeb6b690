/**
 * INFO persistence: loading, snapshots and the log. There is no fork that shares memory: what Redis calls copy-on-write is here what a
 * snapshot needs beside the data.
 */
import type { Field } from './info.js';
import type { Server } from './server.js';
import { DUMP, NO_SNAPSHOT } from './snapshot.js';

const zero = (): number => 0;

export const persistence: readonly Field[] = [
  ['loading', (s) => Number(s.appendOnly.loading !== undefined)],
  ['async_loading', zero],
  ['current_cow_peak', (s) => whileSaving(s, s.snapshot.extraPeak)],
  ['current_cow_size', (s) => whileSaving(s, s.snapshot.extraBytes)],
  ['current_cow_size_age', zero],
  [
    'current_fork_perc',
    (s) => whileSaving(s, (100 * s.snapshot.keysDone) / Math.max(1, s.snapshot.keysTotal)).toFixed(2),
  ],
  ['current_save_keys_processed', (s) => s.snapshot.keysDone],
  ['current_save_keys_total', (s) => s.snapshot.keysTotal],
  ['rdb_changes_since_last_save', (s) => s.snapshot.changes],
  ['rdb_bgsave_in_progress', (s) => Number(s.snapshot.running === DUMP)],
  ['rdb_last_save_time', (s) => Math.floor(s.snapshot.lastSaveAt / 1000)],
  ['rdb_last_bgsave_status', (s) => status(s.snapshot.lastOk)],
  ['rdb_last_bgsave_time_sec', (s) => s.snapshot.lastSeconds],
  ['rdb_current_bgsave_time_sec', (s) => s.snapshot.currentSeconds],
  ['rdb_saves', (s) => s.snapshot.saves],
  ['rdb_last_cow_size', (s) => s.snapshot.extraPeak],
  ['rdb_last_load_keys_expired', (s) => s.appendOnly.loaded?.keysExpired ?? 0],
  ['rdb_last_load_keys_loaded', (s) => s.appendOnly.loaded?.keysLoaded ?? 0],
  ['aof_enabled', (s) => Number(s.appendOnly.enabled)],
  ['aof_rewrite_in_progress', (s) => Number(s.appendOnly.rewriting)],
  ['aof_rewrite_scheduled', (s) => Number(s.appendOnly.scheduled)],
  ['aof_last_rewrite_time_sec', (s) => s.appendOnly.lastSeconds],
  ['aof_current_rewrite_time_sec', (s) => s.appendOnly.currentSeconds],
  ['aof_last_bgrewrite_status', (s) => status(s.appendOnly.lastRewriteOk)],
  ['aof_rewrites', (s) => s.appendOnly.rewrites],
  ['aof_rewrites_consecutive_failures', (s) => s.appendOnly.failures],
  ['aof_last_write_status', (s) => status(s.appendOnly.writeOk)],
  ['aof_last_cow_size', zero],
  ['module_fork_in_progress', zero],
  ['module_fork_last_cow_size', zero],
  ['aof_current_size', (s) => whenOn(s, s.appendOnly.size)],
  ['aof_base_size', (s) => whenOn(s, s.appendOnly.baseSize)],
  ['aof_pending_rewrite', (s) => whenOn(s, Number(s.appendOnly.scheduled))],
  ['aof_buffer_length', (s) => whenOn(s, s.appendOnly.pending)],
  ['aof_pending_bio_fsync', (s) => whenOn(s, s.appendOnly.syncs)],
  ['aof_delayed_fsync', (s) => whenOn(s, s.appendOnly.delayedSyncs)],
  ['loading_start_time', (s) => s.appendOnly.loading && Math.floor(s.appendOnly.loading.startedAt / 1000)],
  ['loading_total_bytes', (s) => s.appendOnly.loading?.totalBytes],
  ['loading_rdb_used_mem', (s) => s.appendOnly.loading && 0],
  ['loading_loaded_bytes', (s) => s.appendOnly.loading?.loadedBytes],
  ['loading_loaded_perc', (s) => s.appendOnly.loading && percent(s).toFixed(2)],
  ['loading_eta_seconds', (s) => s.appendOnly.loading && secondsLeft(s)],
];

function status(ok: boolean): 'ok' | 'err' {
  return ok ? 'ok' : 'err';
}

function whileSaving(s: Server, value: number): number {
  return s.snapshot.running === NO_SNAPSHOT ? 0 : value;
}

function whenOn(s: Server, value: number): number | undefined {
  return s.appendOnly.enabled ? value : undefined;
}

/** How much of what must be loaded is loaded, 0 to 100. */
function percent({ appendOnly }: Server): number {
  const { loadedBytes, totalBytes } = appendOnly.loading!;
  return totalBytes === 0 ? 0 : (100 * loadedBytes) / totalBytes;
}

function secondsLeft(s: Server): number {
  const { loadedBytes, startedAt, totalBytes } = s.appendOnly.loading!;
  const seconds = Math.floor((s.now - startedAt) / 1000);
  if (seconds <= 0 || loadedBytes === 0) return 1;
  return Math.floor((seconds * (totalBytes - loadedBytes)) / loadedBytes);
}
