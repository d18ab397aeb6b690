/**
 * Queues: producers and blocked consumers who share keys. Every element is a token that occurs once, so that after a crash each of them
 * can be accounted for, though nobody knows the order in which the clients were served:
 *
 *   pushed, not taken     there, once        (or missing, if a consumer's command was in flight that may have taken it)
 *   taken                 not there          (moved: in the list of what is done)
 *   push in flight        there or not; tokens that were pushed by one transaction all or none
 */
import { Random } from '../../compat-suite/random/random.js';
import type { Connection } from '../../compat-suite/wire/connection.js';
import { request } from '../../compat-suite/wire/request.js';
import { type Ask, texts, type Words } from './step.js';
import { PATIENCE_MS, pause } from './target.js';

/** The database of the queues. */
const DATABASE = 14;
const LISTS = ['q0', 'q1'];
const SORTED = ['zq0', 'zq1'];
/** Where moved tokens end. */
const DONE = 'done';
const TOKEN = /^tok\d+\.\d+$/;

interface Push {
  readonly tokens: readonly string[];
  acknowledged: boolean;
}

/** A consumer's command that has not been answered: how many tokens it may have taken. */
interface Taking {
  most: number;
}

export class Queues {
  readonly complaints: string[] = [];
  acknowledged = 0;
  private pushes: Push[] = [];
  private taken = new Set<string>();
  private moved = new Set<string>();
  private takings: Taking[] = [];
  private tokens = 0;
  private readonly random: Random;

  constructor(private readonly seed: number) {
    this.random = new Random(seed);
  }

  /** Pushes tokens until `stop.now` or the server is gone. */
  async produce(connection: Connection, stop: { now: boolean }): Promise<void> {
    if (!(await selected(connection))) return;
    while (!stop.now) {
      const commands = this.pushing();
      const push: Push = { tokens: commands.flat().filter((word) => TOKEN.test(word)), acknowledged: false };
      this.pushes.push(push);
      connection.write(Buffer.concat(commands.map(request)));
      let reply = '';
      for (let i = 0; i < commands.length; i++) {
        reply = await connection.next(PATIENCE_MS);
        if (reply[0] === '<') return this.gone(reply);
      }
      if (reply[0] !== '-') {
        push.acknowledged = true;
        this.acknowledged++;
        continue;
      }
      this.pushes.splice(this.pushes.indexOf(push), 1);
      await pause(2);
    }
  }

  /** Takes tokens, blocked most of the time, until `stop.now` or the server is gone. */
  async consume(connection: Connection, stop: { now: boolean }): Promise<void> {
    if (!(await selected(connection))) return;
    while (!stop.now) {
      const [words, most] = this.popping();
      const taking = { most };
      this.takings.push(taking);
      connection.write(request(words));
      const reply = await connection.next(PATIENCE_MS);
      if (reply[0] === '<') return this.gone(reply);
      this.takings.splice(this.takings.indexOf(taking), 1);
      if (reply[0] === '-') {
        await pause(2); // it cannot write just now
        continue;
      }
      const tokens = texts(reply).flatMap((text) => text.match(/tok\d+\.\d+/g) ?? []);
      const into = words[0] === 'BLMOVE' || words[0] === 'BRPOPLPUSH' ? this.moved : this.taken;
      for (const token of tokens) {
        if (this.taken.has(token) || this.moved.has(token)) this.complaints.push(`${token} was given away twice`);
        into.add(token);
      }
      this.acknowledged += tokens.length;
    }
  }

  /** Accounts for all tokens after a crash, and begins anew with empty queues. @returns what is wrong; undefined when all is well */
  async judge(ask: Ask): Promise<string | undefined> {
    const wrong = this.account(await tokensIn(ask));
    await ask([
      ['SELECT', String(DATABASE)],
      ['DEL', ...LISTS, ...SORTED, DONE],
    ]);
    this.forget();
    return wrong.length === 0 ? undefined : `queues: ${wrong.slice(0, 8).join('; ')} (${wrong.length})`;
  }

  forget(): void {
    this.pushes = [];
    this.takings = [];
    this.taken.clear();
    this.moved.clear();
  }

  private account(places: ReadonlyMap<string, readonly string[]>): string[] {
    const wrong: string[] = [];
    const known = new Set(this.pushes.flatMap((push) => push.tokens));
    for (const [token, where] of places) {
      if (!known.has(token)) wrong.push(`${token} comes from nowhere`);
      if (where.length > 1) wrong.push(`${token} is there ${where.length} times: ${where.join(' ')}`);
      if (this.taken.has(token)) wrong.push(`${token} was taken and is back in ${where.join(' ')}`);
      if (this.moved.has(token) && where[0] !== DONE)
        wrong.push(`${token} was moved and is back in ${where.join(' ')}`);
    }
    for (const token of this.moved) if (!places.has(token)) wrong.push(`${token} was moved and is lost`);
    let missing = 0;
    for (const { tokens, acknowledged } of this.pushes) {
      const lost = tokens.filter((token) => !places.has(token) && !this.taken.has(token) && !this.moved.has(token));
      if (acknowledged) missing += lost.length;
      // Of a push in flight, what is missing may have been taken by commands in flight, as long as there were any.
      else if (lost.length > 0 && lost.length < tokens.length) missing += lost.length;
    }
    const most = this.takings.reduce((sum, taking) => sum + taking.most, 0);
    if (missing > most)
      wrong.push(`${missing} pushed tokens are lost, ${most} may have been taken by commands in flight`);
    return wrong;
  }

  private gone(reply: string): void {
    if (!reply.startsWith('<closed')) this.complaints.push(`queues: got ${reply}`);
  }

  private token(): string {
    return `tok${this.seed >>> 0}.${this.tokens++}`;
  }

  private pushing(): Words[] {
    const { random } = this;
    switch (random.below(5)) {
      case 0:
        return [['LPUSH', random.pick(LISTS), this.token(), this.token()]];
      case 1:
        return [['ZADD', random.pick(SORTED), String(random.below(100)), this.token()]];
      case 2:
        return [['MULTI'], ['RPUSH', LISTS[0], this.token()], ['RPUSH', LISTS[1], this.token()], ['EXEC']];
      case 3:
        return [['MULTI'], ['ZADD', SORTED[0], '5', this.token()], ['LPUSH', LISTS[0], this.token()], ['EXEC']];
      default:
        return [['RPUSH', random.pick(LISTS), this.token()]];
    }
  }

  private popping(): [Words, number] {
    const { random } = this;
    const timeout = '0.03';
    switch (random.below(9)) {
      case 0:
        return [['BRPOP', ...LISTS, timeout], 1];
      case 1:
        return [['BLMOVE', random.pick(LISTS), DONE, 'LEFT', 'RIGHT', timeout], 1];
      case 2:
        return [['BRPOPLPUSH', random.pick(LISTS), DONE, timeout], 1];
      case 3:
        return [['BLMPOP', timeout, '2', ...LISTS, 'LEFT', 'COUNT', '3'], 3];
      case 4:
        return [['BZPOPMIN', ...SORTED, timeout], 1];
      case 5:
        return [['BZPOPMAX', ...SORTED, timeout], 1];
      case 6:
        return [['BZMPOP', timeout, '2', ...SORTED, 'MAX', 'COUNT', '2'], 2];
      default:
        return [['BLPOP', ...LISTS, timeout], 1];
    }
  }
}

async function selected(connection: Connection): Promise<boolean> {
  return (await connection.ask(['SELECT', String(DATABASE)], PATIENCE_MS)) === '+OK\r\n';
}

/** Every token that is there, and the keys in which it is. */
async function tokensIn(ask: Ask): Promise<Map<string, string[]>> {
  const places = new Map<string, string[]>();
  const commands = [
    ...[...LISTS, DONE].map((key) => ['LRANGE', key, '0', '-1']),
    ...SORTED.map((key) => ['ZRANGE', key, '0', '-1']),
  ];
  const [, ...replies] = await ask([['SELECT', String(DATABASE)], ...commands]);
  replies.forEach((reply, i) => {
    for (const token of texts(reply)) places.set(token, [...(places.get(token) ?? []), commands[i][1]]);
  });
  return places;
}
