/**
 * Draw: the random words of one client of a crash test. Each client has keys of its own: two databases, and a journal in a third, so
 * that what it finds after a crash follows from its own steps alone. Keys are few, so that steps meet.
 */
import type { Random } from '../../compat-suite/random/random.js';

/** Where the journals of all clients stand. */
export const JOURNALS = 13;
/** Moments that no test lives to see, ms since the epoch. */
const FAR = 4_102_444_800_000;

/** Letters of the families that every server has. */
const KINDS = ['s', 'n', 'l', 'h', 't', 'z', 'x'];

export class Draw {
  private tokens = 0;

  /**
   * @param client number of the client, 0 to 5
   * @param fieldTtls whether the server knows fields with a TTL
   */
  constructor(
    readonly random: Random,
    readonly client: number,
    readonly fieldTtls: boolean,
  ) {}

  get database(): number {
    return 2 * this.client;
  }

  get otherDatabase(): number {
    return 2 * this.client + 1;
  }

  get journal(): string {
    return `journal${this.client}`;
  }

  /** Text that occurs once. */
  token(): string {
    return `v${this.client}.${this.tokens++}`;
  }

  /** A key of a family (its letter), now and then one that any family may have. */
  key(family: string): string {
    return this.random.oneIn(12) ? `x${this.random.below(4)}` : `${family}${this.random.below(4)}`;
  }

  any(): string {
    return this.key(this.random.pick(this.fieldTtls ? [...KINDS, 'q', 'e'] : KINDS));
  }

  /** A value: unique, a number, empty, or long. */
  value(): string {
    switch (this.random.below(24)) {
      case 0:
        return '';
      case 1:
        return String(this.random.below(100000) - 50000);
      case 2:
        return `${this.token()}${'abcdefgh'.repeat(this.random.below(400))}`;
      case 3:
        return this.noise(this.random.below(6000));
      case 4:
        return `\r\n\x00\xff*1\r\n$4\r\nPING\r\n${this.token()}`;
      default:
        return this.token();
    }
  }

  /** Bytes that cannot be compressed. */
  noise(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.random.below(256));
    return text;
  }

  values(most = 4): string[] {
    return this.list(most, () => this.value());
  }

  /** Member of a set or a sorted set: often one that is there. */
  member(): string {
    return this.random.oneIn(4) ? this.token() : `m${this.random.below(12)}`;
  }

  members(most = 4): string[] {
    return this.list(most, () => this.member());
  }

  field(): string {
    return `f${this.random.below(10)}`;
  }

  /** Different fields. */
  fields(most = 3): string[] {
    return [...new Set(this.list(most, () => this.field()))];
  }

  pairs(most = 3): string[] {
    return this.list(most, () => [this.field(), this.value()]).flat();
  }

  /** Ids of messages of a queue, of which few exist. */
  ids(most = 3): string[] {
    return this.list(most, () => String(1 + this.random.below(40)));
  }

  /** A score that every server writes alike. */
  score(): string {
    return String((this.random.below(400) - 200) / 4);
  }

  scored(most = 4): string[] {
    return this.list(most, () => [this.score(), this.member()]).flat();
  }

  small(): string {
    return String(this.random.below(9) - 4);
  }

  count(): string {
    return String(1 + this.random.below(4));
  }

  /** A moment in the far future. */
  farMs(): string {
    return String(FAR + this.random.below(1_000_000_000));
  }

  farSeconds(): string {
    return String(FAR / 1000 + this.random.below(1_000_000));
  }

  /** A TTL that outlives the test, in seconds. */
  longSeconds(): number {
    return 10_000_000 + this.random.below(100_000_000);
  }

  end(): string {
    return this.random.pick(['LEFT', 'RIGHT']);
  }

  /** Now and then one of `words`, else nothing. */
  maybe(...words: string[]): string[] {
    return this.random.oneIn(3) ? [this.random.pick(words)] : [];
  }

  /** One to `most` of what `make` gives. */
  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.random.below(most) }, make);
  }
}
