/**
 * The syntax line of a command, parsed once at start into a tree. Everything else about arguments is read from this tree
 * (derive.ts: arity, key positions, COMMAND DOCS; the gateway: routes and schemas). It must never be parsed while serving.
 *
 *   key                 an argument. `name:type` with type string (default), int, double, key, pattern, unix, shard (a channel that
 *                       is routed like a key). An argument called `key` or `pattern` has that type without saying so
 *   NX                  a word to be written as it is: anything without a small letter; `*:auto-id` gives it another name
 *   [x]                 optional
 *   <x>                 a group: holds alternatives, or several words, together
 *   x | y               alternatives, inside [] or <>
 *   [EX seconds:int]    a word and what follows it inside one group are one argument, announced by that word
 *   x [x ...]           one or more; `field value [field value ...]` repeats both. The bracket repeats exactly what stands before it
 *   <x>:name...         the same for a group, without writing it twice; `[x]...` is none or more
 *   [NX|XX]:condition   gives a group a name (default: the names inside, joined by `_`, or its word)
 *
 *   set: key value [NX|XX]:condition [GET] [EX seconds:int | KEEPTTL]:expiration
 *        │    │     └ oneof, optional  │    └ oneof, optional
 *        key  string  ├ token NX       token GET, optional
 *                     └ token XX
 */

export type ArgumentType =
  | 'string'
  | 'integer'
  | 'double'
  | 'key'
  | 'pattern'
  | 'unix-time'
  | 'shard-channel'
  | 'pure-token'
  | 'oneof'
  | 'block';

/** One argument. `token` is the word that announces it, or the word itself for a pure-token. */
export interface Argument {
  readonly name: string;
  readonly type: ArgumentType;
  readonly token: string | undefined;
  readonly optional: boolean;
  /** May be given several times in a row. */
  readonly multiple: boolean;
  /** Each time with its token. */
  readonly multipleToken: boolean;
  /** The alternatives of a oneof, the parts of a block. */
  readonly children: readonly Argument[];
}

export class SyntaxFault extends Error {
  constructor(line: string, why: string) {
    super(`syntax '${line}': ${why}`);
  }
}

const TYPES: Readonly<Record<string, ArgumentType>> = {
  string: 'string',
  int: 'integer',
  double: 'double',
  key: 'key',
  pattern: 'pattern',
  unix: 'unix-time',
  shard: 'shard-channel',
};

const NAME = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;
const PARTS = /\s*(\.\.\.|[[\]<>|]|[^\s[\]<>|.]+|\.)/y;

/**
 * Parses a syntax line. `''` gives an empty tree. Throws SyntaxFault on anything it does not understand, on a repetition that
 * repeats nothing, and on two neighbours of one name. O(length).
 */
export function parseSyntax(line: string): readonly Argument[] {
  return new Parser(line).whole();
}

/** An argument with the words it was read from, so that `[x ...]` can be compared with what it repeats. */
interface Piece {
  readonly argument: Argument;
  readonly words: readonly string[];
}

class Parser {
  private readonly line: string;
  private readonly parts: readonly string[];
  private at = 0;

  constructor(line: string) {
    this.line = line;
    this.parts = this.split();
  }

  whole(): readonly Argument[] {
    const pieces = this.sequence();
    if (this.at < this.parts.length) throw this.fault(`unexpected '${this.parts[this.at]}'`);
    return this.distinct(pieces.map((piece) => piece.argument));
  }

  private split(): string[] {
    const parts: string[] = [];
    const line = this.line.trimEnd();
    PARTS.lastIndex = 0;
    while (PARTS.lastIndex < line.length) {
      const match = PARTS.exec(line);
      if (match === null || match[1] === '.') throw this.fault('a stray dot');
      parts.push(match[1]);
    }
    return parts;
  }

  /** Pieces up to a `|`, a closing bracket or the end. */
  private sequence(): Piece[] {
    const pieces: Piece[] = [];
    for (;;) {
      const part = this.parts[this.at];
      if (part === undefined || part === '|' || part === ']' || part === '>') return pieces;
      if (part === '[' && this.repeats()) this.repeat(pieces);
      else if (part === '[' || part === '<') pieces.push(this.group(part));
      else if (part === '...') throw this.fault("'...' repeats nothing");
      else pieces.push(this.word());
    }
  }

  /** Whether the bracket here ends in `...`. */
  private repeats(): boolean {
    const close = this.closing();
    return this.parts[close - 1] === '...' && !isClosing(this.parts[close - 2]) && this.parts[close - 2][0] !== ':';
  }

  /** Where the bracket that opens here closes. */
  private closing(): number {
    let depth = 0;
    for (let i = this.at; i < this.parts.length; i++) {
      if (this.parts[i] === '[' || this.parts[i] === '<') depth++;
      else if (isClosing(this.parts[i]) && --depth === 0) return i;
    }
    throw this.fault('a bracket that never closes');
  }

  /** `[x ...]` after `x`: takes the pieces of x back and puts one repeated piece in their place. */
  private repeat(pieces: Piece[]): void {
    const close = this.closing();
    const again = this.parts.slice(this.at + 1, close - 1).map(untyped);
    const repeated: Piece[] = [];
    let words: string[] = [];
    while (words.length < again.length && pieces.length > 0) {
      const piece = pieces.pop()!;
      repeated.unshift(piece);
      words = [...piece.words, ...words];
    }
    if (words.join(' ') !== again.join(' '))
      throw this.fault(`'[${again.join(' ')} ...]' does not repeat what stands before it`);
    const one = this.together(repeated);
    this.at = close + 1;
    pieces.push({ argument: { ...one, multiple: true, multipleToken: one.token !== undefined }, words });
  }

  /** `[…]` or `<…>` with its alternatives, name and dots. */
  private group(open: string): Piece {
    const from = this.at++;
    const alternatives = [this.together(this.sequence())];
    while (this.parts[this.at] === '|') {
      this.at++;
      alternatives.push(this.together(this.sequence()));
    }
    if (this.parts[this.at++] !== (open === '[' ? ']' : '>')) throw this.fault(`'${open}' is not closed`);
    let argument = alternatives.length === 1 ? alternatives[0] : this.oneof(alternatives);
    if (this.parts[this.at]?.[0] === ':') argument = { ...argument, name: this.named(this.parts[this.at++].slice(1)) };
    if (this.parts[this.at] === '...') {
      this.at++;
      argument = { ...argument, multiple: true, multipleToken: argument.token !== undefined };
    }
    if (open === '[') argument = { ...argument, optional: true };
    return { argument, words: this.parts.slice(from, this.at).map(untyped) };
  }

  private oneof(children: readonly Argument[]): Argument {
    const name = children.map((child) => child.name).join('_');
    return make(name, 'oneof', undefined, this.distinct(children));
  }

  /** Several pieces as one argument: a word and its value, or a block. */
  private together(pieces: readonly Piece[]): Argument {
    const all = pieces.map((piece) => piece.argument);
    if (all.length === 0) throw this.fault('an empty alternative');
    if (all.length === 1) return all[0];
    const first = all[0];
    const announced = first.type === 'pure-token' && !first.optional && !first.multiple;
    if (announced && all.length === 2 && all[1].token === undefined && !all[1].optional)
      return { ...all[1], token: first.token };
    const parts = this.distinct(announced ? all.slice(1) : all);
    const name = announced ? first.name : parts.map((part) => part.name).join('_');
    return make(name, 'block', announced ? first.token : undefined, parts);
  }

  /** A word to be written as it is, or a named argument. */
  private word(): Piece {
    const part = this.parts[this.at++];
    const colon = part.indexOf(':', 1);
    const word = colon < 0 ? part : part.slice(0, colon);
    const suffix = colon < 0 ? undefined : part.slice(colon + 1);
    const words = [untyped(part)];
    if (!/[a-z]/.test(word)) {
      const name = this.named(suffix ?? word.toLowerCase());
      return { argument: make(name, 'pure-token', word === '""' ? '' : word, []), words };
    }
    return { argument: make(this.named(word), this.type(word, suffix), undefined, []), words };
  }

  private type(name: string, word: string | undefined): ArgumentType {
    if (word === undefined) return name === 'key' || name === 'pattern' ? name : 'string';
    if (!Object.hasOwn(TYPES, word))
      throw this.fault(`'${word}' is no type; known are ${Object.keys(TYPES).join(', ')}`);
    return TYPES[word];
  }

  private named(name: string): string {
    if (!NAME.test(name)) throw this.fault(`'${name}' is no name`);
    return name;
  }

  private distinct(list: readonly Argument[]): readonly Argument[] {
    for (let i = 1; i < list.length; i++)
      for (let j = 0; j < i; j++)
        if (list[i].name === list[j].name) throw this.fault(`two arguments called '${list[i].name}'`);
    return list;
  }

  private fault(why: string): SyntaxFault {
    return new SyntaxFault(this.line, why);
  }
}

function isClosing(part: string | undefined): boolean {
  return part === ']' || part === '>';
}

/** A word without its type or name: how a repetition writes it. */
function untyped(part: string): string {
  const colon = part.indexOf(':', 1);
  return colon < 0 ? part : part.slice(0, colon);
}

function make(name: string, type: ArgumentType, token: string | undefined, children: readonly Argument[]): Argument {
  return { name, type, token, optional: false, multiple: false, multipleToken: false, children };
}
