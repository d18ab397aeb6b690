/**
 * Kinds of directives that take exactly one word: yes or no, integers, sizes, one of several words, text and names of files.
 * Error texts are Redis's. The count of words has been checked before a kind reads them (store.ts).
 */
import { notifyFlagsText, parseNotifyFlags } from '../../commands/notify-flags.js';
import { figure, LONG_MAX, memoryText, parseInteger, parseMemory } from './figures.js';
import { ConfigError, type Kind, oneLine } from './kind.js';
import { quoteWord } from './words.js';

/** A kind of one word, given how it reads and shows it. `print` is how CONFIG REWRITE writes it: as shown, unless told. */
function scalar<T>(
  values: string,
  read: (word: string, around: Parameters<Kind<T>['read']>[2]['around']) => T,
  show: (value: T) => string = String,
  print: (value: T) => string = show,
): Kind<T> {
  return {
    values,
    several: false,
    read: (words, _old, reading) => read(words[0], reading.around),
    show,
    lines: oneLine({ show }, print),
  };
}

function outside(min: number, max: number, print = figure): ConfigError {
  return new ConfigError(`argument must be between ${print(min)} and ${print(max)} inclusive`);
}

export const yesNo: Kind<boolean> = scalar(
  'yes | no',
  (word) => {
    const lower = word.toLowerCase();
    if (lower !== 'yes' && lower !== 'no') throw new ConfigError("argument must be 'yes' or 'no'");
    return lower === 'yes';
  },
  (value) => (value ? 'yes' : 'no'),
);

/** An integer from `min` to `max`; `keep` then moves it into what the server works with, as Redis does with `hz`. */
export function integer(min: number, max: number, keep: (n: number) => number = (n) => n): Kind<number> {
  return scalar(
    `${figure(min)} to ${figure(max)}`,
    (word) => {
      const n = parseInteger(word);
      if (n === undefined) throw new ConfigError("argument couldn't be parsed into an integer");
      if (n < min || n > max) throw outside(min, max);
      return keep(n);
    },
    figure,
  );
}

/** Bytes from `min` to `max`, with an optional unit; `keep` as in `integer`. */
export function memory(min: number, max: number, keep: (n: number) => number = (n) => n): Kind<number> {
  return scalar(
    'bytes, or with one of the units k kb m mb g gb',
    (word) => {
      const n = parseMemory(word);
      if (n === undefined) throw new ConfigError('argument must be a memory value');
      // 2^63 and 2^63 - 1 are one number here, but only the latter is in bounds.
      if (n < min || n > max || (n === max && max === LONG_MAX && word === '9223372036854775808'))
        throw outside(min, max);
      return keep(n);
    },
    figure,
    memoryText,
  );
}

/** Bytes, or a percentage, which is kept as a number below 0. */
export const memoryOrPercent: Kind<number> = scalar(
  'bytes, or 0% to 100%',
  (word) => {
    const percent = word.endsWith('%') ? parseInteger(word.slice(0, -1)) : undefined;
    const bytes = parseMemory(word);
    if (percent !== undefined && percent > 100)
      throw new ConfigError('percentage argument must be less or equal to 100');
    if (percent !== undefined && percent >= 0) return percent === 0 ? 0 : -percent;
    if (bytes === undefined) throw new ConfigError('argument must be a memory or percent value');
    if (bytes > LONG_MAX) throw outside(0, LONG_MAX);
    return bytes;
  },
  (value) => (value < 0 ? `${-value}%` : figure(value)),
  (value) => (value < 0 ? `${-value}%` : memoryText(value)),
);

/** Permission bits, written in octal, at most `max`. */
export function octal(max: number): Kind<number> {
  const print = (value: number): string => value.toString(8);
  return scalar(
    `octal, 0 to ${print(max)}`,
    (word) => {
      if (!/^[0-7]+$/.test(word)) throw new ConfigError("argument couldn't be parsed as an octal number");
      const n = Number.parseInt(word, 8);
      if (n > max) throw outside(0, max, print);
      return n;
    },
    print,
  );
}

/** Exactly one of `words`, in any case of letters. */
export function choice<T extends string>(...words: readonly T[]): Kind<T> {
  return scalar(words.join(' | '), (word) => chosen(words, word));
}

/** The one of `words` that `word` is in any case of letters. @throws ConfigError which lists them */
export function chosen<T extends string>(words: readonly T[], word: string): T {
  const found = words.find((candidate) => candidate === word.toLowerCase());
  if (found === undefined) throw new ConfigError(`argument(s) must be one of the following: ${words.join(', ')}`);
  return found;
}

/** Text; `refusal` gives the reason against a value that will not do. CONFIG REWRITE writes an empty one as `""`. */
export function text(values = 'text', refusal: (word: string) => string | undefined = () => undefined): Kind<string> {
  return scalar(
    values,
    (word) => {
      const reason = refusal(word);
      if (reason !== undefined) throw new ConfigError(reason);
      return word;
    },
    (value) => value,
    quoteWord,
  );
}

/** Text which may be absent: CONFIG REWRITE removes the directive when it is empty. */
export function optionalText(values = 'text, or empty for none'): Kind<string> {
  const kind = text(values);
  return { ...kind, lines: (value, byDefault) => (value === '' ? [] : kind.lines(value, byDefault)) };
}

/** The name of a file or directory (`what`) that is not a path. */
export function fileName(name: string, what: 'filename' | 'dirname', mayBeEmpty: boolean): Kind<string> {
  return text(what, (word) => {
    if (word === '' && !mayBeEmpty) return `${name} can't be empty`;
    return /[/\\]/.test(word) ? `${name} can't be a path, just a ${what}` : undefined;
  });
}

/** A directory that exists; it is kept as its absolute path. */
export const directory: Kind<string> = scalar(
  'an existing directory',
  (word, around) => {
    try {
      return around.directory(word);
    } catch (e) {
      throw new ConfigError((e as Error).message);
    }
  },
  (value) => value,
  quoteWord,
);

/** The letters of notify-keyspace-events. */
export const notifyFlags: Kind<number> = scalar(
  'letters of classes (A g $ l s h z x e t m d n) with K or E, or empty for none',
  (word) => {
    const flags = parseNotifyFlags(word);
    if (flags === undefined) throw new ConfigError("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    return flags;
  },
  notifyFlagsText,
  (flags) => quoteWord(notifyFlagsText(flags)),
);
