/**
 * redis-server's command line: `--directive word... --directive ...`. A directive takes all words up to the next one; later wins.
 * What is not known is refused: nothing is accepted and ignored, but what asks for what holds anyway (`--save ''`, `--appendonly no`).
 */
import type { Settings } from '../../commands/settings.js';

export class ConfigError extends Error {}

type Apply = (settings: Settings, words: readonly string[]) => void;

const DIRECTIVES: Readonly<Record<string, Apply>> = {
  port: (s, w) => {
    s.port = integer(one(w), 0, 65535);
    s.noTcp = s.port === 0;
  },
  bind: (s, w) => {
    s.bind = w.filter((word) => word !== '');
  },
  'protected-mode': (s, w) => {
    s.protectedMode = yesNo(one(w));
  },
  requirepass: (s, w) => {
    s.requirepass = one(w);
  },
  maxclients: (s, w) => {
    s.maxclients = integer(one(w), 1, 4294967295);
  },
  databases: (s, w) => {
    s.databases = integer(one(w), 1, 2147483647);
  },
  'tcp-keepalive': (s, w) => {
    s.tcpKeepalive = integer(one(w), 0, 2147483647);
  },
  'tcp-backlog': (s, w) => {
    s.tcpBacklog = integer(one(w), 0, 2147483647);
  },
  unixsocket: (s, w) => {
    s.unixsocket = one(w);
  },
  unixsocketperm: (s, w) => {
    if (!/^[0-7]{1,4}$/.test(one(w))) throw new ConfigError('argument must be an octal number');
    s.unixsocketperm = Number.parseInt(one(w), 8);
  },
  loglevel: (s, w) => {
    const level = one(w);
    if (!/^(debug|verbose|notice|warning|nothing)$/.test(level))
      throw new ConfigError('argument(s) must be one of the following: debug, verbose, notice, warning, nothing');
    s.loglevel = level as Settings['loglevel'];
  },
  hz: (s, w) => {
    s.hz = integer(one(w), 1, 500);
  },
  save: (_, w) => {
    if (one(w) !== '') throw new ConfigError('there is no persistence yet: only an empty save is possible');
  },
  appendonly: (_, w) => {
    if (yesNo(one(w))) throw new ConfigError('there is no persistence yet: only no is possible');
  },
};

function one(words: readonly string[]): string {
  if (words.length !== 1) throw new ConfigError('wrong number of arguments');
  return words[0];
}

function integer(word: string, min: number, max: number): number {
  if (!/^-?\d{1,15}$/.test(word)) throw new ConfigError("argument couldn't be parsed into an integer");
  const n = Number(word);
  if (n < min || n > max) throw new ConfigError(`argument must be between ${min} and ${max} inclusive`);
  return n;
}

function yesNo(word: string): boolean {
  if (!/^(yes|no)$/i.test(word)) throw new ConfigError("argument must be 'yes' or 'no'");
  return word.toLowerCase() === 'yes';
}

/**
 * Applies a command line to `settings`.
 * @throws ConfigError with the directive and the reason; what stood before it has been applied
 */
export function applyArguments(settings: Settings, argv: readonly string[]): void {
  for (let i = 0; i < argv.length; ) {
    const name = argv[i++];
    const words: string[] = [];
    while (i < argv.length && !argv[i].startsWith('--')) words.push(argv[i++]);
    const shown = `${name.replace(/^--/, '')} ${words.map((word) => `"${word}"`).join(' ')}`;
    const apply = name.startsWith('--') ? DIRECTIVES[name.slice(2).toLowerCase()] : undefined;
    if (apply === undefined) throw new ConfigError(`>>> '${shown}'\nBad directive or wrong number of arguments`);
    try {
      apply(settings, words);
    } catch (e) {
      throw new ConfigError(`>>> '${shown}'\n${(e as Error).message}`);
    }
  }
}
