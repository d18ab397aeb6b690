/**
 * The flags of commands, one bit each, and the words by which COMMAND INFO, ACL and the documentation know them. Written by hand
 * in a spec; only MOVABLEKEYS is derived (derive.ts). Read by dispatch as bits: never compare words on the hot path.
 *
 *   WRITE                  may change the dataset: refused on replicas and while writes fail; held by CLIENT PAUSE WRITE
 *   READONLY               looks at keys and never changes them
 *   DENYOOM                may need more memory: refused when maxmemory cannot be kept
 *   ADMIN                  for operators
 *   PUBSUB                 belongs to publish/subscribe
 *   NOSCRIPT               not callable from scripts
 *   BLOCKING               may park the client
 *   LOADING                allowed while the dataset is being loaded
 *   STALE                  allowed on a replica that has lost its master and must not serve old data
 *   SKIP_MONITOR           not told to MONITOR (it tells itself, or carries secrets)
 *   SKIP_SLOWLOG           not told to SLOWLOG
 *   ASKING                 implies ASKING: allowed in a slot that is being imported
 *   FAST                   never takes longer than O(log N)
 *   NO_AUTH                allowed before the client has logged in
 *   MAY_REPLICATE          no write command, yet it may send something to the replicas
 *   NO_MANDATORY_KEYS      its number of keys may be 0
 *   NO_ASYNC_LOADING       not allowed while a replica swaps in a dataset in the background
 *   NO_MULTI               not allowed inside MULTI
 *   RUNS_IN_MULTI          between MULTI and EXEC it runs at once instead of being queued
 *   RUNS_FOR_SUBSCRIBERS   a RESP2 client that listens to channels may call it
 *   ALLOW_BUSY             allowed while a script has run past its time limit
 *   MOVABLEKEYS            where its keys stand cannot be told by first, last and step
 *   PROTECTED              gated by an enable-…-command directive
 *   TOUCHES_ARBITRARY_KEYS looks at keys it was not given (SCAN): what expires on the way is not its own effect
 *   RUNS_SCRIPT            needs an interpreter of scripts, which is loaded when it is first needed
 */
export const WRITE = 1 << 0;
export const READONLY = 1 << 1;
export const DENYOOM = 1 << 2;
export const ADMIN = 1 << 3;
export const PUBSUB = 1 << 4;
export const NOSCRIPT = 1 << 5;
export const BLOCKING = 1 << 6;
export const LOADING = 1 << 7;
export const STALE = 1 << 8;
export const SKIP_MONITOR = 1 << 9;
export const SKIP_SLOWLOG = 1 << 10;
export const ASKING = 1 << 11;
export const FAST = 1 << 12;
export const NO_AUTH = 1 << 13;
export const MAY_REPLICATE = 1 << 14;
export const NO_MANDATORY_KEYS = 1 << 15;
export const NO_ASYNC_LOADING = 1 << 16;
export const NO_MULTI = 1 << 17;
export const ALLOW_BUSY = 1 << 18;
export const MOVABLEKEYS = 1 << 19;
export const PROTECTED = 1 << 20;
export const TOUCHES_ARBITRARY_KEYS = 1 << 21;
export const RUNS_IN_MULTI = 1 << 22;
export const RUNS_FOR_SUBSCRIBERS = 1 << 23;
export const RUNS_SCRIPT = 1 << 24;

/**
 * What COMMAND INFO prints, in Redis's order. MAY_REPLICATE, PROTECTED, TOUCHES_ARBITRARY_KEYS and what begins with RUNS are never
 * told.
 */
export const FLAG_WORDS: readonly (readonly [flag: number, word: string])[] = [
  [WRITE, 'write'],
  [READONLY, 'readonly'],
  [DENYOOM, 'denyoom'],
  [ADMIN, 'admin'],
  [PUBSUB, 'pubsub'],
  [NOSCRIPT, 'noscript'],
  [BLOCKING, 'blocking'],
  [LOADING, 'loading'],
  [STALE, 'stale'],
  [SKIP_MONITOR, 'skip_monitor'],
  [SKIP_SLOWLOG, 'skip_slowlog'],
  [ASKING, 'asking'],
  [FAST, 'fast'],
  [NO_AUTH, 'no_auth'],
  [NO_MANDATORY_KEYS, 'no_mandatory_keys'],
  [NO_ASYNC_LOADING, 'no_async_loading'],
  [NO_MULTI, 'no_multi'],
  [ALLOW_BUSY, 'allow_busy'],
  [MOVABLEKEYS, 'movablekeys'],
];

const ALL = (1 << 25) - 1;

/** The words of `flags`, as COMMAND INFO prints them. */
export function flagWords(flags: number): string[] {
  return FLAG_WORDS.filter(([flag]) => (flags & flag) !== 0).map(([, word]) => word);
}

/** Why `flags`, as written in a spec, cannot be meant; undefined when they can. */
export function contradiction(flags: number): string | undefined {
  if ((flags & ~ALL) !== 0) return 'a bit that is no flag';
  if ((flags & MOVABLEKEYS) !== 0) return 'MOVABLEKEYS is derived, never written';
  if ((flags & WRITE) !== 0 && (flags & READONLY) !== 0) return 'both WRITE and READONLY';
  if ((flags & DENYOOM) !== 0 && (flags & WRITE) === 0) return 'DENYOOM without WRITE';
  if ((flags & MAY_REPLICATE) !== 0 && (flags & WRITE) !== 0) return 'MAY_REPLICATE with WRITE, which always may';
  if ((flags & NO_AUTH) !== 0 && (flags & (WRITE | READONLY)) !== 0) return 'NO_AUTH on a command that reaches keys';
  if ((flags & RUNS_IN_MULTI) !== 0 && (flags & NO_MULTI) !== 0) return 'RUNS_IN_MULTI and NO_MULTI';
  return undefined;
}
