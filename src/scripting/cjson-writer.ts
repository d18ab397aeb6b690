/** JSON on its way out of Lua: scalars as bytes. Read before: output.ts; next: cjson-encode.ts. */
import { AS_NULL, type CjsonConfig, ON } from './cjson-config.js';
import { formatNumber, NUMBER_LENGTH } from './cjson-number.js';
import { LuaError } from './lua.js';
import { Output } from './output.js';

const CHUNK = 4096;

/** For each byte what stands behind its backslash in a string, 0 when it stands for itself; `u` is followed by four digits. */
const ESCAPES = new Uint8Array(256);
ESCAPES.fill(0x75, 0, 0x20);
ESCAPES[0x7f] = 0x75;
for (const [byte, letter] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\', '//']) {
  ESCAPES[byte.charCodeAt(0)] = letter.charCodeAt(0);
}
const HEX = new TextEncoder().encode('0123456789abcdef');

export class JsonWriter extends Output {
  /** Writes the bytes `from[start, end)` as a string, escaped where JSON says so, and slashes and DEL. */
  string(from: Uint8Array, start: number, end: number): void {
    this.byte(0x22);
    for (let p = start; p < end; ) {
      const stop = end - p > CHUNK ? p + CHUNK : end;
      this.room(6 * (stop - p));
      const { buf } = this;
      let n = this.length;
      for (; p < stop; p++) {
        const b = from[p];
        const letter = ESCAPES[b];
        if (letter === 0) {
          buf[n++] = b;
          continue;
        }
        buf[n++] = 0x5c;
        buf[n++] = letter;
        if (letter !== 0x75) continue;
        buf[n++] = 0x30;
        buf[n++] = 0x30;
        buf[n++] = HEX[b >> 4];
        buf[n++] = HEX[b & 15];
      }
      this.length = n;
    }
    this.byte(0x22);
  }

  /** @throws LuaError when JSON does not have `x` and the settings do not say what then */
  number(x: number, config: CjsonConfig): void {
    if (x === (x | 0) && x > -1e9 && x < 1e9 && config.precision >= 9 && (x !== 0 || 1 / x > 0)) this.integer(x);
    else if (Number.isFinite(x)) {
      this.room(NUMBER_LENGTH);
      this.length = formatNumber(x, config.precision, this.buf, this.length);
    } else if (config.encodeInvalid === AS_NULL) this.text('null');
    else if (config.encodeInvalid === ON) this.text(Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf');
    else throw new LuaError('Cannot serialise number: must not be NaN or Inf');
  }

  /** @param x of at most nine digits */
  private integer(x: number): void {
    this.room(10);
    const { buf } = this;
    let n = this.length;
    if (x < 0) {
      buf[n++] = 0x2d;
      x = -x;
    }
    let digits = 1;
    for (let power = 10; power <= x; power *= 10) digits++;
    for (let p = n + digits - 1; p > n; p--) {
      const rest = (x / 10) | 0;
      buf[p] = 0x30 + x - 10 * rest;
      x = rest;
    }
    buf[n] = 0x30 + x;
    this.length = n + digits;
  }
}
