/**
 * Frames: byte strings that are almost requests, from a seed. A frame is one to four well-formed commands in multibulk or inline form,
 * damaged in some places: cut, a wrong or absurd length, a line end missing, odd quotes, NULs, a header within a header.
 *
 * Their commands change nothing (PING, ECHO and names that nobody has), so that frames may be sent to any server in any order. Latin1
 * strings throughout: one character a byte.
 */

const NUMBERS = [
  ...['0', '-1', '-0', '+1', '01', '00', '1 ', ' 1', '', '-', '+', '1.5', '1e3', '0x1', 'abc', '1\0', '1a'],
  ...['2147483647', '2147483648', '4294967296', '1048576', '1048577', '536870912', '536870913', '-2147483648'],
  ...['9007199254740993', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '18446744073709551616'],
  ...['-9223372036854775809', '99999999999999999999999', '1'.repeat(40), '5', '3', '10', '11', '16384', '16385'],
];
const PIECES = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\n\r',
    '\0',
    '*',
    '$',
    '*1\r\n',
    '$4\r\nPING\r\n',
    '*-1\r\n',
    '*0\r\n',
    '$-1\r\n',
    '"',
    "'",
    '\\',
    ' ',
  ],
  ...[
    '\\x',
    '\\x4',
    '\\x41',
    '"a"b',
    "'a'b",
    '\t',
    '\v',
    '\xff',
    '+',
    '-',
    ':',
    '*1\r\n$4\r\nPING\r\n',
    '*2\r\n*1\r\n',
    '\r\r\n',
  ],
];
const WORDS = [
  'PING',
  'ping',
  'ECHO',
  'echo',
  'NOSUCH',
  'x',
  'hullo',
  '',
  'a b',
  '\r\n',
  '"q"',
  "it's",
  '\0',
  '\xc3\xa9',
  '$3',
];

export class Frames {
  constructor(private readonly random: () => number) {}

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** The next frame. About one in eight is undamaged. */
  next(): string {
    let frame = '';
    for (let i = this.below(4); i >= 0; i--) frame += this.random() < 0.7 ? this.multibulk() : this.inline();
    for (let i = this.below(4) === 0 ? this.below(8) : this.below(3); i > 0; i--) frame = this.damaged(frame);
    return frame;
  }

  private words(): string[] {
    const dice = this.random();
    if (dice < 0.3) return ['PING'];
    const word = (): string => this.pick(WORDS).repeat(this.below(12) === 0 ? 40 : 1);
    if (dice < 0.7) return ['ECHO', word()];
    return Array.from({ length: 1 + this.below(5) }, (_, i) => (i === 0 && this.below(2) === 0 ? 'ECHO' : word()));
  }

  private multibulk(): string {
    const words = this.words();
    return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  }

  private inline(): string {
    const quoted = this.words().map((word) => {
      const dice = this.below(4);
      if (dice === 0) return `"${word.replace(/["\\]/g, '\\$&').replace(/\r/g, '\\r').replace(/\n/g, '\\n')}"`;
      return dice === 1 ? `'${word.replace(/'/g, "\\'").replace(/[\r\n]/g, '')}'` : word.replace(/[\r\n]/g, '');
    });
    return quoted.join(this.pick([' ', '  ', '\t'])) + this.pick(['\r\n', '\n', '\r\n']);
  }

  private damaged(s: string): string {
    const at = this.below(s.length + 1);
    switch (this.below(9)) {
      case 0: // cut off
        return s.slice(0, at);
      case 1: // a byte missing
        return s.slice(0, at) + s.slice(at + 1);
      case 2: // a byte changed
        return s.slice(0, at) + String.fromCharCode(this.below(256)) + s.slice(at + 1);
      case 3: // something put in
        return s.slice(0, at) + this.pick(PIECES) + s.slice(at);
      case 4: // some number exchanged for another
        return this.replaceOne(s, /(?<=[*$])-?\d+/g, this.pick(NUMBERS));
      case 5: // some line end broken
        return this.replaceOne(s, /\r\n/g, this.pick(['\r', '\n', '', '\r\r', '\n\n', 'xy', '\r\n\r\n']));
      case 6: // off by a few
        return this.replaceOne(s, /(?<=[*$])-?\d+/g, String(this.below(9)));
      case 7: // a piece twice
        return s.slice(0, at) + s.slice(Math.max(0, at - this.below(20)), at) + s.slice(at);
      default: // a line that does not end
        return this.below(200) === 0 ? s.slice(0, at) + this.pick(['1', 'x', '"']).repeat(70000) : s;
    }
  }

  private replaceOne(s: string, pattern: RegExp, by: string): string {
    const matches = [...s.matchAll(pattern)];
    if (matches.length === 0) return s;
    const { index, 0: found } = this.pick(matches);
    return s.slice(0, index) + by + s.slice(index + found.length);
  }
}
