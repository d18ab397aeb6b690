/**
 * SnapshotJob: one snapshot that is written while the server serves: slices of about a millisecond, one in each turn of the event loop,
 * with pauses while the disk is behind. The dataset is captured as it is when the job is made (storage/capture.ts).
 */
import { ATTEND_CAPTURE } from '../../commands/attention.js';
import { Capture } from '../../storage/capture.js';
import type { SynapServer } from '../server.js';
import type { SnapshotFile } from './snapshot-file.js';

/** Time that one slice may take, ms; and while more than so many bytes are set aside, because that grows with the changes meanwhile. */
const SLICE_MS = 1;
const HURRIED_MS = 3;
const HURRY_FROM = 16 * 1024 * 1024;
/** Elements, and bytes, between two looks at the clock. */
const STEP_ELEMENTS = 64;
const STEP_BYTES = 16 * 1024;

export class SnapshotJob {
  readonly capture: Capture;
  readonly file: SnapshotFile;
  private readonly server: SynapServer;
  private readonly ended: (error?: Error) => void;
  private booked: NodeJS.Immediate | undefined = undefined;
  private captured = false;
  private over = false;

  /**
   * Begins. The file's header is written.
   * @param access as Capture has it
   * @param ended is called once, in a later turn, unless the job is cancelled
   */
  constructor(server: SynapServer, file: SnapshotFile, access: number, ended: (error?: Error) => void) {
    this.server = server;
    this.file = file;
    this.ended = ended;
    this.capture = new Capture(server.databases, file.writer, access, true);
    server.attention |= ATTEND_CAPTURE;
    file.drained = () => this.book();
    this.book();
  }

  private book(): void {
    this.booked ??= setImmediate(() => {
      this.booked = undefined;
      if (!this.over) this.slice();
    });
  }

  private slice(): void {
    const { capture, file } = this;
    const { out } = file.writer;
    const until = performance.now() + (capture.heldBytes > HURRY_FROM ? HURRIED_MS : SLICE_MS);
    let done = false;
    try {
      while (!done && file.error === undefined && !file.full && performance.now() < until) {
        done = capture.step(STEP_ELEMENTS, out.pos + STEP_BYTES);
        file.writer.written(); // adds to the checksum, a little at a time
        file.put();
      }
    } catch (e) {
      return this.fail(e as Error);
    }
    if (file.error !== undefined) return this.fail(file.error);
    if (done) this.finish();
    else if (!file.full) this.book();
  }

  private finish(): void {
    this.release();
    this.file.finish((error) => {
      if (this.over) return;
      if (error !== undefined) return this.fail(error);
      this.over = true;
      this.ended();
    });
  }

  private fail(error: Error): void {
    this.cancel();
    this.ended(error);
  }

  /** Nothing is captured any more. */
  private release(): void {
    if (this.captured) return;
    this.captured = true;
    this.capture.end();
    this.server.attention &= ~ATTEND_CAPTURE;
  }

  /** Gives the snapshot up, and tells nobody. Resolves when nothing is left of it. */
  cancel(): Promise<void> {
    if (this.over) return Promise.resolve();
    this.over = true;
    if (this.booked !== undefined) clearImmediate(this.booked);
    this.release();
    return this.file.abandon();
  }
}
