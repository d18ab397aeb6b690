/**
 * Effects of commands on fields of hashes (effects.ts): they name the fields that the command applied to, with the time at which they
 * expire, and nothing else.
 *
 * A hash may keep fields that have expired and that nobody has deleted yet. Commands here do not see them, but where their effects are
 * repeated such fields live: so a field that the command has not met must not be named, and one that it has made anew loses the
 * expiry of the old one.
 */
import type { Hash } from '../storage/hash.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';
import { FIELDS, HDEL, HPERSIST, HPEXPIREAT, HSET, HSETEX, KEEPTTL, PXAT } from './effect-words.js';
import type { Effects } from './effects.js';

/** Whether fields of `hash` may have expired that nobody has deleted yet. O(1) */
export function hidesFields(c: Client, hash: Hash): boolean {
  return hash.due <= c.now;
}

/**
 * Begins an effect on fields of the hash at `argv[1]`; `add` each of them, and then `tellFields` with the same time.
 * @param when they expire, ms since the epoch: at a time that has passed they are deleted; -1: never
 */
export function beginFields(c: Client, when: number): Effects | undefined {
  const deletes = when >= 0 && when <= c.now;
  const effect = c.effect(deletes ? HDEL : when < 0 ? HPERSIST : HPEXPIREAT)?.add(c.argv[1]);
  if (effect === undefined || deletes) return effect;
  if (when >= 0) effect.addInt(when);
  return effect.add(FIELDS).addInt(0);
}

/** Tells what `beginFields` began, of at least one field. */
export function tellFields(c: Client, effect: Effects | undefined, when: number): void {
  if (effect === undefined) return;
  if (when > c.now) effect.replaceInt(4, effect.argc - 5);
  else if (when < 0) effect.replaceInt(3, effect.argc - 4);
  effect.tell();
}

/**
 * Tells that `field` of `hash` at `argv[1]` has just been set to `value` and has kept its expiry, as `Hash.set` does it.
 * @param fresh what that has returned
 */
export function tellKept(c: Client, hash: Hash, field: Bytes, value: Bytes, fresh: boolean): void {
  if (fresh || hash.expireAt < 0) return c.effect(HSET)?.add(c.argv[1]).add(field).add(value).tell();
  c.effect(HSETEX)?.add(c.argv[1]).add(KEEPTTL).add(FIELDS).addInt(1).add(field).add(value).tell();
}

/**
 * Tells that the pairs of arguments from `first` on were set.
 * @param when they expire, ms since the epoch; -1: never
 */
export function tellPairs(c: Client, first: number, when: number): void {
  const { argv, argc } = c;
  if (when < 0) return c.effect(HSET)?.add(argv[1]).addAll(argv, first, argc).tell();
  const effect = c.effect(HSETEX)?.add(argv[1]).add(PXAT).addInt(when).add(FIELDS);
  effect
    ?.addInt((argc - first) >> 1)
    .addAll(argv, first, argc)
    .tell();
}

/** Tells that the pairs of arguments from `first` on are about to be set, and that fields keep their expiry. */
export function tellPairsKept(c: Client, hash: Hash, first: number): void {
  const { argv, argc } = c;
  const hides = hidesFields(c, hash);
  for (let i = first; hides && i < argc; i += 2)
    if (!hash.has(argv[i]))
      c.effect(HSET)
        ?.add(argv[1])
        .add(argv[i])
        .add(argv[i + 1])
        .tell();
  const effect = c.effect(HSETEX)?.add(argv[1]).add(KEEPTTL).add(FIELDS);
  effect
    ?.addInt((argc - first) >> 1)
    .addAll(argv, first, argc)
    .tell();
}
