/**
 * Script: a script's text with what its first line declares.
 *
 *   #!lua flags=no-writes,allow-stale        a shebang; without one a script may do what its calls may, as before Redis 7
 *   return redis.call('get', KEYS[1])        this is line 2
 */
import { createHash } from 'node:crypto';
import {
  SHEBANG_ENGINE,
  SHEBANG_INVALID,
  unknownEngine,
  unknownScriptFlag,
  unknownShebangOption,
} from '../../commands/script-error.js';
import { splitWords } from '../../protocol/inline.js';
import type { Bytes } from '../../storage/memory/bytes.js';

/** It has no shebang: what it may do is asked at each of its calls. */
export const UNDECLARED = 1 << 0;
export const NO_WRITES = 1 << 1;
export const ALLOW_OOM = 1 << 2;

/** ALLOW_STALE and those of a cluster concern replicas and clusters alone. */
const FLAGS: Readonly<Record<string, number>> = {
  'no-writes': NO_WRITES,
  'allow-oom': ALLOW_OOM,
  'allow-stale': 0,
  'no-cluster': 0,
  'allow-cross-slot-keys': 0,
};

const HASH_SIGN = 35;
const EXCLAMATION = 33;
const LINE_FEED = 10;

/** Another script with the same hash follows in `next`. */
export class Script {
  next: Script | undefined = undefined;
  /** Its function in the interpreter of that number (0: none); in another it must be compiled again. */
  ref = 0;
  interpreter = 0;

  /**
   * @param source the whole text, an own copy
   * @param sha its SHA1 in hexadecimal
   * @param flags bits of this file
   * @param begin where Lua begins, at the line break that ends the shebang
   */
  constructor(
    readonly source: Bytes,
    readonly sha: string,
    readonly flags: number,
    readonly begin: number,
  ) {}

  /** @throws a ReplyError for a shebang that says what nobody knows */
  static of(text: Bytes): Script {
    const source = text.copy();
    const { buf } = source;
    const sha = createHash('sha1').update(buf).digest('hex');
    if (buf[0] !== HASH_SIGN || buf[1] !== EXCLAMATION) return new Script(source, sha, UNDECLARED, 0);
    const end = buf.indexOf(LINE_FEED);
    if (end < 0) throw SHEBANG_INVALID;
    return new Script(source, sha, declared(buf, end), end);
  }
}

/** The flags that a shebang declares, `buf[0, end)`. */
function declared(buf: Uint8Array, end: number): number {
  const words = splitWords(buf, 0, end)?.map((word) => Buffer.from(word).toString('latin1'));
  if (words === undefined) throw SHEBANG_ENGINE;
  if (words[0] !== '#!lua') throw unknownEngine(words[0]);
  let flags = 0;
  for (const word of words.slice(1)) {
    if (!word.startsWith('flags=')) throw unknownShebangOption(word);
    if (word !== 'flags=') for (const name of word.slice(6).split(',')) flags |= flag(name);
  }
  return flags;
}

/** @throws ReplyError */
function flag(name: string): number {
  const bit = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  if (bit === undefined) throw unknownScriptFlag(name);
  return bit;
}
