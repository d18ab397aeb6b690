/**
 * AppendOnlyService: the log of a server, from its start to its end: loads the dataset, appends, begins new bases, tells how it fares.
 *
 *   start ── recovery.ts ──▶ enabled ──▶ close          appendonly yes
 *   start ── dump.rdb ─────▶ off ──enable──▶ enabled ──disable──▶ off        CONFIG SET appendonly
 *
 * Parts: append-log.ts writes, chain.ts knows the files, rewrite.ts renews them, log-waiters.ts serves WAITAOF.
 */
import path from 'node:path';
import type { AppendOnly } from '../../commands/append-only.js';
import type { Client } from '../../commands/client.js';
import { logFailing, REWRITE_FAILED } from '../../commands/error.js';
import { DATASET_LOADING } from '../../commands/gates.js';
import type { Appendfsync } from '../../commands/settings.js';
import { BASE, NO_SNAPSHOT } from '../../commands/snapshot.js';
import type { SynapServer } from '../server.js';
import { systemReason } from '../system-error.js';
import { AppendLog } from './append-log.js';
import { Chain } from './chain.js';
import { DirectoryLock } from './directory-lock.js';
import { LoadError } from './load-error.js';
import { Loader } from './loader.js';
import type { LogHost } from './log-host.js';
import { LogWaiters } from './log-waiters.js';
import { logDirectory, recoverLog, recoverSnapshot } from './recovery.js';
import { Rewrite } from './rewrite.js';
import { sweepSnapshots } from './snapshot-file.js';

/** Between two lines of log that tell that the disk refuses, ms. */
const TELL_FAILURE_MS = 30_000;

export class AppendOnlyService implements AppendOnly, LogHost {
  enabled = false;
  /** It was switched on, and its first base has not begun. */
  private switching = false;
  loading: Loader | undefined = undefined;
  loaded: Loader | undefined = undefined;
  private readonly server: SynapServer;
  private readonly waiters: LogWaiters;
  private lock: DirectoryLock | undefined = undefined;
  private chain: Chain | undefined = undefined;
  private renewal: Rewrite | undefined = undefined;
  /** Changes are given to the log. */
  private attached = false;
  /** A new base is wanted for a reason of our own: files of Redis, a sync that failed, a log that was switched on. */
  private wantsBase = false;
  /** It was wanted when the present rewrite began. */
  private wantedBase = false;
  private failure: NodeJS.ErrnoException | undefined = undefined;
  private failureToldAt = Number.NEGATIVE_INFINITY;
  private stopping: Promise<void> = Promise.resolve();
  private delayedBefore = 0;

  constructor(server: SynapServer) {
    this.server = server;
    this.waiters = new LogWaiters(server, () => this.log?.synced ?? Number.POSITIVE_INFINITY);
  }

  private get log(): AppendLog | undefined {
    return this.chain?.log;
  }

  // ---- start and end ------------------------------------------------------------------------------------------------------------

  /** Before anybody can connect: lets commands wait for the dataset. */
  prepare(): void {
    this.server.gates |= DATASET_LOADING;
  }

  private takeDirectory(): void {
    if (this.lock !== undefined) return;
    const { files, settings } = this.server;
    const dir = path.resolve(settings.dir);
    const lock = new DirectoryLock(files, dir);
    const reason = lock.take();
    if (reason !== undefined) throw new LoadError(dir, -1, 'the data directory is in use', reason);
    this.lock = lock;
    sweepSnapshots(files, dir);
  }

  /**
   * Takes the data directory and loads the dataset; resolves when commands may run.
   * @throws LoadError, also when another server has the directory; system errors
   */
  async start(): Promise<void> {
    const { server } = this;
    const { settings } = server;
    const loader = new Loader(server);
    this.loading = loader;
    try {
      if (settings.appendonly || settings.save.length > 0) this.takeDirectory();
      if (settings.appendonly) await this.recover(loader);
      else await recoverSnapshot(server, loader);
    } finally {
      this.loading = undefined;
    }
    this.loaded = loader;
    server.snapshot.loaded();
    server.gates &= ~DATASET_LOADING;
    if (loader.totalBytes === 0) return;
    const seconds = ((performance.now() - loader.began) / 1000).toFixed(3);
    server.log.notice(`DB loaded: ${loader.totalBytes} bytes in ${seconds} seconds`);
  }

  private async recover(loader: Loader): Promise<void> {
    const recovered = await recoverLog(this.server, loader);
    const chain = Chain.recovered(recovered);
    this.attach(
      chain,
      new AppendLog(this.server.files, this.server.holding, this, recovered.segment, recovered.sequence),
    );
    chain.collectHistory();
    this.wantsBase = recovered.foreign;
  }

  /** From now on every change is appended to `log`. */
  private attach(chain: Chain, log: AppendLog): void {
    const { server } = this;
    chain.keepsHistory = () => server.settings.aofDisableAutoGc;
    chain.log = log;
    this.chain = chain;
    this.renewal = new Rewrite(server, chain, () => this.baseFailed());
    this.attached = true;
    log.start();
    server.effects.start(log.taker);
    this.enabled = true;
  }

  /** Ends it: what was executed is safe when this resolves, unless the disk refuses. */
  async close(): Promise<void> {
    this.disable();
    await this.stopping;
    this.waiters.close();
    this.lock?.release();
    this.lock = undefined;
  }

  /** CONFIG SET appendonly yes. @throws LoadError, system errors: then it stays off */
  enable(): void {
    if (this.enabled) return;
    this.takeDirectory();
    const directory = logDirectory(this.server);
    directory.make();
    this.enabled = this.switching = true;
    this.stopping = this.stopping
      .then(() => this.switchOn())
      .finally(() => {
        this.switching = false;
      })
      .catch((e: Error) => {
        this.enabled = false;
        this.server.settings.appendonly = false;
        this.server.log.warning(`The log could not be switched on: ${e.message}`);
      });
  }

  private async switchOn(): Promise<void> {
    const { server } = this;
    if (!this.enabled) return;
    const directory = logDirectory(server);
    const old = directory.read();
    const history = old === undefined ? [] : [...old.history, ...old.incremental];
    if (old?.base !== undefined) history.push(old.base);
    const chain = new Chain(directory, { base: undefined, incremental: [], history }, false);
    const segment = await chain.prepareSegment();
    if (!this.enabled) {
      server.files.close(segment.fd);
      return chain.abandon();
    }
    this.attach(chain, new AppendLog(server.files, server.holding, this, segment, server.holding.sequence));
    this.wantsBase = true;
    this.check();
  }

  /** CONFIG SET appendonly no: what was appended stays, and is safe soon. */
  disable(): void {
    this.enabled = false;
    const { chain, renewal } = this;
    if (chain?.log === undefined || !this.attached) return;
    this.attached = false;
    const { log } = chain;
    this.server.effects.start(undefined);
    if (renewal?.running && this.server.snapshot.running === BASE) this.server.snapshot.cancel();
    renewal?.cancel();
    this.wantsBase = false;
    this.delayedBefore += log.delayed;
    this.stopping = log.stop().then(async (whole) => {
      if (!whole) this.server.log.warning('The log could not be written to its end: the last changes are lost');
      await chain.abandon();
      chain.log = undefined;
      this.waiters.releaseAll();
      this.failed(undefined);
    });
  }

  // ---- what the log asks --------------------------------------------------------------------------------------------------------

  policy(): Appendfsync {
    const { settings, snapshot } = this.server;
    return settings.noAppendfsyncOnRewrite && snapshot.running !== NO_SNAPSHOT ? 'no' : settings.appendfsync;
  }

  compresses(): boolean {
    return this.server.settings.aofCompression;
  }

  wantsSync(): boolean {
    return this.waiters.wantSync;
  }

  synced(): void {
    this.waiters.release();
    this.syncForWaiters();
  }

  failed(error: NodeJS.ErrnoException | undefined): void {
    const { diskFailure, log } = this.server;
    if (error !== undefined) {
      diskFailure.set('log', logFailing(systemReason(error)));
      const now = performance.now();
      if (this.failure?.code !== error.code || now - this.failureToldAt > TELL_FAILURE_MS) {
        log.warning(`The log cannot be written: ${systemReason(error)}. Writes are refused until it can.`);
        this.failureToldAt = now;
      }
    } else if (this.failure !== undefined) {
      diskFailure.set('log', undefined);
      log.warning('The log can be written again');
    }
    this.failure = error;
  }

  doubted(): void {
    this.wantsBase = true;
  }

  settled(): void {
    const { server } = this;
    if (server.scheduled.length === 0) return;
    server.beginTurn();
    server.endTurn();
  }

  // ---- new bases ----------------------------------------------------------------------------------------------------------------

  /** Several times a second: begins what is due. */
  check(): void {
    const { renewal, chain, server } = this;
    this.waiters.expire();
    if (server.snapshot.running !== NO_SNAPSHOT || renewal === undefined || renewal.running) return;
    if (renewal.scheduled) {
      this.rewrite(false);
      return;
    }
    // While the disk refuses, a base would fail too.
    if (!this.enabled || chain?.log === undefined || !renewal.isDue || !this.writeOk) return;
    const { autoAofRewritePercentage, autoAofRewriteMinSize } = server.settings;
    const grown =
      autoAofRewritePercentage > 0 && chain.size > autoAofRewriteMinSize && chain.growth >= autoAofRewritePercentage;
    if (!grown && !this.wantsBase) return;
    this.rewrite(false);
  }

  private baseFailed(): void {
    this.wantsBase ||= this.wantedBase;
  }

  rewrite(later: boolean): boolean {
    if (this.renewal === undefined) {
      // Without a log a base alone is made, as Redis does.
      this.chain = this.closedChain();
      this.renewal = new Rewrite(this.server, this.chain, () => this.baseFailed());
    }
    if (!this.renewal.start(later)) return false;
    this.wantedBase = this.wantsBase;
    this.wantsBase = false;
    return true;
  }

  /** What there is of a log that is off. @throws REWRITE_FAILED */
  private closedChain(): Chain {
    const directory = logDirectory(this.server);
    try {
      this.takeDirectory();
      directory.make();
      return new Chain(directory, directory.read() ?? { base: undefined, incremental: [], history: [] }, true);
    } catch (e) {
      this.server.log.warning(`The log could not be given a new base: ${(e as Error).message}`);
      throw REWRITE_FAILED;
    }
  }

  // ---- clients ------------------------------------------------------------------------------------------------------------------

  await(c: Client, local: number, replicas: number, deadline: number): void {
    this.waiters.await(c, local, replicas, deadline);
    this.syncForWaiters();
  }

  /** When nobody else syncs: after this round of the event loop, when what is waited for is written. */
  private syncForWaiters(): void {
    if (this.waiters.wantSync && this.policy() === 'no') setImmediate(() => this.log?.sync());
  }

  forget(c: Client): void {
    this.waiters.forget(c);
  }

  unblock(c: Client, error: boolean): boolean {
    return this.waiters.unblock(c, error);
  }

  get waiting(): number {
    return this.waiters.size;
  }

  get waitingTimed(): number {
    return this.waiters.timed;
  }

  // ---- figures ------------------------------------------------------------------------------------------------------------------

  get rewriting(): boolean {
    return this.switching || (this.renewal?.running ?? false);
  }

  get scheduled(): boolean {
    return this.renewal?.scheduled ?? false;
  }

  get rewrites(): number {
    return this.renewal?.count ?? 0;
  }

  get failures(): number {
    return this.renewal?.failures ?? 0;
  }

  get lastSeconds(): number {
    return this.renewal?.lastSeconds ?? -1;
  }

  get currentSeconds(): number {
    return this.renewal?.currentSeconds ?? -1;
  }

  get lastRewriteOk(): boolean {
    return this.renewal?.lastOk ?? true;
  }

  get writeOk(): boolean {
    return this.failure === undefined;
  }

  get size(): number {
    return this.chain?.size ?? 0;
  }

  get baseSize(): number {
    return this.chain?.sizeThen ?? 0;
  }

  get pending(): number {
    return this.log?.pending ?? 0;
  }

  get syncs(): number {
    return Number(this.log?.syncing ?? false);
  }

  get delayedSyncs(): number {
    return this.delayedBefore + (this.log?.delayed ?? 0);
  }
}
