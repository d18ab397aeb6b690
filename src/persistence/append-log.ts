/**
 * AppendLog: appends effects to the current segment and knows how far they are safe.
 *
 *   effect -> FrameWriter ... end of this round of the event loop -> one write for all -> (fdatasync) -> held replies leave
 *
 * everysec, no: a write when the loop has done what had arrived; replies follow it. A timer syncs, in the thread pool.
 * always: a write that syncs, in the thread pool, one at a time; what comes meanwhile goes with the next (group commit).
 *
 * When the disk refuses, everything stays in memory and is tried again; `failing` makes dispatch refuse writes until it has worked.
 * Read before: frame-writer.ts, holding.ts.
 */
import type { Files } from './files.js';
import { FrameWriter } from './frame-writer.js';
import { Gathering } from './gathering.js';
import type { Holding, Writer } from './holding.js';
import type { LogHost, OpenSegment } from './log-host.js';
import { LogTaker } from './log-taker.js';
import { SegmentFile } from './segment-file.js';

/** Between two attempts to write while the disk refuses, ms. */
const RETRY_MS = 100;
/** Between two syncs of `everysec`, ms. */
const SYNC_MS = 1000;
/** How long a write waits for a sync that runs, ms: beside one the kernel may block it. */
const POSTPONE_MS = 2000;
/** With this much (bytes) to be written nobody's commands are executed. */
const FULL_AT = 64 * 1024 * 1024;
/** How long a flight that waits for clients is not looked after when none comes, ms. */
const BACKSTOP_MS = 1;
/** Flights of more (bytes) gain nothing by zeros that were written ahead. */
const RESERVE_BELOW = 64 * 1024;
/** A frame of this length (bytes) is ended between two commands. */
const CUT_AT = 1024 * 1024;

// What the disk may refuse.
const WRITE = 1;
const SYNC = 2;

export class AppendLog implements Writer {
  /** Takes the effects. */
  readonly taker: LogTaker;
  /** The last frame that was written, and that is safe on disk. */
  written: number;
  synced: number;
  /** Writes that waited for a sync in vain. */
  delayed = 0;
  /** What the disk refuses: WRITE, SYNC. */
  private failing = 0;
  syncing = false;
  private readonly files: Files;
  private readonly holding: Holding;
  private readonly host: LogHost;
  private readonly frames: FrameWriter;
  segment: SegmentFile;
  private booked = false;
  /** Bytes that the thread pool writes. */
  private flying: Uint8Array | undefined = undefined;
  private flyingBytes = 0;
  private flyingTo = 0;
  /** Whether the thread pool has it now. */
  private airborne = false;
  /** The segment before this one is being synced: nothing is written until it is safe. */
  private sealing = false;
  private postponedAt = 0;
  private retry: NodeJS.Timeout | undefined = undefined;
  private timer: NodeJS.Timeout | undefined = undefined;
  private backstop: NodeJS.Timeout | undefined = undefined;
  private readonly gathering = new Gathering();
  private readonly whenIdle: (() => void)[] = [];
  private readonly onRound = (): void => this.round();
  private readonly onFlown = (e: NodeJS.ErrnoException | null): void => (e === null ? this.landed() : this.fail(e));
  private readonly onReserved = (): void => this.goOn();

  /**
   * @param sequence that of the last frame of the log, all of which is safe
   */
  constructor(files: Files, holding: Holding, host: LogHost, segment: OpenSegment, sequence: number) {
    this.files = files;
    this.holding = holding;
    this.host = host;
    this.segment = new SegmentFile(files, segment);
    this.frames = new FrameWriter(sequence, segment.seed);
    this.taker = new LogTaker(this.frames, holding, () => this.book());
    this.written = this.synced = sequence;
    holding.sequence = holding.safe = sequence;
  }

  /** The sequence of the last frame. */
  get sequence(): number {
    return this.frames.sequence;
  }

  /** Bytes that are not written yet. */
  get pending(): number {
    return this.frames.pos + this.flyingBytes;
  }

  start(): void {
    this.holding.writer = this;
    this.timer = setInterval(() => this.tick(), SYNC_MS);
    this.timer.unref();
  }

  // ---- gathering ----------------------------------------------------------------------------------------------------------------

  cut(): void {
    if (this.frames.openBytes >= CUT_AT) this.close();
    if (this.pending >= FULL_AT) this.holding.full = true;
    if (this.gathering.active) this.book();
  }

  private close(): void {
    this.frames.close(this.synced, this.host.compresses());
  }

  writeThrough(): boolean {
    if (this.host.policy() !== 'always') this.flush();
    return !this.holding.unsafe;
  }

  /** The event loop has done what had arrived. */
  private round(): void {
    this.booked = false;
    if (this.gathering.active && this.gathering.waits(this.holding.size)) this.awaitClients();
    this.flush();
    this.host.settled();
  }

  /** The next flight waits: a round follows with everyone who comes (`cut`), and one in any case. */
  private awaitClients(): void {
    if (this.backstop === undefined) this.backstop = setTimeout(this.onRound, BACKSTOP_MS).unref();
    else this.backstop.refresh();
  }

  private book(): void {
    if (this.booked) return;
    this.booked = true;
    setImmediate(this.onRound);
  }

  // ---- writing ------------------------------------------------------------------------------------------------------------------

  private flush(): void {
    if (this.flying !== undefined || this.retry !== undefined) return;
    if (this.frames.pos === 0) return this.release();
    const policy = this.host.policy();
    if (this.sealing || (policy !== 'always' && this.segment.isReserving)) {
      if (policy !== 'always') this.postponed();
      return;
    }
    if (policy === 'always') return this.gathering.active ? undefined : this.launch();
    if (this.syncing && policy === 'everysec' && this.mayPostpone()) return this.postponed();
    this.postponedAt = 0;
    this.writeNow();
  }

  /** Whether the sync that runs has not kept writes waiting for too long. */
  private mayPostpone(): boolean {
    const now = performance.now();
    this.postponedAt ||= now;
    if (now - this.postponedAt < POSTPONE_MS) return true;
    this.delayed++;
    return false;
  }

  /** Replies leave before the write, as with Redis while a sync runs: `everysec` promises no more. */
  private postponed(): void {
    this.close();
    if (this.frames.pos < FULL_AT) this.holding.release(this.frames.sequence);
  }

  /** Writes what was gathered, and waits for it. @returns whether it went well */
  private writeNow(): boolean {
    const { frames } = this;
    this.close();
    try {
      this.segment.append(frames.buf, frames.pos);
    } catch (e) {
      this.fail(e as NodeJS.ErrnoException);
      return false;
    }
    frames.written();
    this.written = frames.sequence;
    this.works(WRITE);
    this.release();
    return true;
  }

  /** Gives what was gathered to the thread pool, to be written and synced. */
  private launch(): void {
    const { frames } = this;
    this.close();
    this.flyingBytes = frames.pos;
    this.flyingTo = frames.sequence;
    this.flying = frames.lend();
    const follows = this.gathering.launched();
    this.fly();
    // While flight follows flight and none is large, zeros are written ahead of them.
    if (follows && this.flyingBytes <= RESERVE_BELOW)
      this.segment.reserve(this.segment.size + this.flyingBytes, this.onReserved);
  }

  private fly(): void {
    this.airborne = true;
    // A write that syncs is one trip to the thread pool, but makes only itself safe, not what was written before.
    this.segment.appendSafely(this.flying!, this.flyingBytes, this.synced === this.written, this.onFlown);
  }

  /** What flew is safe. */
  private landed(): void {
    this.airborne = false;
    this.frames.giveBack(this.flying!);
    this.flying = undefined;
    this.flyingBytes = 0;
    this.written = this.synced = this.flyingTo;
    this.works(WRITE | SYNC);
    const waits = this.gathering.landed(this.holding.size);
    // What is gathered goes on its way before the replies do: sending them takes about as long as a flight.
    if (!waits && this.whenIdle.length === 0) this.flush();
    this.release();
    if (waits) this.awaitClients();
    this.host.synced();
    this.goOn();
  }

  /** Something in the thread pool has ended. */
  private goOn(): void {
    this.idle();
    this.flush();
    this.host.settled();
  }

  /** Tells how far all is safe, so that replies leave. */
  private release(): void {
    const { holding } = this;
    if (holding.full && this.pending < FULL_AT / 2) holding.full = false;
    holding.release(this.host.policy() === 'always' ? this.synced : this.written);
  }

  // ---- when the disk refuses ----------------------------------------------------------------------------------------------------

  private fail(e: NodeJS.ErrnoException): void {
    this.airborne = false;
    this.segment.cut();
    this.fails(WRITE, e);
    this.holding.release(this.holding.safe); // who has only looked is told
    this.idle();
  }

  /** A sync has failed: what was written may be gone though the kernel shows it. */
  private doubt(e: NodeJS.ErrnoException): void {
    this.fails(SYNC, e);
    this.host.doubted();
  }

  private fails(what: number, e: NodeJS.ErrnoException): void {
    this.failing |= what;
    this.holding.failing = true;
    this.host.failed(e);
    this.retry ??= setTimeout(() => this.tryAgain(), RETRY_MS);
    this.retry.unref();
  }

  private tryAgain(): void {
    this.retry = undefined;
    if (this.flying !== undefined) {
      if (!this.airborne) this.fly();
    } else {
      if (this.frames.pos === 0 && this.written === this.synced) this.works(WRITE | SYNC);
      this.sync();
      this.flush();
    }
    this.host.settled();
  }

  private works(what: number): void {
    if ((this.failing & what) === 0) return;
    this.failing &= ~what;
    if (this.failing !== 0) return;
    this.holding.failing = false;
    this.host.failed(undefined);
  }

  // ---- syncing ------------------------------------------------------------------------------------------------------------------

  private tick(): void {
    if (this.host.policy() !== 'no' || this.host.wantsSync()) this.sync();
  }

  /** Makes safe what is written, in the thread pool, unless that is happening. */
  sync(): void {
    if (this.syncing || this.sealing || this.flying !== undefined || this.written === this.synced) return;
    const upTo = this.written;
    this.syncing = true;
    this.files.datasync(this.segment.fd, (e) => {
      this.syncing = false;
      if (e === null) this.safeUpTo(upTo);
      else this.doubt(e);
      this.goOn();
    });
  }

  private safeUpTo(sequence: number): void {
    if (sequence > this.synced) this.synced = sequence;
    this.works(SYNC);
    this.release();
    this.host.synced();
  }

  // ---- segments -----------------------------------------------------------------------------------------------------------------

  /** Whether nothing is on its way to the disk, and the last attempt went well. */
  get isIdle(): boolean {
    return this.flying === undefined && !this.isBusy && this.failing === 0;
  }

  private get isBusy(): boolean {
    return this.airborne || this.syncing || this.sealing || this.segment.isReserving;
  }

  /** Calls back when nothing is on its way to the disk, or the disk refuses; not before the present turn has ended. */
  onIdle(done: () => void): void {
    if (this.isBusy) this.whenIdle.push(done);
    else setImmediate(done);
  }

  private idle(): void {
    if (this.whenIdle.length === 0 || this.isBusy) return;
    for (const done of this.whenIdle.splice(0)) done();
  }

  /**
   * Goes on in another segment: what was told so far stands in the old one, which is synced before anything is written to the new one.
   * Must only be called while `isIdle`, between commands.
   * @param segment has no frames yet
   * @returns false when what was gathered could not be written: nothing has changed then
   */
  switchTo(segment: OpenSegment): boolean {
    if (this.frames.pos > 0 && !this.writeNow()) return false;
    const old = this.segment;
    const upTo = this.written;
    this.segment = new SegmentFile(this.files, segment);
    this.frames.seed = segment.seed;
    this.sealing = true;
    this.files.datasync(old.fd, (e) => {
      this.sealing = false;
      old.close();
      if (e === null) this.safeUpTo(upTo);
      else this.doubt(e);
      this.goOn();
    });
    return true;
  }

  /**
   * Ends it: writes and syncs what there is, waiting for the disk.
   * @returns whether all of it is safe
   */
  async stop(): Promise<boolean> {
    clearInterval(this.timer);
    clearTimeout(this.backstop);
    while (this.isBusy) await new Promise<void>((done) => this.onIdle(done));
    clearTimeout(this.retry);
    this.retry = undefined;
    const whole = this.finish();
    clearTimeout(this.retry);
    this.holding.writer = undefined;
    this.segment.close();
    return whole;
  }

  private finish(): boolean {
    const { files, segment } = this;
    try {
      if (this.flying !== undefined) segment.append(this.flying, this.flyingBytes);
      this.flying = undefined;
      this.flyingBytes = 0;
      if (this.frames.pos > 0 && !this.writeNow()) return false;
      files.datasyncSync(segment.fd);
    } catch (e) {
      this.host.failed(e as NodeJS.ErrnoException);
      return false;
    }
    this.written = this.synced = this.frames.sequence;
    this.release();
    return true;
  }
}
