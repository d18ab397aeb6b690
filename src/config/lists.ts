/**
 * Kinds of directives that take any number of words: addresses, save points, output limits, percentiles, what a signal means.
 * Error texts are Redis's. `save` and `client-output-buffer-limit` may stand on several lines of one file: see `Reading.again`.
 */
import type { OutputLimit, OutputLimits, SavePoint, ShutdownWord } from '../../commands/settings.js';
import { figure, memoryText, parseLoosely, parseMemory } from './figures.js';
import { ConfigError, type Kind, oneLine } from './kind.js';
import { chosen } from './scalars.js';

const BIND_MAX = 16;

/** Words of a list of which a single empty one means none. */
function listed(words: readonly string[]): readonly string[] {
  return words.length === 1 && words[0] === '' ? [] : words;
}

export const addresses: Kind<string[]> = {
  values: `up to ${BIND_MAX} addresses; \`-\` before one that may be missing; \`*\` for all; empty for none`,
  several: true,
  read: (words) => {
    const list = listed(words);
    if (list.length > BIND_MAX) throw new ConfigError('Too many bind addresses specified.');
    return [...list];
  },
  show: (list) => list.join(' '),
  lines: oneLine({ show: (list: string[]) => list.join(' ') }, (list) => (list.length === 0 ? '""' : list.join(' '))),
};

function showSavePoints(points: readonly SavePoint[]): string {
  return points.map((point) => `${point.seconds} ${point.changes}`).join(' ');
}

export const savePoints: Kind<SavePoint[]> = {
  values: 'pairs of seconds and changes, or "" for none; lines of one file add up',
  several: true,
  read: (words, old, { loading, again }) => {
    const list = listed(words);
    const points: SavePoint[] = [];
    if (list.length % 2 !== 0 || (words.length === 0 && loading)) throw new ConfigError('Invalid save parameters');
    for (let i = 0; i < list.length; i += 2) {
      const seconds = parseLoosely(list[i]);
      const changes = parseLoosely(list[i + 1]);
      if (seconds === undefined || changes === undefined || seconds < 1 || changes < 0)
        throw new ConfigError('Invalid save parameters');
      points.push({ seconds, changes });
    }
    return loading && again && points.length > 0 ? [...old, ...points] : points;
  },
  show: showSavePoints,
  lines: (points, byDefault) => {
    if (points.length === 0) return [{ words: '""', forced: true }];
    const forced = showSavePoints(points) !== showSavePoints(byDefault);
    return points.map((point) => ({ words: `${point.seconds} ${point.changes}`, forced }));
  },
};

/** The classes of clients as CONFIG GET names them, and the fields of OutputLimits. */
const CLASSES = [
  ['normal', 'normal'],
  ['slave', 'replica'],
  ['pubsub', 'pubsub'],
] as const;

function limitText(limit: OutputLimit, bytes: (n: number) => string): string {
  return `${bytes(limit.hardBytes)} ${bytes(limit.softBytes)} ${figure(limit.softSeconds)}`;
}

export const outputLimits: Kind<OutputLimits> = {
  values: 'by class (normal, replica, pubsub): hard limit in bytes, soft limit in bytes, seconds',
  several: true,
  read: (words, old) => {
    if (words.length % 4 !== 0) throw new ConfigError('Wrong number of arguments in buffer limit configuration.');
    const limits = { ...old };
    for (let i = 0; i < words.length; i += 4) {
      const name = words[i].toLowerCase();
      const found = CLASSES.find(([shown, field]) => name === shown || name === field);
      if (found === undefined) throw new ConfigError('Invalid client class specified in buffer limit configuration.');
      const hardBytes = parseMemory(words[i + 1]);
      const softBytes = parseMemory(words[i + 2]);
      const softSeconds = parseLoosely(words[i + 3]);
      if (hardBytes === undefined || softBytes === undefined || softSeconds === undefined || softSeconds < 0)
        throw new ConfigError('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
      limits[found[1]] = { hardBytes, softBytes, softSeconds };
    }
    return limits;
  },
  show: (limits) => CLASSES.map(([shown, field]) => `${shown} ${limitText(limits[field], figure)}`).join(' '),
  lines: (limits, byDefault) =>
    CLASSES.map(([, field]) => ({
      words: `${field} ${limitText(limits[field], memoryText)}`,
      forced: limitText(limits[field], figure) !== limitText(byDefault[field], figure),
    })),
};

const PERCENTILE = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export const percentiles: Kind<number[]> = {
  values: 'numbers from 0 to 100, or "" for none',
  several: true,
  read: (words) =>
    listed(words).map((word) => {
      if (!PERCENTILE.test(word)) throw new ConfigError('Invalid latency-tracking-info-percentiles parameters');
      const n = Number(word);
      if (n < 0 || n > 100)
        throw new ConfigError('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]');
      return n;
    }),
  show: (list) => list.join(' '),
  lines: oneLine({ show: (list: number[]) => list.join(' ') }, (list) => (list.length === 0 ? '""' : list.join(' '))),
};

/** Three scores: of a master, a replica, a child. */
export const oomScores: Kind<number[]> = {
  values: 'three numbers from -2000 to 2000',
  several: true,
  read: (words) => {
    if (words.length !== 3) throw new ConfigError('wrong number of arguments');
    return words.map((word) => {
      const n = parseLoosely(word);
      if (n === undefined || n < -2000 || n > 2000)
        throw new ConfigError('Invalid oom-score-adj-values, elements must be between -2000 and 2000.');
      return n;
    });
  },
  show: (list) => list.join(' '),
  lines: oneLine({ show: (list: number[]) => list.join(' ') }, (list) => list.join(' ')),
};

const SHUTDOWN_WORDS: readonly ShutdownWord[] = ['default', 'save', 'nosave', 'now', 'force'];

export const shutdownWords: Kind<ShutdownWord[]> = {
  values: `any of ${SHUTDOWN_WORDS.join(', ')}`,
  several: true,
  read: (words) => {
    const given = words.map((word) => chosen(SHUTDOWN_WORDS, word));
    if (given.includes('save') && given.includes('nosave'))
      throw new ConfigError("shutdown options SAVE and NOSAVE can't be used simultaneously");
    const list = SHUTDOWN_WORDS.filter((word) => word !== 'default' && given.includes(word));
    return list.length === 0 ? ['default'] : list;
  },
  show: (list) => list.join(' '),
  lines: oneLine({ show: (list: ShutdownWord[]) => list.join(' ') }, (list) => list.join(' ')),
};

/** `host port`, or `no one`. */
export const master: Kind<string> = {
  values: 'host and port, or `no one`',
  several: true,
  read: (words) => {
    if (words.length !== 2) throw new ConfigError('wrong number of arguments');
    const [host, port] = words;
    if (host.toLowerCase() === 'no' && port.toLowerCase() === 'one') return '';
    const n = parseLoosely(port);
    if (n === undefined || n < 0 || n > 65535) throw new ConfigError('Invalid master port');
    return `${host} ${n}`;
  },
  show: (value) => value,
  lines: (value) => (value === '' ? [] : [{ words: value, forced: true }]),
};
