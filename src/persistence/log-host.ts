/** What the log (append-log.ts) is told of its surroundings, and tells them. */
import type { Appendfsync } from '../../commands/settings.js';

/** What the log is told, and tells, of its surroundings. */
export interface LogHost {
  /** The policy that is in force now. */
  policy(): Appendfsync;
  /** Whether frames are compressed. */
  compresses(): boolean;
  /** Whether somebody waits for a sync. */
  wantsSync(): boolean;
  /** More is synced than before. */
  synced(): void;
  /** Writing fails, or (undefined) works again. */
  failed(error: NodeJS.ErrnoException | undefined): void;
  /** A sync has failed, so the kernel may have dropped what was written. */
  doubted(): void;
  /** At the end of a round of the event loop, after replies were released. */
  settled(): void;
}

/** A segment that is open for appending. */
export interface OpenSegment {
  path: string;
  readonly fd: number;
  /** Bytes in it. */
  size: number;
  /** From its header. */
  readonly seed: number;
}
