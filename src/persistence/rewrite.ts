/**
 * Rewrite: a new base for the log, made beside the server's work.
 *
 *   prepare   a segment is made and put in the manifest
 *   begin     in one moment, between two turns: appending goes on in that segment, and a snapshot begins
 *   end       the snapshot is on disk: the manifest names it and what follows it, and what is older is deleted
 *
 * Whenever the server is killed, what the manifest names is whole: before `end` the old base with all segments, after it the new one.
 * A failure leaves the old chain, longer by a segment.
 */
import { NO_SNAPSHOT } from '../../commands/snapshot.js';
import type { SynapServer } from '../server.js';
import type { Chain } from './chain.js';
import type { OpenSegment } from './log-host.js';
import type { LogFile } from './manifest.js';

/** After a failure the next rewrite that the server begins by itself waits so long, ms, and twice as long after each further one. */
const BACKOFF_MS = 60 * 1000;
const BACKOFF_MAX_MS = 3600 * 1000;
/** While the disk refuses, the moment to begin is looked for again after so long, ms. */
const LOOK_AGAIN_MS = 100;

export class Rewrite {
  running = false;
  scheduled = false;
  count = 0;
  failures = 0;
  lastOk = true;
  lastSeconds = -1;
  private beganAt = 0;
  private notBefore = 0;
  /** Made by an attempt that has not come to use it. */
  private prepared: OpenSegment | undefined = undefined;
  private timer: NodeJS.Timeout | undefined = undefined;
  private readonly server: SynapServer;
  private readonly chain: Chain;

  private readonly failed: () => void;

  /** @param failed is called when one has not come about */
  constructor(server: SynapServer, chain: Chain, failed: () => void) {
    this.server = server;
    this.chain = chain;
    this.failed = failed;
  }

  get currentSeconds(): number {
    return this.running ? Math.floor((this.server.now - this.beganAt) / 1000) : -1;
  }

  /** Begins one, unless that must be `later`, or a snapshot is being written: then it follows. @returns whether it has begun */
  start(later: boolean): boolean {
    if (later || this.server.snapshot.running !== NO_SNAPSHOT) {
      this.scheduled = true;
      return false;
    }
    this.scheduled = false;
    this.running = true;
    this.beganAt = this.server.now;
    this.count++;
    this.server.log.notice('A new base of the log is being written');
    this.prepare().catch((e: Error) => this.fail(e));
    return true;
  }

  /** Whether the server may begin one by itself now. */
  get isDue(): boolean {
    return !this.running && this.server.now >= this.notBefore;
  }

  private async prepare(): Promise<void> {
    if (this.chain.log !== undefined) this.prepared ??= await this.chain.prepareSegment();
    this.look();
  }

  /** Looks for a moment at which nothing is on its way to the disk, and no snapshot is being written. */
  private look(): void {
    const { log } = this.chain;
    if (!this.running) return;
    if (log === undefined) return this.begin(0);
    log.onIdle(() => {
      if (!this.running) return;
      if (this.server.snapshot.running !== NO_SNAPSHOT) {
        this.running = false;
        this.scheduled = true;
        return;
      }
      const { size } = log.segment;
      if (log.isIdle && log.switchTo(this.prepared!)) return this.begin(size);
      this.timer = setTimeout(() => this.look(), LOOK_AGAIN_MS);
      this.timer.unref();
    });
  }

  /**
   * The moment: what was told before stands in the old segments, and the snapshot holds it.
   * @param size bytes of the segment that has ended
   */
  private begin(size: number): void {
    const { server, chain } = this;
    this.prepared = undefined;
    try {
      server.beginTurn();
      const covered = chain.begin(size);
      const path = chain.temporaryBase();
      server.snapshot.begin({ path, done: (e) => this.snapshotDone(path, covered, e) });
    } catch (e) {
      this.fail(e as Error);
    }
  }

  private snapshotDone(path: string, covered: readonly LogFile[], error: Error | undefined): void {
    if (error !== undefined) return this.fail(error);
    this.chain.replaceBase(path, covered).then(
      () => this.end(),
      (e: Error) => this.fail(e),
    );
  }

  private end(): void {
    if (!this.running) return;
    this.running = false;
    this.lastOk = true;
    this.failures = 0;
    this.lastSeconds = Math.floor((this.server.now - this.beganAt) / 1000);
    this.server.log.notice('The log has a new base');
  }

  private fail(e: Error): void {
    if (!this.running) return;
    const { server } = this;
    this.running = false;
    this.lastOk = false;
    this.failures++;
    this.lastSeconds = Math.floor((server.now - this.beganAt) / 1000);
    this.notBefore = server.now + Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (this.failures - 1));
    server.log.warning(`The log could not be given a new base: ${e.message}`);
    this.failed();
  }

  /** Calls it off: the log is being closed. */
  cancel(): void {
    clearTimeout(this.timer);
    if (this.prepared !== undefined) this.server.files.close(this.prepared.fd);
    this.prepared = undefined;
    this.running = this.scheduled = false;
  }
}
