/**
 * Routing by dotted names, as AMQP 0-9-1 means it (3.1.3.3): a name is words parted by dots; in a pattern `*` is any one word and `#` any
 * number of words, also none. `a.*.c` is a.b.c; `a.#` is a, a.b and a.b.c.
 */

import { escapeGlob } from '../glob.js';

/** A glob of PSUBSCRIBE that matches at least all that `pattern` does. */
export function widerGlob(pattern: string): string {
  let glob = '';
  let joined = true; // nothing parts what follows from what was
  for (const word of pattern.split('.')) {
    if (word === '#') {
      glob += '*';
      joined = true;
      continue;
    }
    if (!joined) glob += '.';
    glob += word === '*' ? '*' : escapeGlob(word);
    joined = false;
  }
  return glob.replace(/\*{2,}/g, '*');
}

/** Whether `name` is what `pattern` means. O(words of both, multiplied). */
export function routes(pattern: string, name: string): boolean {
  const wanted = pattern.split('.');
  const words = name.split('.');
  // reached[i]: what was looked at of the pattern can be the first i words.
  let reached = [true, ...words.map(() => false)];
  for (const part of wanted) {
    const next = reached.map(() => false);
    for (let i = 0; i <= words.length; i++) {
      if (part === '#') next[i] = reached[i] || (i > 0 && next[i - 1]);
      else next[i] = i > 0 && reached[i - 1] && (part === '*' || part === words[i - 1]);
    }
    reached = next;
  }
  return reached[words.length];
}
