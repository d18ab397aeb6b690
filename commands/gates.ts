/**
 * States of a client or of the server that keep a command from simply running, one bit each. A command's `gates` names those that
 * concern it; dispatch ANDs them, and only when something is left asks `admit`.
 */

// Of the client:
/** Not logged in while a password is required. */
export const UNAUTHENTICATED = 1 << 0;
/** Between MULTI and EXEC: commands are queued. */
export const IN_MULTI = 1 << 1;
/** MONITOR: it may not reach keys, as if it were a replica. */
export const MONITORING = 1 << 6;

/** Listens to some channel or pattern: in RESP2 few commands run. */
export const SUBSCRIBER = 1 << 5;

// Of the client too, but no gates: how its commands run (client-mode.ts).
/** CLIENT REPLY OFF: it is answered nothing. */
export const MUTED = 1 << 20;
/** The current command is answered nothing, by the CLIENT REPLY SKIP before it. */
export const MUTED_ONCE = 1 << 21;
/** CLIENT REPLY SKIP: as for the next command. */
export const MUTE_NEXT = 1 << 22;
/** CLIENT NO-TOUCH: what it looks at keeps its access clock. */
export const UNTOUCHING = 1 << 23;
/** CLIENT NO-EVICT: it is not closed to win memory. */
export const UNEVICTABLE = 1 << 24;
/** Any of what client-mode.ts must see to. */
export const PECULIAR = MUTED | MUTED_ONCE | MUTE_NEXT | UNTOUCHING;

// Of the server:
/** CLIENT PAUSE holds writes, or everything. */
export const PAUSED = 1 << 8;
/** `maxmemory` is set: a command that may need memory must ask for room first. */
export const MEMORY_LIMITED = 1 << 9;
/** The dataset is being loaded: few commands run. */
export const DATASET_LOADING = 1 << 10;
/** What has changed cannot be kept on disk: writes are refused (disk-failure.ts). */
export const SAVE_FAILING = 1 << 11;
/** There is no interpreter of scripts: who needs one is held until it is loaded. */
export const NO_INTERPRETER = 1 << 12;
/** A script has run past its time and is still running: few commands run. */
export const SCRIPT_RUNNING = 1 << 13;
/** Always set: a command that an enable-...-command directive guards is asked about every time. */
export const GUARDED = 1 << 15;
