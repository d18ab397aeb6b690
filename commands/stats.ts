/** Counters that commands and services add to. */
export class Stats {
  commands = 0;
  connections = 0;
  rejectedConnections = 0;
  netInput = 0;
  netOutput = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredKeys = 0;
  errorReplies = 0;
  /** Error replies by their first word. */
  readonly errors = new Map<string, number>();

  countError(text: string): void {
    this.errorReplies++;
    const blank = text.indexOf(' ');
    const code = blank < 0 ? text : text.slice(0, blank);
    if (this.errors.size >= 128 && !this.errors.has(code)) return;
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
