/**
 * Expiry as something done: deletes what has expired without anybody asking for it, keys and single fields of hashes, and lets the time
 * pass in values of our own types. A page of
 * the keyspace knows a time before which nothing in it expires, so whatever has no TTL costs nothing here.
 *
 * Bounded work per call, for the owner to spread over time. Never runs while a command holds an entry.
 * Read next: hash-expiry.ts, src/cron.ts.
 */
import type { Keyspace } from './keyspace.js';
import { Bytes } from './memory/bytes.js';
import type { OwnValue } from './own-value.js';
import { ownDue } from './value-due.js';

/** Fields of one hash that count as one page. */
const FIELDS_A_STEP = 256;
/** So many keys deleted cost as much as a few pages looked through: a page may be full of them. */
const KEYS_A_STEP = 64;
/** Go on with the first page. */
const FIRST_PAGE = -1;
const KEY = new Bytes();

/**
 * Looks through pages in which something is due and deletes what has expired, from directory index `from` on, until about `limit`
 * pages were looked through, or 64 keys for each of them deleted: then the page that was begun is left for the next call. Does nothing
 * while `space.reaping` is false.
 * When much is due in one value, only a part of it is done, and `space.overdue` set: another round goes on with it.
 * @returns the directory index to go on from, 0 after the last page, -1 when that is the first page again
 */
export function reap(space: Keyspace, from: number, limit: number): number {
  if (!space.reaping) return 0;
  const { table, now } = space;
  let keys = limit * KEYS_A_STEP;
  for (let at = Math.max(from, 0); ; ) {
    const here = at;
    const page = table.pageAt(at);
    if (page === undefined) return 0;
    at += table.pageSpan(page);
    if (page.due > now) continue;
    let due = Number.POSITIVE_INFINITY;
    for (let i = 1; i < page.slots.length; i += 2) {
      const ref = page.slots[i];
      if (ref === 0) continue;
      let when = dueAt(space, ref);
      if (when <= now) {
        const { slots } = page;
        if (reapEntry(space, ref)) {
          if (--keys <= 0) return here > 0 ? here : FIRST_PAGE;
          // Deletion shifts slots back: look at this one again, or at the whole page when it has shrunk.
          if (page.slots !== slots) due = Number.POSITIVE_INFINITY;
          i = page.slots === slots ? i - 2 : -1;
          continue;
        }
        limit--;
        when = dueAt(space, ref);
        if (when <= now && limit > 0) {
          i -= 2;
          continue;
        }
      }
      if (when < due) due = when;
    }
    page.due = due;
    if (due <= now) space.overdue = true;
    if (--limit <= 0) return at;
  }
}

/** Before this time nothing expires at the entry, neither its key nor a field, and nothing happens by itself to its value. */
function dueAt(space: Keyspace, ref: number): number {
  const due = Math.min(space.fieldDue(ref), ownDue(space, ref));
  return space.hasExpire(ref) ? Math.min(due, space.expireAt(ref)) : due;
}

/** Deletes what has expired at an entry; true when that was the key. */
function reapEntry(space: Keyspace, ref: number): boolean {
  const key = space.key(ref, KEY).copy(); // copied, for listeners outlive the entry
  if (space.hasExpire(ref) && space.expireAt(ref) <= space.now) return space.find(key) === 0; // `find` deletes it
  if (ownDue(space, ref) <= space.now) letTimePass(space, ref, key);
  return reapFields(space, ref, key, FIELDS_A_STEP) === 0;
}

/**
 * Lets the time pass in the value of our own type at `ref`, the entry of `key`: what it does by itself is its owner's to do, some of it
 * at a time. Does nothing while `space.reaping` is false.
 */
export function letTimePass(space: Keyspace, ref: number, key: Bytes): void {
  if (!space.reaping || ownDue(space, ref) > space.now) return;
  if (space.capture !== undefined) space.capture.changing(key.hash());
  space.listener.valueDue?.(space, key, space.large(ref) as OwnValue);
}

/**
 * Deletes up to about `limit` expired fields of the hash at `ref`, the entry of `key`, and the key with the last of them. Does
 * nothing while `space.reaping` is false.
 * @returns the entry; 0 when the key is gone, and then the table's place is lost
 */
export function reapFields(space: Keyspace, ref: number, key: Bytes, limit: number): number {
  const { fields, listener } = space;
  if (fields === undefined || !space.reaping || space.fieldDue(ref) > space.now) return ref;
  if (space.capture !== undefined) space.capture.changing(key.hash());
  const count = fields.reap(ref, key, limit);
  if (count === 0) return ref;
  const emptied = fields.count(ref) === 0;
  if (emptied && space.table.find(key) !== 0) space.removeFound(ref);
  listener.fieldsExpired?.(space, key, count, emptied);
  return emptied ? 0 : ref;
}

/**
 * The average time to live, in whole ms, of about `limit` keys that have a TTL; 0 when there is none. Expired keys count as 0. Where a
 * key stands is chance, so the first pages are a fair sample; pages without a TTL are skipped: O(pages + limit).
 */
export function averageTtl(space: Keyspace, limit: number): number {
  const { table, now } = space;
  let n = 0;
  let sum = 0;
  for (let at = 0; n < limit && n < space.expires; ) {
    const page = table.pageAt(at);
    if (page === undefined) break;
    at += table.pageSpan(page);
    if (page.due === Number.POSITIVE_INFINITY) continue;
    for (let i = 1; i < page.slots.length; i += 2) {
      const ref = page.slots[i];
      if (ref === 0 || !space.hasExpire(ref)) continue;
      sum += Math.max(0, space.expireAt(ref) - now);
      n++;
    }
  }
  return n === 0 ? 0 : Math.floor(sum / n);
}
