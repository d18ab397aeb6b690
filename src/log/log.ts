/** The server's log in Redis's line format: `pid:role 24 Nov 2026 08:33:23.123 * message`. Tools wait for such lines. */

export type Level = 'debug' | 'verbose' | 'notice' | 'warning';

const LEVELS: readonly Level[] = ['debug', 'verbose', 'notice', 'warning'];
const MARKS = '.-*#';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export class Log {
  level: Level | 'nothing';
  private readonly write: (line: string) => void;

  /** @param write takes a line with its line break */
  constructor(level: Level | 'nothing', write: (line: string) => void) {
    this.level = level;
    this.write = write;
  }

  debug(message: string): void {
    this.line(0, message);
  }

  verbose(message: string): void {
    this.line(1, message);
  }

  notice(message: string): void {
    this.line(2, message);
  }

  warning(message: string): void {
    this.line(3, message);
  }

  private line(level: number, message: string): void {
    if (this.level === 'nothing' || level < LEVELS.indexOf(this.level)) return;
    this.write(`${process.pid}:M ${stamp(new Date())} ${MARKS[level]} ${message}\n`);
  }
}

function stamp(d: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, '0')}`;
  return `${two(d.getDate())} ${MONTHS[d.getMonth()]} ${d.getFullYear()} ${time}`;
}
