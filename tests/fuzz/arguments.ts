/**
 * Arguments: random words for a command, from a seed: made after its syntax line, so that most are understood, and then spoilt: a word
 * missing, twice, exchanged, of the wrong kind, options in the wrong order. Numbers come from where integers and doubles break.
 *
 * Latin1 strings: one character a byte. Read next: world.ts.
 */
import { type Argument, parseSyntax } from '../../commands/spec/syntax.js';

const INTEGERS = [
  ...['0', '1', '2', '3', '5', '10', '-1', '-2', '-3', '-10', '100', '-100', '1000', '65536', '1048576', '-20000'],
  ...['2147483647', '2147483648', '-2147483648', '-2147483649', '4294967295', '4294967296', '1099511627776'],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993', '4611686018427387904'],
  ...[
    '9223372036854775807',
    '-9223372036854775807',
    '-9223372036854775808',
    '9223372036854775808',
    '18446744073709551615',
  ],
  ...['-4611686018427387904', '4611686018427387903', '-9223372036854775809', '123456789012345678901234567890'],
  ...['', '-', '+1', '-0', '00', '01', '1 ', ' 1', '0x10', '1e3', '1.0', 'abc', '1\0', '--1', '3'],
];
const DOUBLES = [
  ...[
    '0',
    '1',
    '-1',
    '1.5',
    '-2.25',
    '3',
    '1e3',
    'inf',
    '-inf',
    '+inf',
    'Infinity',
    'nan',
    '-nan',
    '-0',
    '0x1p3',
    '1e400',
  ],
  ...[
    '1e-400',
    '1.7976931348623157e308',
    '-1.7976931348623157e308',
    '5e-324',
    '0.1',
    '1e17',
    '9007199254740993',
    '',
    ' 1',
    '1 ',
  ],
  ...[
    '(1',
    '(inf',
    '(-inf',
    '(',
    '(nan',
    '+',
    '-',
    '[',
    '[a',
    '(a',
    '[\xff',
    '0.1.2',
    '1e',
    '.5',
    '5.',
    '99999999999999999999',
  ],
];
const PATTERNS = [
  '*',
  '?',
  's*',
  '[a-z]*',
  '[^a]*',
  '[',
  '\\',
  '*'.repeat(30),
  '',
  'h?',
  '[z-a]',
  '\\*',
  '*:*',
  '[]',
  '\xff*',
];
const TEXTS = [
  ...[
    '',
    'a',
    'b',
    'hello',
    'A',
    '\0',
    '\r\n',
    '\xff\xfe',
    'x'.repeat(40),
    'y'.repeat(70),
    'z'.repeat(300),
    '{}',
    '*',
    '#',
    'nosort',
  ],
  ...['0', '1', '-1', '12345678901234567890', '3.5', '\x80\x00\x01', 'f1', 'f2', 'm1', 'm2', 'w'.repeat(5000)],
];
/** First letters of keys by the kind of value that usually stands there. */
const LETTERS: Readonly<Record<string, string>> = {
  string: 's',
  list: 'l',
  hash: 'h',
  set: 'e',
  'sorted-set': 'z',
  stream: 'x',
  bitmap: 's',
  hyperloglog: 'p',
  geo: 'g',
  queue: 'q',
  topic: 't',
};
const KINDS = 'slhezqt';
/** What arguments of topics mostly are, by their names, so that groups come to life. */
const OF_TOPICS: ReadonlyMap<string, readonly string[]> = new Map([
  ['group', ['g']],
  ['member', ['ann', 'bob']],
  ['generation', ['1', '2', '3', '4']],
  ['partition', ['0', '0', '1', '2']],
  ['offset', ['0', '1', '5']],
]);
const KEYS_OF_A_KIND = 5;

export class Arguments {
  /** Where absolute times lie around, ms. */
  now = 0;
  private readonly trees = new Map<string, readonly Argument[]>();
  private readonly tokens: string[] = [];

  constructor(
    private readonly random: () => number,
    syntaxes: readonly string[],
  ) {
    for (const syntax of syntaxes) {
      const tree = parseSyntax(syntax);
      this.trees.set(syntax, tree);
      this.collect(tree);
    }
  }

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Words for what follows the name of a command of `group`. */
  next(syntax: string, group: string): string[] {
    const letter = LETTERS[group] ?? KINDS[this.below(KINDS.length)];
    if (this.below(15) === 0) return Array.from({ length: this.below(8) }, () => this.anything(letter));
    const words: string[] = [];
    this.fill(this.trees.get(syntax)!, letter, words);
    if (this.below(3) === 0) this.spoil(words, letter);
    return words;
  }

  key(letter: string): string {
    const dice = this.below(40);
    if (dice === 0) return this.pick(['', '\0', 'missing', '\xff\r\n', 'k'.repeat(300)]);
    const kind = dice < 6 ? KINDS[this.below(KINDS.length)] : letter;
    return `${kind}${this.below(KEYS_OF_A_KIND)}`;
  }

  text(): string {
    const dice = this.below(10);
    if (dice < 4) return `m${this.below(40)}`;
    if (dice < 6) return String(this.below(200) - 100);
    if (dice === 6) return this.pick(DOUBLES);
    if (dice === 7) return this.pick(INTEGERS);
    return this.pick(TEXTS);
  }

  private collect(tree: readonly Argument[]): void {
    for (const argument of tree) {
      if (argument.token !== undefined) this.tokens.push(argument.token);
      this.collect(argument.children);
    }
  }

  private anything(letter: string): string {
    switch (this.below(6)) {
      case 0:
        return this.key(letter);
      case 1:
        return this.integer();
      case 2:
        return this.pick(DOUBLES);
      case 3:
        return this.pick(this.tokens);
      case 4:
        return this.pick(PATTERNS);
      default:
        return this.text();
    }
  }

  private integer(): string {
    return this.below(2) === 0 ? String(this.below(12) - 2) : this.pick(INTEGERS);
  }

  private fill(tree: readonly Argument[], letter: string, words: string[]): void {
    for (let i = 0; i < tree.length; i++) {
      const argument = tree[i];
      if (argument.optional && this.below(5) < 3) continue;
      const next = tree[i + 1];
      if (/^num/.test(argument.name) && argument.token === undefined && next?.multiple) {
        const times = this.times();
        words.push(this.below(8) === 0 ? this.integer() : String(times));
        for (let k = 0; k < times; k++) this.one(next, letter, words);
        i++;
      } else for (let k = argument.multiple ? this.times() : 1; k > 0; k--) this.one(argument, letter, words);
    }
  }

  private times(): number {
    const dice = this.below(20);
    return dice === 0 ? 10 + this.below(150) : 1 + this.below(dice < 10 ? 2 : 5);
  }

  private one(argument: Argument, letter: string, words: string[]): void {
    if (argument.token !== undefined) words.push(this.below(2) === 0 ? argument.token : argument.token.toLowerCase());
    switch (argument.type) {
      case 'pure-token':
        return;
      case 'oneof':
        return this.one(this.pick(argument.children), letter, words);
      case 'block':
        return this.fill(argument.children, letter, words);
      default:
        words.push(this.value(argument, letter));
    }
  }

  private value(argument: Argument, letter: string): string {
    const usual = letter === LETTERS['topic'] ? OF_TOPICS.get(argument.name) : undefined;
    if (usual !== undefined && this.below(8) > 0) return this.pick(usual);
    switch (argument.type) {
      case 'key':
        return this.key(letter);
      case 'integer':
        return this.integer();
      case 'double':
        return this.below(2) === 0 ? String(this.below(100) / 4 - 5) : this.pick(DOUBLES);
      case 'unix-time': {
        const ms = this.now + (this.below(200) - 50) * 100;
        return this.below(6) === 0
          ? this.integer()
          : String(argument.name.includes('milli') ? ms : Math.floor(ms / 1000));
      }
      case 'pattern':
        return this.pick(PATTERNS);
      default:
        return /^(min|max|start|stop|end)/.test(argument.name) ? this.pick(DOUBLES) : this.text();
    }
  }

  private spoil(words: string[], letter: string): void {
    for (let n = 1 + this.below(2); n > 0; n--) {
      const at = this.below(words.length + 1);
      switch (this.below(6)) {
        case 0:
          words.splice(at, 1);
          break;
        case 1:
          words.splice(at, 0, this.anything(letter));
          break;
        case 2:
          words.splice(at, 1, this.anything(letter));
          break;
        case 3: {
          const other = this.below(words.length + 1);
          if (at < words.length && other < words.length) [words[at], words[other]] = [words[other], words[at]];
          break;
        }
        case 4:
          words.push(...words.slice(at));
          break;
        default:
          words.push(this.pick(this.tokens));
      }
    }
  }
}
