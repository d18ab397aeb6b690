/** Settings: one plain object with what can be configured, named after Redis's directives. src/config reads the command line. */
export class Settings {
  /** TCP port; 0 takes a free one. */
  port = 6379;
  /** Listen on no TCP port: what `--port 0` means on the command line. */
  noTcp = false;
  bind: string[] = ['127.0.0.1', '-::1'];
  protectedMode = true;
  requirepass = '';
  maxclients = 10000;
  databases = 16;
  /** Seconds between keep-alive probes; 0 for none. */
  tcpKeepalive = 300;
  tcpBacklog = 511;
  unixsocket = '';
  unixsocketperm = 0;
  loglevel: 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing' = 'notice';
  /** Longest bulk, bytes. */
  protoMaxBulkLen = 512 * 1024 * 1024;
  /** Most bytes of one client's unexecuted input. */
  clientQueryBufferLimit = 1024 * 1024 * 1024;
  /** Rounds of background work a second. */
  hz = 10;
}
