/**
 * What Synap means to answer differently from Redis 7.0.15, a line each with its reason. A line permits, it does not demand: the
 * real server passes too. Must never be a way to silence a fault: each line names the commands it is about and accepts one other
 * answer, not any. Read next: comparison.ts.
 */
export interface Difference {
  readonly reason: string;
  /** What the command, or command and sub-command joined by `|`, in lower case, must match. */
  readonly command: RegExp;
  /** Whether this answer of ours may stand where the real server gave that one. */
  readonly accepts: (ours: string, real: string) => boolean;
}

const LISTPACK = '$8\r\nlistpack\r\n';

/** The first line of HELP: which command it is about. */
const HELP = /^\*\d+\r\n\+([A-Z]+) <subcommand> \[<arg> \[value\] \[opt\] \.\.\.\]\. Subcommands are:\r\n/;

export const DIFFERENCES: readonly Difference[] = [
  {
    reason: 'A small list is a listpack since 7.2; in 7.0 every list is a quicklist.',
    command: /^object\|encoding$/,
    accepts: (ours, real) => ours === LISTPACK && real === '$9\r\nquicklist\r\n',
  },
  {
    reason: 'A small set of strings is a listpack since 7.2; in 7.0 it is a hashtable.',
    command: /^object\|encoding$/,
    accepts: (ours, real) => ours === LISTPACK && real === '$9\r\nhashtable\r\n',
  },
  {
    reason: 'Scores are written with the fewest digits that give them back since 7.2; 7.0 wrote 17 digits.',
    command: /^(z|bz|exec$|geo|eval$)/,
    accepts: (ours, real) => withNumbers(ours) === withNumbers(real),
  },
  {
    reason: 'A timeout beyond 64 bits of milliseconds is out of range since 7.2; 7.0 took it for negative.',
    command: /^(b[lrz]|exec$)/,
    accepts: (ours, real) =>
      ours.replaceAll('-ERR timeout is out of range', '-ERR timeout is negative') === real && ours !== real,
  },
  {
    reason: 'ZRANK and ZREVRANK take WITHSCORE since 7.2.',
    command: /^z(rev)?rank$/,
    accepts: (ours, real) => ours === '-ERR syntax error\r\n' && real.startsWith('-ERR wrong number of arguments for'),
  },
  {
    reason: 'The small integers are shared wherever they stand; in Redis a copy made by COPY is not.',
    command: /^object\|refcount$/,
    accepts: (ours, real) => ours === ':2147483647\r\n' && real === ':1\r\n',
  },
  {
    reason: 'LPOS refuses the least RANK there is since 7.2; 7.0 searched with it.',
    command: /^lpos$/,
    accepts: (ours) => ours.startsWith('-ERR value is out of range, value must between -9223372036854775807 and'),
  },
  {
    reason: 'HELP lists the sub-commands that there are, in our own words.',
    command: /\|help$/,
    accepts: (ours, real) => HELP.test(ours) && HELP.exec(ours)?.[1] === HELP.exec(real)?.[1],
  },
];

/** Every bulk string and double that is a number in another form than the shortest is put into one form. */
function withNumbers(reply: string): string {
  return reply.replace(
    /(\$\d+\r\n|,)(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?=\r\n)/g,
    (_, _head, number) => `,${Number(number)}`,
  );
}

/** The reason why `ours` may stand for `real`; undefined when no line accepts it. */
export function deliberate(words: readonly string[], ours: string, real: string): string | undefined {
  const name = (words[0] ?? '').toLowerCase();
  const full = `${name}|${(words[1] ?? '').toLowerCase()}`;
  return DIFFERENCES.find((line) => (line.command.test(name) || line.command.test(full)) && line.accepts(ours, real))
    ?.reason;
}
