/**
 * Mortals: keys and fields that expire within milliseconds while they are written, and what takes their place. A write to an expired key
 * begins anew, and says so in its reply: after a crash the old value must not be in it. What still had a TTL must be gone.
 *
 *   mortal(v) ──write x──► firm(x) when v had expired, else mortal(v + x)
 *   firm(v)   ──write x──► firm(v + x)          firm must be there after a crash, mortal must not
 */
import { Random } from '../../compat-suite/random/random.js';
import type { Connection } from '../../compat-suite/wire/connection.js';
import { request } from '../../compat-suite/wire/request.js';
import { type Ask, integer, texts, type Words } from './step.js';
import { PATIENCE_MS, pause } from './target.js';

/** The database of these keys. */
const DATABASE = 15;
const KEYS = 4;
/** The longest TTL that is given, ms. */
const LONGEST_MS = 40;

/** How a kind of value is written, and what its parts are. */
interface Kind {
  readonly prefix: string;
  readonly read: (key: string) => Words;
  readonly ttl: (key: string) => Words;
  /** Adds `part`; the reply grows by `unit` with each part that there is. */
  readonly add: (key: string, part: string) => Words;
  readonly unit: number;
  readonly expire: (key: string, ms: string) => Words;
  readonly drop: (key: string) => Words;
  /** What is read where there are these parts: one or more. */
  readonly text: (parts: readonly string[]) => string;
}

const PART = 6;
const KEY_TTL = {
  ttl: (k: string) => ['PTTL', k],
  expire: (k: string, ms: string) => ['PEXPIRE', k, ms],
  drop: (k: string) => ['DEL', k],
};
const joined = (parts: readonly string[]) => parts.join('');
const counted = (parts: readonly string[]) => String(parts.length);
const APPENDED: Kind = {
  ...KEY_TTL,
  prefix: 's',
  read: (k) => ['GET', k],
  add: (k, p) => ['APPEND', k, p],
  unit: PART,
  text: joined,
};
const PUSHED: Kind = {
  ...KEY_TTL,
  prefix: 'l',
  read: (k) => ['LRANGE', k, '0', '-1'],
  add: (k, p) => ['RPUSH', k, p],
  unit: 1,
  text: joined,
};
const COUNTED: Kind = {
  ...KEY_TTL,
  prefix: 'n',
  read: (k) => ['GET', k],
  add: (k) => ['INCR', k],
  unit: 1,
  text: counted,
};
const FIELD: Kind = {
  prefix: 'h',
  read: (k) => ['HGET', k, 'f'],
  ttl: (k) => ['HPTTL', k, 'FIELDS', '1', 'f'],
  add: (k) => ['HINCRBY', k, 'f', '1'],
  unit: 1,
  expire: (k, ms) => ['HPEXPIRE', k, ms, 'FIELDS', '1', 'f'],
  drop: (k) => ['HDEL', k, 'f'],
  text: counted,
};

/** What a key holds: parts, and whether they are about to expire. */
interface State {
  readonly parts: readonly string[];
  readonly mortal: boolean;
}

const NOTHING: State = { parts: [], mortal: false };

export class Mortals {
  readonly complaints: string[] = [];
  acknowledged = 0;
  private readonly states = new Map<string, State>();
  /** The states that `key` may be in while a command is in flight. */
  private inFlight: { readonly key: string; readonly states: readonly State[] } | undefined = undefined;
  private readonly random: Random;
  private count = 0;

  private readonly kinds: readonly Kind[];

  constructor(seed: number, fieldTtls: boolean) {
    this.random = new Random(seed);
    this.kinds = fieldTtls ? [APPENDED, PUSHED, COUNTED, FIELD] : [APPENDED, PUSHED, COUNTED];
  }

  async drive(connection: Connection, stop: { now: boolean }): Promise<void> {
    if ((await connection.ask(['SELECT', String(DATABASE)], PATIENCE_MS)) !== '+OK\r\n') return;
    while (!stop.now && this.complaints.length === 0) {
      const kind = this.random.pick(this.kinds);
      const key = `${kind.prefix}${this.random.below(KEYS)}`;
      const going = await (this.random.oneIn(2)
        ? this.add(connection, kind, key)
        : this.shorten(connection, kind, key));
      if (!going) return;
      if (this.random.oneIn(3)) await pause(this.random.below(LONGEST_MS));
    }
  }

  /** @returns what is wrong after a crash, as text; undefined when all is well */
  async judge(ask: Ask): Promise<string | undefined> {
    await pause(LONGEST_MS + 10);
    await ask([['SELECT', String(DATABASE)]]);
    const wrong: string[] = [];
    for (const kind of this.kinds)
      for (let i = 0; i < KEYS; i++) {
        const key = `${kind.prefix}${i}`;
        const [reply, ttl] = await ask([kind.read(key), kind.ttl(key)]);
        const found = texts(reply).join('');
        const possible = this.possible(key);
        const state = possible.find(
          ({ parts, mortal }) => found === (mortal || parts.length === 0 ? '' : kind.text(parts)),
        );
        if (state === undefined) wrong.push(`${key} is '${found}', must be one of ${JSON.stringify(possible)}`);
        if (found !== '' && !ttl.endsWith(':-1\r\n')) wrong.push(`${key} has a TTL: ${ttl}`);
        this.states.set(key, state === undefined || state.mortal ? NOTHING : state);
      }
    this.inFlight = undefined;
    return wrong.length === 0 ? undefined : `mortals: ${wrong.join('; ')}`;
  }

  forget(): void {
    this.states.clear();
    this.inFlight = undefined;
  }

  private possible(key: string): readonly State[] {
    const now = this.states.get(key) ?? NOTHING;
    return this.inFlight?.key === key ? [now, ...this.inFlight.states] : [now];
  }

  private async add(connection: Connection, kind: Kind, key: string): Promise<boolean> {
    const { parts, mortal } = this.states.get(key) ?? NOTHING;
    const part = String(this.count++).padStart(PART, '0');
    const anew: State = { parts: [part], mortal: false };
    const more: State = { parts: [...parts, part], mortal };
    this.inFlight = { key, states: mortal ? [anew, more] : [more] };
    const reply = await this.answer(connection, kind.add(key, part));
    if (reply === undefined) return false;
    if (reply[0] === '-') return true;
    const count = integer(reply) / kind.unit;
    if (count === more.parts.length) this.states.set(key, more);
    else if (count === 1 && mortal) this.states.set(key, anew);
    else this.complaints.push(`mortals: ${key} has ${count} parts, must have ${more.parts.length}`);
    return true;
  }

  /** Lets a key expire soon, or deletes it. */
  private async shorten(connection: Connection, kind: Kind, key: string): Promise<boolean> {
    const state = this.states.get(key) ?? NOTHING;
    const drop = this.random.oneIn(8);
    const after: State = drop ? NOTHING : { parts: state.parts, mortal: true };
    this.inFlight = { key, states: [after] };
    const words = drop ? kind.drop(key) : kind.expire(key, String(1 + this.random.below(LONGEST_MS)));
    const reply = await this.answer(connection, words);
    if (reply === undefined) return false;
    if (reply[0] === '-') return true;
    if (drop || (/:(0|-2)\r\n$/.test(reply) && (state.mortal || state.parts.length === 0)))
      this.states.set(key, NOTHING);
    else if (reply.endsWith(':1\r\n') && state.parts.length > 0) this.states.set(key, after);
    else this.complaints.push(`mortals: ${words.join(' ')} answers ${reply}`);
    return true;
  }

  private async answer(connection: Connection, words: Words): Promise<string | undefined> {
    connection.write(request(words));
    const reply = await connection.next(PATIENCE_MS);
    if (reply[0] === '<') {
      if (!reply.startsWith('<closed')) this.complaints.push(`mortals: got ${reply}`);
      return undefined;
    }
    this.inFlight = undefined;
    this.acknowledged++;
    return reply;
  }
}
