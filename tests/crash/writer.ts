/**
 * Writer: a client that sends random steps, knows which were acknowledged, and judges after a crash what it finds: its keys must be as
 * they are after all its durable steps and then some of the following in their order, none of them in part.
 *
 *   settled ──────────────► | floor: must be there ─────► | in doubt: any beginning of it may be there
 *   on the model, forgotten | acknowledged and durable    | acknowledged but not yet durable, or in flight
 */
import { deliberate } from '../../compat-suite/differences.js';
import { Random } from '../../compat-suite/random/random.js';
import type { Connection } from '../../compat-suite/wire/connection.js';
import { request } from '../../compat-suite/wire/request.js';
import { closedWrite } from './closed-writes.js';
import { Draw, JOURNALS } from './draw.js';
import { type Contents, contents, differences, type Model } from './model.js';
import { openWrite } from './open-writes.js';
import { type Ask, Sent, type Step, type Words } from './step.js';
import { PATIENCE_MS, pause } from './target.js';

/** Steps that are sent in one go at most. */
const WINDOW = 8;

export interface WriterOptions {
  readonly seed: number;
  /** Number of the client, 0 to 5. */
  readonly client: number;
  readonly fieldTtls: boolean;
  readonly model: Model;
  /** Whether an acknowledgement promises that the step survives what is coming. */
  readonly durable: boolean;
}

export class Writer {
  /** What is wrong, as text. */
  readonly complaints: string[] = [];
  acknowledged = 0;
  refused = 0;
  /** How often WAITAOF has said that all is safe. */
  covered = 0;
  durable: boolean;
  private pending: Sent[] = [];
  /** How many of `pending` must be there. */
  private floor = 0;
  private readonly draw: Draw;
  private readonly random: Random;
  private readonly model: Model;

  constructor({ seed, client, fieldTtls, model, durable }: WriterOptions) {
    this.random = new Random(Math.imul(seed, 31) + client);
    this.draw = new Draw(this.random, client, fieldTtls);
    this.model = model;
    this.durable = durable;
  }

  /** Sends steps and takes their replies until `stop.now`, or until the server is gone. */
  async drive(connection: Connection, stop: { now: boolean }): Promise<void> {
    if ((await connection.ask(['SELECT', String(this.draw.database)], PATIENCE_MS)) !== '+OK\r\n') return;
    for (let i = 0; !stop.now && this.complaints.length === 0; i++) {
      const { refused } = this;
      if (!(await this.exchange(connection, this.batch()))) return;
      if (this.refused > refused) await pause(2);
      if (!this.durable && (i === 0 || this.random.oneIn(4)) && !(await this.waitForSync(connection))) return;
    }
  }

  /** WAITAOF: when it says so, everything so far is durable. @returns whether the server has answered */
  private async waitForSync(connection: Connection): Promise<boolean> {
    connection.send(['WAITAOF', '1', '0', '3000']);
    const reply = await this.reply(connection);
    if (reply?.startsWith('*2\r\n:1\r\n')) {
      this.raiseFloor();
      this.covered++;
    }
    return reply !== undefined;
  }

  /** Everything acknowledged so far is durable from now on. */
  raiseFloor(): void {
    while (this.floor < this.pending.length && this.pending[this.floor].acknowledged) this.floor++;
  }

  /**
   * Compares what the server has after a crash with what it may have, and takes over what it is.
   * @returns what is wrong, as text; undefined when all is well
   */
  async judge(ask: Ask): Promise<string | undefined> {
    const found = await this.contents(ask);
    const tried: string[] = [];
    for (let applied = 0; ; applied++) {
      const wrong = differences(await this.contents(this.model.ask), found);
      if (wrong.length === 0 && applied >= this.floor) {
        this.forget();
        return undefined;
      }
      tried.push(
        `after ${applied} of ${this.pending.length}: ${wrong.slice(0, 4).join('; ') || 'equal, but too early'}`,
      );
      const next = this.pending[applied];
      if (next === undefined || !(await this.settle(next, ask))) return this.report(tried);
    }
  }

  /** Nothing of this client is there any more, whatever was. */
  forget(): void {
    this.pending = [];
    this.floor = 0;
  }

  private report(tried: readonly string[]): string {
    const steps = this.pending.map((sent, i) => `    ${i + 1}${i < this.floor ? ' must' : ''} ${sent}`);
    const shown = tried.length > 6 ? [...tried.slice(0, 3), '…', ...tried.slice(-3)] : tried;
    return [`client ${this.draw.client}:`, ...shown.map((line) => `  ${line}`), ...steps.slice(0, 40)].join('\n');
  }

  private batch(): Sent[] {
    const steps: Step[] = [];
    for (let i = this.random.below(WINDOW); i > 0; i--) steps.push(closedWrite(this.draw));
    // Nothing follows an open step until its outcome is known.
    steps.push(this.random.oneIn(3) ? openWrite(this.draw) : closedWrite(this.draw));
    return steps.map((step) => new Sent(step));
  }

  /** @returns whether the server has answered everything */
  private async exchange(connection: Connection, batch: readonly Sent[]): Promise<boolean> {
    this.pending.push(...batch);
    const words = batch.flatMap(({ step }) =>
      step.probe === undefined ? step.commands : [...step.commands, step.probe],
    );
    connection.write(Buffer.concat(words.map(request)));
    for (const sent of batch) {
      while (!sent.acknowledged) {
        const reply = await this.reply(connection);
        if (reply === undefined) return false;
        sent.replies.push(reply);
      }
      this.note(sent);
      if (sent.step.probe !== undefined) {
        sent.probe = await this.reply(connection);
        if (sent.probe === undefined) return false;
      }
      if (this.durable) await this.settleFirst();
    }
    return true;
  }

  private async reply(connection: Connection): Promise<string | undefined> {
    const reply = await connection.next(PATIENCE_MS);
    if (reply[0] !== '<') return reply;
    if (!reply.startsWith('<closed')) this.complaints.push(`client ${this.draw.client} got ${reply}`);
    return undefined;
  }

  private note(sent: Sent): void {
    if (sent.refused) this.refused++;
    else this.acknowledged++;
    if (this.durable) this.raiseFloor();
  }

  /** Puts the first pending step on the model for good. */
  private async settleFirst(): Promise<void> {
    const sent = this.pending[0];
    if (!(await this.settle(sent, undefined))) this.complaints.push(`client ${this.draw.client}: cannot be: ${sent}`);
    this.pending.shift();
    this.floor--;
  }

  /** Puts a step on the model. `ask`: the server after the crash, for what was not answered. @returns whether that is possible */
  private async settle(sent: Sent, ask: Ask | undefined): Promise<boolean> {
    const { step, sentAt } = sent;
    if (sent.refused) return true;
    if (step.outcome === undefined) {
      const expected = this.model.run(this.draw.database, step.means ?? step.commands);
      if (step.means === undefined) this.compare(step.commands, expected, sent.replies);
      return true;
    }
    const replies = sent.acknowledged ? sent.replies : undefined;
    const probe = sent.probe ?? (await ask!([['SELECT', String(this.draw.database)], step.probe!]))[1];
    const commands = step.outcome({ replies, probe, sentAt }, this.model.asking(this.draw.database));
    if (commands !== undefined) this.model.run(this.draw.database, commands);
    return commands !== undefined;
  }

  /** The replies that came must be those of the model. */
  private compare(commands: readonly Words[], expected: readonly string[], got: readonly string[]): void {
    got.forEach((reply, i) => {
      if (reply === expected[i] || deliberate(commands[i], expected[i], reply) !== undefined) return;
      const text = commands[i].join(' ').slice(0, 200);
      const [wanted, found] = [expected[i], reply].map((one) => JSON.stringify(one.slice(0, 300)));
      this.complaints.push(
        `client ${this.draw.client}: ${JSON.stringify(text)}: must answer ${wanted}, answers ${found}`,
      );
    });
  }

  private async contents(ask: Ask): Promise<Contents> {
    const { database, otherDatabase, fieldTtls, journal } = this.draw;
    const all: Contents = new Map();
    for (const [db, prefix] of [
      [database, ''],
      [otherDatabase, ''],
      [JOURNALS, journal],
    ] as const)
      for (const [key, text] of await contents(ask, db, fieldTtls, prefix)) all.set(`${db} ${key}`, text);
    return all;
  }
}
