/** Directives of the process and of its periodic work. Rows: see row.ts. */
import type { SynapServer } from '../server.js';
import { INT_MAX } from './figures.js';
import { oomScores, shutdownWords } from './lists.js';
import { only, type Row, row } from './row.js';
import { choice, directory, integer, optionalText, text, yesNo } from './scalars.js';

const CRASH = 'a defect is logged with its stack, and V8 reports a crash itself';
const CPUS = 'threads cannot be pinned from here: start the server under taskset';
const OOM = 'the score is not set from here: only no is possible';
const HZ_MAX = 500;

const TITLE_WORDS = ['title', 'listen-addr', 'server-mode', 'port', 'tls-port', 'unixsocket', 'config-file'];

/** A template names only what there is, each in braces. */
function badTemplate(template: string): string | undefined {
  const rest = template.replace(/\{([^{}]*)\}/g, (all, word: string) => (TITLE_WORDS.includes(word) ? '' : all));
  return /[{}]/.test(rest) ? 'template format is invalid or contains unknown variables' : undefined;
}

function logChanged(server: SynapServer): void {
  server.log.level = server.settings.loglevel;
}

export const processRows: readonly Row[] = [
  row('daemonize', yesNo, { set: 'start' }),
  row('supervised', choice('upstart', 'systemd', 'auto', 'no'), { set: 'start' }),
  row('pidfile', optionalText('path'), { set: 'start' }),
  row('loglevel', choice('debug', 'verbose', 'notice', 'warning', 'nothing'), { changed: logChanged }),
  row('logfile', text('path, or empty for the standard output'), { set: 'start' }),
  row('syslog-enabled', yesNo, {
    set: 'start',
    refuse: only(false, 'there is no way to syslog: use logfile, or let the supervisor collect the output'),
  }),
  row('syslog-ident', text(), { set: 'start', without: 'there is no way to syslog' }),
  row(
    'syslog-facility',
    choice('user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'),
    {
      set: 'start',
      without: 'there is no way to syslog',
    },
  ),
  row('databases', integer(1, INT_MAX), { set: 'start' }),
  row('dir', directory, { set: 'protected' }),
  row(
    'hz',
    integer(0, INT_MAX, (n) => Math.min(Math.max(n, 1), HZ_MAX)),
    { changed: (server) => server.cron.restart() },
  ),
  row('dynamic-hz', yesNo, { without: 'periodic work that did not finish goes on at once, in slices, whatever hz is' }),
  row('always-show-logo', yesNo, { set: 'start' }),
  row('set-proc-title', yesNo, { set: 'start' }),
  row('proc-title-template', text('text with {title} and the like', badTemplate), {
    changed: (server) => server.lifecycle.showTitle(),
  }),
  row('locale-collate', text('a locale'), {
    refuse: only('', 'strings are compared byte by byte in SORT ALPHA: only an empty locale is possible'),
  }),
  row('shutdown-timeout', integer(0, INT_MAX), { without: 'there are no replicas to wait for' }),
  row('shutdown-on-sigint', shutdownWords),
  row('shutdown-on-sigterm', shutdownWords),
  row('crash-log-enabled', yesNo, { without: CRASH }),
  row('crash-memcheck-enabled', yesNo, { without: CRASH }),
  row('disable-thp', yesNo, { set: 'start', without: 'no fork copies memory, which is what huge pages make slow' }),
  row('jemalloc-bg-thread', yesNo, { without: 'memory is not allocated with jemalloc' }),
  row('oom-score-adj', choice('no', 'yes', 'relative', 'absolute'), { refuse: only('no', OOM) }),
  row('oom-score-adj-values', oomScores, { without: 'oom-score-adj is no' }),
  row('server_cpulist', optionalText(), { set: 'start', refuse: only('', CPUS) }),
  row('bio_cpulist', optionalText(), { set: 'start', refuse: only('', CPUS) }),
  row('aof_rewrite_cpulist', optionalText(), { set: 'start', refuse: only('', CPUS) }),
  row('bgsave_cpulist', optionalText(), { set: 'start', refuse: only('', CPUS) }),
  row('ignore-warnings', optionalText(), { without: 'the start is not stopped by warnings' }),
];
