/**
 * Loader: loads files of any kind that a data directory may hold into the databases of a server, in slices, while clients are answered
 * -LOADING. Tells INFO and the log how far it is.
 *
 *   REDIS....   RDB, with commands behind it perhaps: a base, or an old append only file with a preamble
 *   SYNAPLOG    a segment of our log
 *   *           commands: an append only file of Redis, or an increment of one
 *
 * Clocks stand at 0 meanwhile, so nothing expires: a later command may have made a key live longer. Read next: recovery.ts.
 */
import type { LoadingFigures } from '../../commands/append-only.js';
import { Replay, SELECTED } from '../../commands/replay.js';
import { FINISHED, GOES_ON, RdbFileReader } from '../../storage/rdb/file-reader.js';
import { RdbError } from '../../storage/rdb/rdb-error.js';
import type { SynapServer } from '../server.js';
import { CommandReader } from './command-reader.js';
import { FileCursor } from './file-cursor.js';
import { fileKind } from './file-kind.js';
import { ALLOW_CUT, LoadError, REPAIR } from './load-error.js';
import { SEGMENT_HEADER } from './segment.js';
import { SegmentReader } from './segment-reader.js';

/** Time of a slice, ms. */
const SLICE_MS = 2;
/** Commands between two looks at the clock. */
const STEP = 16;
/** Bytes of RDB between two looks at the clock. */
const RDB_STEP = 16 * 1024;
/** Between two lines of log that tell how far it is, ms. */
const TELL_MS = 5000;

/** What a file has come to. */
export interface Loaded {
  /** The sequence of the last frame of the log so far; -1: there is none yet. */
  readonly sequence: number;
  /** Bytes up to which the file is whole; fewer than it has: the rest is torn and must be cut. */
  readonly whole: number;
  /** Of a segment; -1: it has no header, or is none. */
  readonly seed: number;
}

export class Loader implements LoadingFigures {
  readonly startedAt: number;
  /** By the monotonic clock, ms. */
  readonly began = performance.now();
  totalBytes = 0;
  loadedBytes = 0;
  keysLoaded = 0;
  keysExpired = 0;
  /** Why the end of a file was torn; '' : none was. */
  torn = '';
  private readonly server: SynapServer;
  private readonly replay: Replay;
  private readonly commands = new CommandReader();
  /** Within a slice. */
  private inside = false;
  private before = 0;
  private until = 0;
  private toldAt = performance.now();

  constructor(server: SynapServer) {
    this.server = server;
    this.startedAt = server.now;
    this.replay = new Replay(server);
  }

  /**
   * Loads the file at `path`.
   * @param sequence that of the last frame of the log so far; -1: there is none yet
   * @param last whether nothing follows it in the log: then its end may be torn
   * @param now keys of an RDB that had expired by then are left out; 0: none
   * @throws LoadError, system errors
   */
  async file(path: string, sequence: number, last: boolean, now = 0): Promise<Loaded> {
    const { files } = this.server;
    const fd = files.open(path, 'read');
    this.before = this.loadedBytes;
    this.enter();
    try {
      const cursor = new FileCursor(files, fd);
      this.leave();
      await cursor.need(8);
      this.enter();
      const kind = fileKind(cursor.buf, cursor.pos, cursor.end);
      if (kind === 'unknown') throw new LoadError(path, 0, 'this is no file of a log, nor an RDB', REPAIR);
      if (kind === 'segment') return await this.segment(cursor, path, sequence, last);
      if (kind === 'rdb') await this.rdb(cursor, path, now);
      const whole = await this.redisCommands(cursor, path, last);
      return { sequence, whole, seed: -1 };
    } finally {
      this.leave();
      files.close(fd);
    }
  }

  // ---- slices -------------------------------------------------------------------------------------------------------------------

  private enter(): void {
    if (this.inside) return;
    this.inside = true;
    this.server.beginTurn();
    this.replay.begin();
    this.until = performance.now() + SLICE_MS;
  }

  private leave(): void {
    if (!this.inside) return;
    this.inside = false;
    this.replay.end();
  }

  private isOver(): boolean {
    return performance.now() > this.until;
  }

  /** Lets others go first. */
  private async pause(cursor: FileCursor): Promise<void> {
    this.leave();
    this.loadedBytes = this.before + cursor.offset;
    this.tell();
    await new Promise((resolve) => setImmediate(resolve));
    if (this.server.isClosed) throw new Error('the server was closed while it loaded');
    this.enter();
  }

  private async more(cursor: FileCursor): Promise<boolean> {
    this.leave();
    const there = await cursor.more();
    this.enter();
    return there;
  }

  private tell(): void {
    const now = performance.now();
    if (now - this.toldAt < TELL_MS) return;
    this.toldAt = now;
    const { loadedBytes, totalBytes, server } = this;
    server.log.notice(`Loading: ${((100 * loadedBytes) / Math.max(1, totalBytes)).toFixed(1)}% of ${totalBytes} bytes`);
  }

  // ---- our segments -------------------------------------------------------------------------------------------------------------

  private async segment(cursor: FileCursor, path: string, sequence: number, last: boolean): Promise<Loaded> {
    const reader = new SegmentReader(cursor, sequence);
    this.leave();
    await cursor.dropZeros(SEGMENT_HEADER);
    this.enter();
    let found = (await reader.open()) ? reader.next() : 'bad';
    while (found !== 'end') {
      if (found === 'bad') return this.broken(reader, path, last);
      if (found === 'more') await this.more(cursor);
      else await this.frame(reader, cursor, path);
      found = reader.next();
    }
    return { sequence: reader.sequence, whole: reader.whole, seed: reader.seed };
  }

  /** Runs the commands of a frame. */
  private async frame(reader: SegmentReader, cursor: FileCursor, path: string): Promise<void> {
    const { commands, replay } = this;
    commands.set(reader.payload, reader.start, reader.end);
    for (let n = 1; commands.pos < commands.end; n++) {
      const reason =
        commands.next() === 'command' ? replay.run(SELECTED, commands.argv, commands.argc) : 'there is no command';
      if (reason !== undefined)
        throw new LoadError(path, reader.at, `frame ${reader.sequence} cannot be repeated: ${reason}`, REPAIR);
      if (n % STEP === 0 && this.isOver()) await this.pause(cursor);
    }
    if (this.isOver()) await this.pause(cursor);
  }

  private async broken(reader: SegmentReader, path: string, last: boolean): Promise<Loaded> {
    this.leave();
    const { torn, at, reason } = await reader.judge();
    if (!torn || !last) throw new LoadError(path, at, `the log is damaged: ${reason}`, REPAIR);
    this.mayCut(path, at, reason);
    return { sequence: reader.sequence, whole: at, seed: at === 0 ? -1 : reader.seed };
  }

  private mayCut(path: string, at: number, reason: string): void {
    const { log, settings } = this.server;
    if (!settings.aofLoadTruncated) throw new LoadError(path, at, `the end of the log is torn: ${reason}`, ALLOW_CUT);
    this.torn = reason;
    log.warning(
      `${path}: the end of the log is torn at offset ${at} (${reason}). What follows was never safe; it is cut off.`,
    );
  }

  // ---- Redis's files ------------------------------------------------------------------------------------------------------------

  /** Loads an RDB and leaves the cursor behind it. */
  private async rdb(cursor: FileCursor, path: string, now: number): Promise<void> {
    const { databases, settings } = this.server;
    const reader = new RdbFileReader(databases, { now, checksum: settings.rdbchecksum, size: cursor.size });
    const { keysLoaded, keysExpired } = this;
    try {
      for (;;) {
        const state = reader.step(RDB_STEP);
        this.keysLoaded = keysLoaded + reader.keysLoaded;
        this.keysExpired = keysExpired + reader.keysExpired;
        if (state === FINISHED) break;
        if (state !== GOES_ON) {
          if (cursor.pos === cursor.end && !(await this.more(cursor))) reader.end();
          reader.push(cursor.buf.subarray(cursor.pos, cursor.end), cursor.end - cursor.pos);
          cursor.pos = cursor.end;
        }
        if (this.isOver()) await this.pause(cursor);
      }
    } catch (e) {
      if (!(e instanceof RdbError)) throw e;
      throw new LoadError(path, e.offset, e.reason, REPAIR);
    }
    cursor.seek(reader.bytesRead);
  }

  /** Runs the commands from the cursor to the end of the file. @returns the position up to which it is whole */
  private async redisCommands(cursor: FileCursor, path: string, last: boolean): Promise<number> {
    const { commands, replay } = this;
    let whole = cursor.offset;
    for (let n = 1; ; n++) {
      commands.set(cursor.buf, cursor.pos, cursor.end);
      const found = commands.next();
      if (found === 'bad') throw new LoadError(path, cursor.offset, 'this is no command', REPAIR);
      if (found === 'more') {
        if (await this.more(cursor)) continue;
        break;
      }
      cursor.pos = commands.pos;
      const reason = commands.argc === 0 ? undefined : replay.run(SELECTED, commands.argv, commands.argc);
      // Redis does not mind an error of a command that it knows.
      if (reason?.startsWith('ERR unknown')) throw new LoadError(path, whole, reason, REPAIR);
      if (!replay.inTransaction) whole = cursor.offset;
      if (n % STEP === 0 && this.isOver()) await this.pause(cursor);
    }
    if (whole === cursor.size) return whole;
    replay.discard();
    const reason = 'it ends within a command or a transaction';
    if (!last) throw new LoadError(path, whole, `the log is damaged: ${reason}`, REPAIR);
    this.mayCut(path, whole, reason);
    return whole;
  }
}
