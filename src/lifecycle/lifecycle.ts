/**
 * Lifecycle: how a server ends, by SHUTDOWN or by a signal that its process got, and what its process shows of it. The process
 * itself (exit, signals, title, pid file) belongs to the host; an embedded server has none, and SHUTDOWN then just closes it.
 *
 *   running ──shutdown──▶ closing ──last socket gone──▶ host.ended
 */
import { NO_SHUTDOWN, ReplyError, SHUTDOWN_FAILED } from '../../commands/error.js';
import { DATASET_LOADING } from '../../commands/gates.js';
import type { Lifecycle, ShutdownOptions } from '../../commands/lifecycle.js';
import type { ShutdownWord } from '../../commands/settings.js';
import { DUMP } from '../../commands/snapshot.js';
import type { SynapServer } from '../server.js';

/** The process that a server has for itself. */
export interface Host {
  /** Absolute path of the configuration file. */
  readonly configFile?: string;
  /** Shows `text` as the title of the process. */
  readonly title?: (text: string) => void;
  /** The server has ended by itself. */
  readonly ended?: () => void;
}

export class ServerLifecycle implements Lifecycle {
  private readonly server: SynapServer;
  private readonly host: Host;
  /** Whether a shutdown has begun. */
  closing = false;

  constructor(server: SynapServer, host: Host) {
    this.server = server;
    this.host = host;
  }

  shutdown({ save, force }: ShutdownOptions): void {
    if (this.closing) return;
    const { log, settings } = this.server;
    log.warning('User requested shutdown...');
    // What is not loaded yet must not take the place of what is on disk.
    const isLoading = (this.server.gates & DATASET_LOADING) !== 0;
    if (!isLoading && (save ?? settings.save.length > 0)) this.saveLast(force);
    this.closing = true;
    if (settings.unixsocket !== '') log.notice('Removing the unix socket file.');
    this.server.close().then(() => this.host.ended?.());
  }

  /** The last snapshot, of which nobody has to wait for another. @throws SHUTDOWN_FAILED when it cannot be written, unless `force` */
  private saveLast(force: boolean): void {
    const { log, snapshot } = this.server;
    if (snapshot.running === DUMP) {
      log.warning('There is a child saving an .rdb. Killing it!');
      snapshot.cancel();
    }
    log.notice('Saving the final RDB snapshot before exiting.');
    if (snapshot.save()) return;
    if (!force) {
      log.warning("Error trying to save the DB, can't exit.");
      log.warning('Errors trying to shut down the server. Check the logs for more information.');
      throw SHUTDOWN_FAILED;
    }
    log.warning('Error trying to save the DB. Exit anyway.');
  }

  /** A shutdown waits for nothing that could be called off: there are no replicas. */
  abort(): void {
    throw NO_SHUTDOWN;
  }

  /** Ends the server as shutdown-on-sigterm or shutdown-on-sigint say. */
  signalled(signal: 'SIGTERM' | 'SIGINT'): void {
    const { log, settings } = this.server;
    const words: readonly ShutdownWord[] =
      signal === 'SIGTERM' ? settings.shutdownOnSigterm : settings.shutdownOnSigint;
    log.warning(`Received ${signal} scheduling shutdown...`);
    // Half of what a script does must not be saved.
    if (this.server.scripting.isSuspended) return this.server.scripting.onceIdle(() => this.signalled(signal));
    const save = words.includes('save') ? true : words.includes('nosave') ? false : undefined;
    try {
      this.shutdown({ save, now: words.includes('now'), force: words.includes('force') });
    } catch (e) {
      if (!(e instanceof ReplyError)) throw e;
      log.warning(`${signal} received, but the server could not be shut down: see the lines before`);
    }
  }

  /** Shows proc-title-template, filled in, as the title of the process. */
  showTitle(): void {
    const { settings } = this.server;
    if (!settings.setProcTitle) return;
    const values: Readonly<Record<string, string>> = {
      title: 'synap',
      'listen-addr': settings.noTcp ? settings.unixsocket : `${settings.bind[0] ?? '*'}:${settings.port}`,
      'server-mode': '',
      port: String(settings.port),
      'tls-port': String(settings.tlsPort),
      unixsocket: settings.unixsocket,
      'config-file': this.host.configFile ?? '',
    };
    this.host.title?.(
      settings.procTitleTemplate.replace(/\{([a-z-]+)\}/g, (_, word: string) => values[word]).trimEnd(),
    );
  }
}
