/** INFO server, clients and replication: one line a field, in Redis's order. */
import { REDIS_VERSION } from './connection.js';
import type { Field } from './info.js';
import type { Server } from './server.js';

export const server: readonly Field[] = [
  ['redis_version', () => REDIS_VERSION],
  ['redis_git_sha1', () => '00000000'],
  ['redis_git_dirty', () => 0],
  ['redis_build_id', () => 0],
  ['redis_mode', () => 'standalone'],
  ['server_name', () => 'synap'],
  ['synap_version', (s) => s.figures.version],
  ['os', (s) => s.figures.system],
  ['arch_bits', (s) => s.figures.archBits],
  ['monotonic_clock', () => 'POSIX clock_gettime'],
  ['multiplexing_api', (s) => s.figures.multiplexing],
  ['atomicvar_api', () => 'none'],
  ['gcc_version', () => '0.0.0'],
  ['process_id', (s) => s.figures.processId],
  ['process_supervised', (s) => s.settings.supervised],
  ['run_id', (s) => s.figures.runId],
  ['tcp_port', (s) => s.figures.tcpPort],
  ['server_time_usec', (s) => s.timing.epochUs(s.now)],
  ['uptime_in_seconds', uptime],
  ['uptime_in_days', (s) => Math.floor(uptime(s) / 86400)],
  ['hz', (s) => s.settings.hz],
  ['configured_hz', (s) => s.settings.hz],
  ['lru_clock', (s) => Math.floor(s.now / 1000) & 0xffffff],
  ['executable', (s) => s.figures.executable],
  ['config_file', (s) => s.figures.configFile],
  ['io_threads_active', () => 0],
  ['listener0', (s) => listener(s, 0)],
  ['listener1', (s) => listener(s, 1)],
  ['listener2', (s) => listener(s, 2)],
];

function uptime(s: Server): number {
  return Math.max(0, Math.floor((s.now - s.figures.startedAt) / 1000));
}

/** `name=tcp,bind=127.0.0.1,bind=-::1,port=6379` (Redis 7.2). */
function listener(s: Server, i: number): string | undefined {
  const figure = s.figures.listeners[i];
  if (figure === undefined) return undefined;
  const { name, addresses, port } = figure;
  return `name=${name}${addresses.map((address) => `,bind=${address}`).join('')}${port > 0 ? `,port=${port}` : ''}`;
}

export const clients: readonly Field[] = [
  ['connected_clients', (s) => s.clients.size],
  ['cluster_connections', () => 0],
  ['maxclients', (s) => s.settings.maxclients],
  ['client_recent_max_input_buffer', (s) => s.figures.inputPeak],
  ['client_recent_max_output_buffer', (s) => s.figures.outputPeak],
  ['blocked_clients', (s) => s.blocking.clients + s.pause.clients + s.appendOnly.waiting],
  ['tracking_clients', () => 0],
  ['clients_in_timeout_table', (s) => s.blocking.timed + s.appendOnly.waitingTimed],
  ['total_blocking_keys', (s) => s.blocking.keys],
  ['total_blocking_keys_on_nokey', (s) => s.blocking.keysOfAnyChange],
];

/** A master without replicas or backlog. */
export const replication: readonly Field[] = [
  ['role', () => 'master'],
  ['connected_slaves', () => 0],
  ['master_failover_state', () => 'no-failover'],
  ['master_replid', (s) => s.figures.replicationId],
  ['master_replid2', () => '0'.repeat(40)],
  ['master_repl_offset', () => 0],
  ['second_repl_offset', () => -1],
  ['repl_backlog_active', () => 0],
  ['repl_backlog_size', (s) => s.settings.replBacklogSize],
  ['repl_backlog_first_byte_offset', () => 0],
  ['repl_backlog_histlen', () => 0],
];
