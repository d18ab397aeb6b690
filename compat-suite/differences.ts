/**
 * What Synap means to answer differently from Redis 7.0.15, a line each with its reason. A line permits, it does not demand: the
 * real server passes too. Must never be a way to silence a fault: each line names the commands it is about and accepts one other
 * answer, not any. Read next: comparison.ts.
 */
export interface Difference {
  readonly reason: string;
  /** The command, or command and sub-command joined by `|`, in lower case. */
  readonly command: string;
  /** Whether this answer of ours may stand where the real server gave that one. */
  readonly accepts: (ours: string, real: string) => boolean;
}

const LISTPACK = '$8\r\nlistpack\r\n';

export const DIFFERENCES: readonly Difference[] = [
  {
    reason: 'A small list is a listpack since 7.2; in 7.0 every list is a quicklist.',
    command: 'object|encoding',
    accepts: (ours, real) => ours === LISTPACK && real === '$9\r\nquicklist\r\n',
  },
  {
    reason: 'A small set of strings is a listpack since 7.2; in 7.0 it is a hashtable.',
    command: 'object|encoding',
    accepts: (ours, real) => ours === LISTPACK && real === '$9\r\nhashtable\r\n',
  },
];

/** The reason why `ours` may stand for `real`; undefined when no line accepts it. */
export function deliberate(words: readonly string[], ours: string, real: string): string | undefined {
  const name = (words[0] ?? '').toLowerCase();
  const full = `${name}|${(words[1] ?? '').toLowerCase()}`;
  return DIFFERENCES.find((line) => (line.command === name || line.command === full) && line.accepts(ours, real))?.reason;
}
