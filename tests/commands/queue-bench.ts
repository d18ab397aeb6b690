/** Bench: a Session with words for queues, for their tests. */
import { Session, type Value } from './session.js';

export const OPEN = { enableDebugCommand: 'yes' } as const;

/** Messages of a reply as objects. */
export function messages(reply: Value): Record<string, Value>[] {
  if (!Array.isArray(reply)) throw new Error(`no messages: ${reply}`);
  return reply.map((flat) => asMap(flat));
}

function asMap(flat: Value): Record<string, Value> {
  const map: Record<string, Value> = {};
  const list = flat as Value[];
  for (let i = 0; i < list.length; i += 2) map[String(list[i])] = list[i + 1];
  return map;
}

export class Bench extends Session {
  ids(command: string): string {
    const reply = this.ask(command);
    return reply === null
      ? 'none'
      : messages(reply)
          .map(({ id }) => id)
          .join(' ');
  }

  /** Some fields of QUEUE.INFO. */
  info(...names: string[]): Value[] {
    const map = asMap(this.ask('queue.info q'));
    return names.map((name) => map[name]);
  }

  tell(...lines: string[]): void {
    for (const line of lines) {
      const reply = this.ask(line);
      if (typeof reply === 'string' && reply.startsWith('-')) throw new Error(`${line}: ${reply}`);
    }
  }
}

export function bench(...lines: string[]): Bench {
  const s = new Bench(OPEN);
  s.tell(...lines);
  void s.events;
  return s;
}
