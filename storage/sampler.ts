/**
 * Sampler: a few entries at random, with or without regard to whether they have a TTL, for who must judge a keyspace by a sample.
 *
 *   many keys have a TTL   pick anywhere, pass over those without one
 *   few have               walk the directory from a random page on, skip every page in which nothing is due, look through the others
 *
 * The walk also corrects the bound of a page that has lost its last TTL, so that it is skipped from then on. Must not be used while
 * a command holds an entry: it moves the table's place. Read next: src/eviction/eviction.ts.
 */
import type { Keyspace } from './keyspace.js';
import type { Page } from './memory/table.js';

/** With at least one key with a TTL among so many, random picks find one sooner than a walk. */
const DENSE = 16;
/** Slots that a walk looks through before it is content with what it has. */
const SLOTS_ENOUGH = 2048;

export class Sampler {
  /** What `sample` found: hashes of the keys, and their entries. */
  hashes = new Int32Array(64);
  refs = new Int32Array(64);
  count = 0;

  /**
   * Picks up to `n` entries, not necessarily different ones; at least one when there is any. Expected O(n); with few TTLs among many
   * keys O(n + pages between two of them + one page's slots).
   * @param mortal only keys with a TTL
   */
  sample(space: Keyspace, n: number, mortal: boolean): void {
    this.count = 0;
    if (this.refs.length < n) {
      this.hashes = new Int32Array(n);
      this.refs = new Int32Array(n);
    }
    if (space.size === 0 || (mortal && space.expires === 0)) return;
    if (!mortal || space.expires * DENSE >= space.size) this.pick(space, n, mortal);
    if (this.count === 0) this.walk(space, n);
  }

  private pick(space: Keyspace, n: number, mortal: boolean): void {
    const { table, random } = space;
    for (let tries = mortal ? n * DENSE : n; tries > 0 && this.count < n; tries--) {
      const ref = table.random(random);
      if (!mortal || space.hasExpire(ref)) this.add(table.page.slots[table.slot], ref);
    }
  }

  private walk(space: Keyspace, n: number): void {
    const { table, random } = space;
    const pages = table.directorySize;
    let at = Math.floor(random() * pages);
    let looked = 0;
    for (let left = pages; left > 0; ) {
      const page = table.pageAt(at)!;
      const span = table.pageSpan(page);
      const behind = at - (at % span) + span;
      left -= behind - at; // also of the page in whose middle the walk began: it is looked through whole
      at = behind === pages ? 0 : behind;
      if (page.due === Number.POSITIVE_INFINITY) continue;
      this.look(space, page, n);
      looked += page.slots.length >> 1;
      if (this.count >= n || (this.count > 0 && looked >= SLOTS_ENOUGH)) return;
    }
  }

  /** Adds the keys with a TTL of one page, from a random slot on. */
  private look(space: Keyspace, page: Page, n: number): void {
    const { slots } = page;
    const mask = slots.length - 1;
    const start = Math.floor(space.random() * (slots.length >> 1)) << 1;
    let found = false;
    for (let k = 0; k < slots.length; k += 2) {
      const i = (start + k) & mask;
      const ref = slots[i + 1];
      if (ref === 0 || !space.hasExpire(ref)) continue;
      found = true;
      this.add(slots[i], ref);
      if (this.count >= n) return;
    }
    if (!found && space.fieldExpires + space.ownValues.size === 0) page.due = Number.POSITIVE_INFINITY;
  }

  private add(hash: number, ref: number): void {
    this.hashes[this.count] = hash;
    this.refs[this.count++] = ref;
  }
}
