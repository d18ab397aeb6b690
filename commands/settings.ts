/**
 * Settings: the configuration of one server, one typed field a directive. A field's name is the directive's in camel case
 * (`maxmemory-policy` is `maxmemoryPolicy`), without exception, so either can be guessed from the other; what engines read
 * lives in `limits` under the same rule.
 *
 * Data only: reading and writing text, bounds, aliases and the rest of CONFIG's behaviour stand in src/config/ (start at
 * table.ts). Handlers and services read fields directly and never cache one, because CONFIG SET changes them in place.
 * Units: bytes, and seconds where a comment does not say otherwise.
 */
import { Limits } from '../storage/limits.js';

/** One `save` pair: write a snapshot when `changes` or more changes are `seconds` or more old. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** Output of one class of clients: closed above `hardBytes`, or when above `softBytes` for `softSeconds`. 0 = no limit. */
export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

/** Output limits by class of client; the class that Redis calls `slave` or `replica` is `replica` here. */
export interface OutputLimits {
  readonly normal: OutputLimit;
  readonly replica: OutputLimit;
  readonly pubsub: OutputLimit;
}

/** One `rename-command`: an empty `to` takes the command away. */
export interface CommandRename {
  readonly from: string;
  readonly to: string;
}

export type Access = 'no' | 'yes' | 'local';
export type Appendfsync = 'everysec' | 'always' | 'no';
export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing';
export type MaxmemoryPolicy =
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'noeviction';
export type ShutdownWord = 'default' | 'save' | 'nosave' | 'now' | 'force';
export type Supervised = 'upstart' | 'systemd' | 'auto' | 'no';
export type SyslogFacility =
  | 'user'
  | 'local0'
  | 'local1'
  | 'local2'
  | 'local3'
  | 'local4'
  | 'local5'
  | 'local6'
  | 'local7';

export class Settings {
  /** What storage engines read. */
  readonly limits = new Limits();

  // Network and clients
  /** Addresses to listen on; `-` before one: do not fail when this machine lacks it; `*` and `::*`: all. Loopback unless asked. */
  bind: string[] = ['127.0.0.1', '-::1'];
  bindSourceAddr = '';
  /** TCP port; 0 takes a free one, unless `noTcp`. */
  port = 6379;
  /** Listen on no TCP port: what the directive `port 0` means. Not a directive itself. */
  noTcp = false;
  tcpBacklog = 511;
  /** Port of the HTTP gateway that a process starts beside the server; 0: none. An embedded server starts none. */
  gatewayPort = 0;
  gatewayBind = '127.0.0.1';
  /** Path of a Unix socket; '' = none. */
  unixsocket = '';
  /** Permission bits of the Unix socket; 0 = what the umask leaves. */
  unixsocketperm = 0;
  /** Seconds after which an idle client is closed; 0 = never. */
  timeout = 0;
  /** Seconds between TCP keep-alive probes; 0 = none. */
  tcpKeepalive = 300;
  /** Whether clients of other machines are refused while there is no password and no `bind`. */
  protectedMode = true;
  requirepass = '';
  maxclients = 10000;
  /** Memory of all clients together that starts disconnections; below 0 = minus that many percent of maxmemory; 0 = no limit. */
  maxmemoryClients = 0;
  clientQueryBufferLimit = 1024 * 1024 * 1024;
  clientOutputBufferLimit: OutputLimits = {
    normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
    replica: { hardBytes: 256 * 1024 * 1024, softBytes: 64 * 1024 * 1024, softSeconds: 60 },
    pubsub: { hardBytes: 32 * 1024 * 1024, softBytes: 8 * 1024 * 1024, softSeconds: 60 },
  };
  /** Longest bulk of a request. */
  protoMaxBulkLen = 512 * 1024 * 1024;
  /** Keys that the table of CLIENT TRACKING may remember; 0 = no limit. */
  trackingTableMaxKeys = 1000000;
  socketMarkId = 0;
  ioThreads = 1;
  ioThreadsDoReads = false;
  enableProtectedConfigs: Access = 'no';
  enableDebugCommand: Access = 'no';
  enableModuleCommand: Access = 'no';
  renameCommand: CommandRename[] = [];

  // Process
  daemonize = false;
  supervised: Supervised = 'no';
  /** Path of the pid file; '' = none. */
  pidfile = '';
  loglevel: LogLevel = 'notice';
  /** Path of the log; '' = standard output. */
  logfile = '';
  syslogEnabled = false;
  syslogIdent = 'redis';
  syslogFacility: SyslogFacility = 'local0';
  databases = 16;
  /** Working directory. Relative until the server resolves it at start. */
  dir = '.';
  /** Runs of the periodic work a second. */
  hz = 10;
  dynamicHz = true;
  alwaysShowLogo = false;
  setProcTitle = true;
  procTitleTemplate = '{title} {listen-addr} {server-mode}';
  localeCollate = '';
  /** Seconds that a shutdown waits for replicas. */
  shutdownTimeout = 10;
  shutdownOnSigint: ShutdownWord[] = ['default'];
  shutdownOnSigterm: ShutdownWord[] = ['default'];
  crashLogEnabled = true;
  crashMemcheckEnabled = true;
  disableThp = true;
  jemallocBgThread = true;
  oomScoreAdj: 'no' | 'yes' | 'relative' | 'absolute' = 'no';
  oomScoreAdjValues: number[] = [0, 200, 800];
  serverCpulist = '';
  bioCpulist = '';
  aofRewriteCpulist = '';
  bgsaveCpulist = '';
  ignoreWarnings = '';

  // Memory
  /** Bytes of data above which keys are evicted; 0 = no limit. */
  maxmemory = 0;
  maxmemoryPolicy: MaxmemoryPolicy = 'noeviction';
  /** Keys looked at for each eviction. */
  maxmemorySamples = 5;
  /** Effort of eviction, 0 to 100: 10 = default time slice, 100 = no limit of time. */
  maxmemoryEvictionTenacity = 10;
  /** Effort of the active expire cycle, 1 to 10. */
  activeExpireEffort = 1;
  lazyfreeLazyEviction = false;
  lazyfreeLazyExpire = false;
  lazyfreeLazyServerDel = false;
  lazyfreeLazyUserDel = false;
  lazyfreeLazyUserFlush = false;
  activerehashing = true;
  listCompressDepth = 0;
  activedefrag = false;
  activeDefragIgnoreBytes = 100 * 1024 * 1024;
  activeDefragThresholdLower = 10;
  activeDefragThresholdUpper = 100;
  activeDefragCycleMin = 1;
  activeDefragCycleMax = 25;
  activeDefragMaxScanFields = 1000;
  /** Whether payloads of RESTORE are checked in depth: always, never, or when they come from an ordinary client. */
  sanitizeDumpPayload: 'no' | 'yes' | 'clients' = 'no';

  // Observation and scripts
  /** Microseconds from which a command enters the slow log; 0 = every command, below 0 = none. */
  slowlogLogSlowerThan = 10000;
  slowlogMaxLen = 128;
  /** Milliseconds from which an event enters LATENCY's history; 0 = off. */
  latencyMonitorThreshold = 0;
  latencyTracking = true;
  /** Percentiles (0 to 100) of INFO latencystats. */
  latencyTrackingInfoPercentiles: number[] = [50, 99, 99.9];
  /** Classes of keyspace events to publish: bits of commands/events.ts. */
  notifyKeyspaceEvents = 0;
  acllogMaxLen = 128;
  aclfile = '';
  aclPubsubDefault: 'allchannels' | 'resetchannels' = 'resetchannels';
  /** Milliseconds after which a script counts as slow and other clients are answered BUSY; 0 or below = never. */
  busyReplyThreshold = 5000;

  // Persistence
  /** Save points; empty = no automatic snapshots. */
  save: SavePoint[] = [
    { seconds: 3600, changes: 1 },
    { seconds: 300, changes: 100 },
    { seconds: 60, changes: 10000 },
  ];
  dbfilename = 'dump.rdb';
  rdbcompression = true;
  rdbchecksum = true;
  rdbDelSyncFiles = false;
  rdbSaveIncrementalFsync = true;
  stopWritesOnBgsaveError = true;
  appendonly = false;
  appendfsync: Appendfsync = 'everysec';
  appendfilename = 'appendonly.aof';
  appenddirname = 'appendonlydir';
  noAppendfsyncOnRewrite = false;
  /** Growth in percent since the last rewrite that starts the next; 0 = never. */
  autoAofRewritePercentage = 100;
  autoAofRewriteMinSize = 64 * 1024 * 1024;
  aofLoadTruncated = true;
  aofUseRdbPreamble = true;
  aofRewriteIncrementalFsync = true;
  aofTimestampEnabled = false;
  aofDisableAutoGc = false;
  /** Whether what is appended is compressed. A Synap feature. */
  aofCompression = false;

  // Replication. None yet: files and tools name these.
  /** `host port`; '' = a master. */
  replicaof = '';
  masterauth = '';
  masteruser = '';
  replicaReadOnly = true;
  replicaServeStaleData = true;
  replicaLazyFlush = false;
  replicaPriority = 100;
  replicaIgnoreMaxmemory = true;
  replicaIgnoreDiskWriteErrors = false;
  replicaAnnounced = true;
  replicaAnnounceIp = '';
  replicaAnnouncePort = 0;
  propagationErrorBehavior: 'ignore' | 'panic' | 'panic-on-replicas' = 'ignore';
  replDisklessSync = true;
  /** Seconds to wait for more replicas before a diskless transfer. */
  replDisklessSyncDelay = 5;
  replDisklessSyncMaxReplicas = 0;
  replDisklessLoad: 'disabled' | 'on-empty-db' | 'swapdb' = 'disabled';
  replDisableTcpNodelay = false;
  replBacklogSize = 1024 * 1024;
  /** Seconds after the last replica left until the backlog is freed; 0 = never. */
  replBacklogTtl = 3600;
  replTimeout = 60;
  replPingReplicaPeriod = 10;
  minReplicasToWrite = 0;
  /** Seconds. */
  minReplicasMaxLag = 10;

  // Cluster. None yet.
  clusterEnabled = false;
  clusterConfigFile = 'nodes.conf';
  /** Milliseconds. */
  clusterNodeTimeout = 15000;
  clusterPort = 0;
  clusterReplicaValidityFactor = 10;
  clusterReplicaNoFailover = false;
  clusterMigrationBarrier = 1;
  clusterAllowReplicaMigration = true;
  clusterRequireFullCoverage = true;
  clusterAllowReadsWhenDown = false;
  clusterAllowPubsubshardWhenDown = true;
  clusterLinkSendbufLimit = 0;
  clusterAnnounceIp = '';
  clusterAnnouncePort = 0;
  clusterAnnounceTlsPort = 0;
  clusterAnnounceBusPort = 0;
  clusterAnnounceHostname = '';
  clusterAnnounceHumanNodename = '';
  clusterPreferredEndpointType: 'ip' | 'hostname' | 'unknown-endpoint' = 'ip';

  // TLS. None yet.
  tlsPort = 0;
  tlsCluster = false;
  tlsReplication = false;
  tlsAuthClients: 'no' | 'yes' | 'optional' = 'yes';
  tlsPreferServerCiphers = false;
  tlsSessionCaching = true;
  tlsSessionCacheSize = 20480;
  /** Seconds. */
  tlsSessionCacheTimeout = 300;
  tlsCertFile = '';
  tlsKeyFile = '';
  tlsKeyFilePass = '';
  tlsClientCertFile = '';
  tlsClientKeyFile = '';
  tlsClientKeyFilePass = '';
  tlsDhParamsFile = '';
  tlsCaCertFile = '';
  tlsCaCertDir = '';
  tlsProtocols = '';
  tlsCiphers = '';
  tlsCiphersuites = '';
}
