/**
 * CommandReader: commands as RESP arrays of bulk strings, one after another, as logs hold them. Stricter than protocol/request.ts,
 * which serves clients: nothing else may stand in a log but Redis's annotations, lines that begin with `#`.
 */
import { Bytes, EMPTY } from '../../storage/memory/bytes.js';

/** The most bytes of a header line: a sign, the digits of a number, the line break. */
const LINE_MAX = 24;

export class CommandReader {
  readonly argv: Bytes[] = [];
  argc = 0;
  buf: Uint8Array = EMPTY;
  pos = 0;
  end = 0;
  /** Where the line that `lineNumber` has read ends. */
  private after = 0;

  /** Reads from `buf[pos, end)` from now on. */
  set(buf: Uint8Array, pos: number, end: number): void {
    this.buf = buf;
    this.pos = pos;
    this.end = end;
  }

  /**
   * Completes the next command: `argv[0, argc)` are views onto `buf`, and `pos` goes behind it. An annotation comes as a command of
   * no words.
   * @returns 'more' when it does not end in what there is, or there is nothing; 'bad' when this is no command. `pos` stays then.
   */
  next(): 'command' | 'more' | 'bad' {
    const { argv, buf, end } = this;
    if (this.pos >= end) return 'more';
    if (buf[this.pos] === 35) return this.annotation();
    const argc = this.lineNumber(this.pos, 42);
    if (argc < 0) return argc === -1 ? 'more' : 'bad';
    if (argc === 0) return 'bad';
    let p = this.after;
    for (let i = 0; i < argc; i++) {
      const n = this.lineNumber(p, 36);
      if (n < 0) return n === -1 ? 'more' : 'bad';
      p = this.after;
      if (p + n + 2 > end) return 'more';
      if (buf[p + n] !== 13 || buf[p + n + 1] !== 10) return 'bad';
      if (i === argv.length) argv.push(new Bytes());
      argv[i].set(buf, p, p + n);
      p += n + 2;
    }
    this.argc = argc;
    this.pos = p;
    return 'command';
  }

  private annotation(): 'command' | 'more' | 'bad' {
    const { buf, end } = this;
    let p = this.pos;
    while (p < end && buf[p] !== 10) p++;
    if (p === end) return end - this.pos > 1024 ? 'bad' : 'more';
    this.argc = 0;
    this.pos = p + 1;
    return 'command';
  }

  /** The number behind `type` in the line at `p`; -1 when the line does not end here, -2 when it is something else. */
  private lineNumber(p: number, type: number): number {
    const { buf, end } = this;
    if (p >= end) return -1;
    if (buf[p] !== type) return -2;
    let n = 0;
    let q = p + 1;
    for (; q < end && buf[q] >= 48 && buf[q] <= 57; q++) {
      n = n * 10 + buf[q] - 48;
      if (q - p > LINE_MAX) return -2;
    }
    if (q === end) return -1;
    if (q === p + 1 || buf[q] !== 13 || n > 0xffffffff) return -2;
    if (q + 1 === end) return -1;
    this.after = q + 2;
    return buf[q + 1] === 10 ? n : -2;
  }
}
