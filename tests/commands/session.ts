/**
 * Session: a server without sockets and one client of it, for tests of commands. `ask` gives the reply as a JavaScript value, `raw`
 * its bytes. Time stands still unless the test moves it; chance is seeded; keyspace events are recorded.
 */
import { Client } from '../../commands/client.js';
import { dispatch } from '../../commands/dispatch.js';
import { Settings } from '../../commands/settings.js';
import { Reply } from '../../protocol/reply.js';
import { type Environment, SynapServer } from '../../src/server.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { seeded } from '../random.js';

/** Errors come back as strings with a leading `-`, RESP3's types as RESP2's. */
export type Value = string | number | boolean | null | Value[];

/** An attention bit that nobody else uses: the server then tells every change. */
const ATTEND_TEST = 1 << 30;

export class Session {
  readonly server: SynapServer;
  readonly client: Client;
  now = 1_700_000_000_000;
  /** Every command takes this long, ms: the monotonic clock goes on by it whenever it is read. */
  step = 0;
  private elapsed = 0;
  /** What changed since `events` was last read: `sadd key`, with `@db` when that is not 0. */
  private told: string[] = [];

  constructor(settings: Partial<Settings> = {}, resp: 2 | 3 = 2, seed = 1, environment: Partial<Environment> = {}) {
    this.server = new SynapServer(Object.assign(new Settings(), { loglevel: 'nothing', save: [] }, settings), {
      clock: () => this.now,
      monotonic: () => {
        this.elapsed += this.step;
        return [Math.floor(this.elapsed / 1000), (this.elapsed % 1000) * 1e6];
      },
      random: seeded(seed),
      write: () => {},
      ...environment,
    });
    this.server.attention |= ATTEND_TEST;
    this.server.notify = (db, key, _kind, event) => {
      this.told.push(`${event} ${key}${db.index === 0 ? '' : `@${db.index}`}`);
    };
    this.client = new Client(1, this.server, new Reply(this.server.replies), this.server.databases[0], [], undefined);
    this.client.out.resp = resp;
  }

  /** The events since the last look. */
  get events(): string[] {
    const { told } = this;
    this.told = [];
    return told;
  }

  /** Runs a command: a line of words, or the words. Latin1: one byte a character. */
  raw(command: string | readonly string[]): string {
    const words = typeof command === 'string' ? command.split(' ') : command;
    const { client, server } = this;
    client.argv = words.map((word) => Bytes.from(word));
    client.argc = words.length;
    server.beginTurn();
    dispatch(client);
    this.server.timing.settle(client);
    const text = Buffer.from(client.out.buf.subarray(0, client.out.pos)).toString('latin1');
    client.out.taken(false);
    return text;
  }

  ask(command: string | readonly string[]): Value {
    const reader = new ReplyText(this.raw(command));
    return reader.value();
  }

  /** `ask` with the reply's elements sorted, for what has no order. */
  askSorted(command: string | readonly string[]): Value {
    const value = this.ask(command);
    return Array.isArray(value) ? value.sort() : value;
  }
}

class ReplyText {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): Value {
    const end = this.text.indexOf('\r\n', this.at);
    const type = this.text[this.at];
    const line = this.text.slice(this.at + 1, end);
    this.at = end + 2;
    if (type === '+') return line;
    if (type === '-') return `-${line}`;
    if (type === ':') return Number(line);
    if (type === ',') return Number(line);
    if (type === '#') return line === 't';
    if (type === '_' || line === '-1') return null;
    if (type === '$') {
      const bulk = this.text.slice(this.at, this.at + Number(line));
      this.at += bulk.length + 2;
      return bulk;
    }
    if (!'*~>%'.includes(type)) throw new Error(`unknown type of reply: ${type}`);
    const n = Number(line) * (type === '%' ? 2 : 1);
    return Array.from({ length: n }, () => this.value());
  }
}
