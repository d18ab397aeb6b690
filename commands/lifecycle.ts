/** What SHUTDOWN asks of the server. Implemented in src/lifecycle/lifecycle.ts. */

export interface ShutdownOptions {
  /** Save in any case, or in no case; undefined: when save points are set. */
  readonly save: boolean | undefined;
  /** Do not wait for replicas. */
  readonly now: boolean;
  /** End in spite of errors. */
  readonly force: boolean;
}

export interface Lifecycle {
  /** Ends the server: nobody gets a reply any more. @throws SHUTDOWN_FAILED when that would lose what must be saved */
  shutdown(options: ShutdownOptions): void;
  /** Calls off a shutdown that waits for replicas. @throws NO_SHUTDOWN when none does */
  abort(): void;
}
