/**
 * SORT's patterns: `weight_*` names a string key by an element, `object_*->field` a field of a hash, `#` the element itself.
 *
 *   [ prefix ] * [ postfix ] -> [ field ]        the first `*`, and the first `->` behind it that something follows
 *
 * A pattern is cut up once and then asked for each element.
 */
import { Bytes, copyBytes } from '../storage/memory/bytes.js';
import { HASH, STRING } from '../storage/types.js';
import type { Client } from './client.js';

const STAR = 42;

/** Position of the first `*`, -1 when there is none: such a pattern names one key whatever the element. A NUL byte ends the search. */
export function starOf(pattern: Bytes): number {
  const { buf, end } = pattern;
  for (let p = pattern.start; p < end && buf[p] !== 0; p++) if (buf[p] === STAR) return p;
  return -1;
}

export class SortPattern {
  private readonly isElement: boolean;
  /** The pattern's `*`, and where its key part ends. */
  private readonly star: number;
  private readonly keyEnd: number;
  private readonly field: Bytes | undefined = undefined;
  private name = new Uint8Array(64);
  private readonly key = new Bytes();

  constructor(private readonly pattern: Bytes) {
    const { buf, start, end } = pattern;
    this.isElement = end - start === 1 && buf[start] === 35;
    this.star = starOf(pattern);
    this.keyEnd = end;
    if (this.star < 0) return;
    for (let p = this.star + 1; p + 2 < end && buf[p] !== 0; p++) {
      if (buf[p] !== 45 || buf[p + 1] !== 62) continue;
      this.keyEnd = p;
      this.field = new Bytes().set(buf, p + 2, end);
      break;
    }
  }

  /** Whether it leads to a field of a hash. */
  get usesField(): boolean {
    return this.field !== undefined;
  }

  /**
   * What the pattern leads to from `element`: a view that holds until the next look-up, undefined when there is nothing, or nothing
   * of the right type. Counts as a look-up of a key.
   */
  value(c: Client, element: Bytes): Bytes | undefined {
    if (this.isElement) return element;
    if (this.star < 0) return undefined;
    const { db } = c;
    const key = this.keyFor(element);
    const entry = db.lookup(key);
    if (entry === 0) return undefined;
    const type = db.space.type(entry);
    if (this.field !== undefined) return type === HASH ? db.liveHash(entry, key)?.get(this.field) : undefined;
    return type === STRING ? db.strings.get(entry) : undefined;
  }

  private keyFor(element: Bytes): Bytes {
    const { star, keyEnd } = this;
    const { buf, start } = this.pattern;
    const prefix = star - start;
    const middle = element.end - element.start;
    const postfix = keyEnd - star - 1;
    const n = prefix + middle + postfix;
    if (n > this.name.length) this.name = new Uint8Array(n * 2);
    copyBytes(this.name, 0, buf, start, prefix);
    copyBytes(this.name, prefix, element.buf, element.start, middle);
    copyBytes(this.name, prefix + middle, buf, star + 1, postfix);
    return this.key.set(this.name, 0, n);
  }
}
