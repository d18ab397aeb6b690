/** Counters that commands and services add to; INFO stats and CONFIG RESETSTAT read and reset them. */
export class Stats {
  commands = 0;
  connections = 0;
  rejectedConnections = 0;
  netInput = 0;
  netOutput = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredKeys = 0;
  expiredSubkeys = 0;
  evictedKeys = 0;
  evictedClients = 0;
  errorReplies = 0;
  peakMemory = 0;
  /** Turns of the server, reads from sockets, writes to them. */
  turns = 0;
  reads = 0;
  writes = 0;
  /** The most bytes that one client has sent, or was sent, at once since these were last set to 0. */
  inputPeak = 0;
  outputPeak = 0;
  /** Microseconds that commands have run. */
  commandNs = 0;
  /** Milliseconds that the expiry cycle has run, and how often it left work for later. */
  expireCycleMs = 0;
  expireTimeCapReached = 0;
  /** Error replies by their first word. */
  readonly errors = new Map<string, number>();

  countError(text: string): void {
    this.errorReplies++;
    const blank = text.indexOf(' ');
    const code = blank < 0 ? text : text.slice(0, blank);
    if (this.errors.size >= 128 && !this.errors.has(code)) return;
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    this.commands = 0;
    this.connections = 0;
    this.rejectedConnections = 0;
    this.netInput = 0;
    this.netOutput = 0;
    this.keyspaceHits = 0;
    this.keyspaceMisses = 0;
    this.expiredKeys = 0;
    this.expiredSubkeys = 0;
    this.evictedKeys = 0;
    this.evictedClients = 0;
    this.errorReplies = 0;
    this.turns = 0;
    this.reads = 0;
    this.writes = 0;
    this.commandNs = 0;
    this.expireCycleMs = 0;
    this.expireTimeCapReached = 0;
    this.errors.clear();
  }
}
