/**
 * ScriptCache: every script that was ever compiled, until SCRIPT FLUSH, as in Redis 7.0: it forgets none by itself. EVAL finds a script by
 * its text, for which a hash and a comparison are cheaper than a SHA1.
 */
import { type Bytes, hashBytes } from '../../storage/memory/bytes.js';
import type { Script } from './script.js';

/** What a script costs beside its text (bytes): two entries of maps, the objects, Lua's function. */
const SCRIPT_BYTES = 400;

export class ScriptCache {
  private readonly bySha = new Map<string, Script>();
  private readonly byText = new Map<number, Script>();
  /** Bytes that all of it takes, about. */
  bytes = 0;

  get size(): number {
    return this.bySha.size;
  }

  /** O(length of the text) */
  find(text: Bytes): Script | undefined {
    let script = this.byText.get(hashBytes(text.buf, text.start, text.end));
    while (script !== undefined && !script.source.equals(text)) script = script.next;
    return script;
  }

  /** @param sha in lower case */
  findSha(sha: string): Script | undefined {
    return this.bySha.get(sha);
  }

  /** Must not be there yet. */
  add(script: Script): void {
    const { source } = script;
    const hash = hashBytes(source.buf, source.start, source.end);
    script.next = this.byText.get(hash);
    this.byText.set(hash, script);
    this.bySha.set(script.sha, script);
    this.bytes += source.length + SCRIPT_BYTES;
  }

  clear(): void {
    this.bySha.clear();
    this.byText.clear();
    this.bytes = 0;
  }

  scripts(): Iterable<Script> {
    return this.bySha.values();
  }
}
