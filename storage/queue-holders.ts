/**
 * QueueHolders: the consumers that hold messages of one queue, by name and by the number that their messages bear. One that holds none any
 * more is forgotten, so that there are never more than messages in flight.
 */
import type { Arena } from './memory/arena.js';
import type { Bytes } from './memory/bytes.js';

/** Estimated bytes of the JavaScript objects of one holder beside its name, which is kept twice. */
const HOLDER_BYTES = 160;

export class Holder {
  /** Messages that it holds. */
  held = 0;

  constructor(
    readonly number: number,
    readonly name: Bytes,
    readonly text: string,
  ) {}
}

export class QueueHolders {
  /** Bytes of all of them, counted in `arena.outside`. */
  bytes = 0;
  private readonly byName = new Map<string, Holder>();
  /** By number; number 0 is nobody's. */
  private readonly byNumber: (Holder | undefined)[] = [undefined];
  private readonly freeNumbers: number[] = [];
  /** Who was given something last. */
  private last: Holder | undefined = undefined;
  private readonly arena: Arena;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  get size(): number {
    return this.byName.size;
  }

  at(number: number): Holder {
    return this.byNumber[number]!;
  }

  /** The holder called `name`; undefined while it holds nothing. O(length) */
  find(name: Bytes): Holder | undefined {
    return this.byName.get(name.toString());
  }

  /** The holder called `name` has one message more. @returns its number */
  hold(name: Bytes): number {
    let holder = this.last;
    if (holder === undefined || holder.held === 0 || !holder.name.equals(name)) {
      const text = name.toString();
      holder = this.last = this.byName.get(text) ?? this.add(name, text);
    }
    holder.held++;
    return holder.number;
  }

  private add(name: Bytes, text: string): Holder {
    const number = this.freeNumbers.pop() ?? this.byNumber.length;
    const holder = new Holder(number, name.copy(), text);
    this.byNumber[number] = holder;
    this.byName.set(text, holder);
    this.count(HOLDER_BYTES + 2 * text.length);
    return holder;
  }

  /** Holder `number` has one message less. */
  letGo(number: number): void {
    const holder = this.at(number);
    if (--holder.held > 0) return;
    this.byName.delete(holder.text);
    this.byNumber[number] = undefined;
    this.freeNumbers.push(number);
    this.count(-HOLDER_BYTES - 2 * holder.text.length);
  }

  /** Forgets all of them. */
  drop(): void {
    this.count(-this.bytes);
    this.byName.clear();
    this.last = undefined;
  }

  private count(bytes: number): void {
    this.bytes += bytes;
    this.arena.outside += bytes;
  }
}
