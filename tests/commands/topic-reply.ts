/** How tests of topics read replies. */
import type { Value } from './session.js';

/** A map's `[name, value, ...]` as an object. */
export function fields(value: Value): Record<string, Value> {
  const list = value as Value[];
  return Object.fromEntries(Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]));
}

/** Events as `partition:offset=data ...`; anything else as text. */
export function brief(reply: Value): string {
  if (!Array.isArray(reply)) return String(reply);
  return reply
    .map(fields)
    .map((event) => `${event.partition}:${event.offset}=${event.data}`)
    .join(' ');
}
