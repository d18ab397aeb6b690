/** Snapshots: what the log asks of the service that writes snapshots. */

/** What is being written in the background. */
export const NO_SNAPSHOT = 0;

/** One snapshot to be written beside the server's work. */
export interface SnapshotOrder {
  readonly path: string;
  done(error?: Error): void;
}

export interface Snapshots {
  readonly running: number;
  begin(order: SnapshotOrder): void;
  cancel(): void;
}
