/**
 * The fast loader: sends millions of commands over one connection, many in flight, and counts the replies. It takes only
 * commands whose reply is one line (+OK, :1), because then a reply is a line feed and an error is a line that begins with '-'.
 *
 *     write(out, i) ──> RequestWriter ──batch──> socket ──> server
 *                          ^                                  │
 *                          └── at most `window` batches unanswered
 *
 * It must never outrun the server without a bound (replies would pile up in memory) nor swallow an error. Next: dataset.ts.
 */
import { connect, type Socket } from 'node:net';

/** Data to lay down: `write` puts command number `index` (0 to commands - 1) into the writer, exactly one. */
export interface Load {
  readonly elements: number;
  readonly commands: number;
  readonly write: (out: RequestWriter, index: number) => void;
}

/** How eagerly: commands a batch, and batches that may be unanswered. */
export interface Pace {
  readonly batch: number;
  readonly window: number;
}

export const FAST: Pace = { batch: 256, window: 4 };
/** One client that pipelines politely: what runs beside the idle client whose pauses are measured. */
export const MODEST: Pace = { batch: 100, window: 1 };

/** Every item is a four-letter kind and twelve digits, as redis-benchmark writes `__rand_int__`: sixteen bytes. */
const ITEM_DIGITS = 12;

/** Requests appended to one growing buffer. */
export class RequestWriter {
  private buf = Buffer.allocUnsafe(1 << 16);
  private pos = 0;

  /** Begins a command of `argc` words, its name included. */
  command(argc: number): void {
    this.text(`*${argc}\r\n`);
  }

  /** A word of ASCII. */
  word(word: string): void {
    this.text(`$${word.length}\r\n${word}\r\n`);
  }

  /** The word `kind` + `index` in twelve digits: kind is four ASCII characters, index an integer from 0 to 999,999,999,999. */
  item(kind: string, index: number): void {
    this.text('$16\r\n');
    this.text(kind);
    this.room(ITEM_DIGITS + 2);
    const buf = this.buf;
    let rest = index;
    for (let p = this.pos + ITEM_DIGITS - 1; p >= this.pos; p--) {
      const tenth = Math.floor(rest / 10);
      buf[p] = 48 + rest - tenth * 10;
      rest = tenth;
    }
    this.pos += ITEM_DIGITS;
    buf[this.pos++] = 13;
    buf[this.pos++] = 10;
  }

  /** A copy of what was written since the last call: the socket may keep it as long as it likes. */
  take(): Buffer {
    const bytes = Buffer.from(this.buf.subarray(0, this.pos));
    this.pos = 0;
    return bytes;
  }

  private text(text: string): void {
    this.room(text.length);
    this.pos += this.buf.write(text, this.pos, 'latin1');
  }

  private room(bytes: number): void {
    if (this.pos + bytes <= this.buf.length) return;
    const grown = Buffer.allocUnsafe(this.buf.length * 2 + bytes);
    this.buf.copy(grown, 0, 0, this.pos);
    this.buf = grown;
  }
}

/** Counts the line feeds of a chunk of replies. */
export function countReplies(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count++;
  return count;
}

/** The state of one load; a class, so that what the two socket callbacks share has a name. */
class Pipe {
  private readonly out = new RequestWriter();
  private sent = 0;
  private answered = 0;

  constructor(
    private readonly socket: Socket,
    private readonly load: Load,
    private readonly pace: Pace,
  ) {}

  /** Sends batches while there is room in the window. True when every command is answered. */
  pump(): boolean {
    const { batch, window } = this.pace;
    while (this.sent < this.load.commands && this.sent - this.answered <= batch * (window - 1)) {
      const end = Math.min(this.load.commands, this.sent + batch);
      while (this.sent < end) this.load.write(this.out, this.sent++);
      this.socket.write(this.out.take());
    }
    return this.answered === this.load.commands;
  }

  /** Takes a chunk of replies. Throws with the server's words when one is an error. */
  receive(chunk: Buffer): boolean {
    const dash = chunk.indexOf(0x2d); // neither +OK nor :123 holds one, and no reply here is negative
    if (dash !== -1) throw new Error(`loading failed: ${chunk.toString('latin1', dash + 1, dash + 80).split('\r')[0]}`);
    this.answered += countReplies(chunk);
    return this.pump();
  }
}

/**
 * Lays `load` down in the server on `port` at `pace`. Resolves when the last reply is in; rejects at the first error reply or
 * when the connection breaks.
 */
export function layDown(port: number, load: Load, pace: Pace): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const pipe = new Pipe(socket, load, pace);
    const finish = (error?: Error): void => {
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.on('connect', () => {
      if (pipe.pump()) finish();
    });
    socket.on('data', (chunk) => {
      try {
        if (pipe.receive(chunk)) finish();
      } catch (error) {
        finish(error as Error);
      }
    });
    socket.on('error', finish);
    socket.on('close', () => finish(new Error('the server closed the connection while data was loaded')));
  });
}
