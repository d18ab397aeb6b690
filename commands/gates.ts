/**
 * States of a client or of the server that keep a command from simply running, one bit each. A command's `gates` names those
 * that concern it; dispatch ANDs them with the client's and the server's bits, and only when something is left asks `admit`.
 */

// Of the client:
/** Not logged in while a password is required. */
export const UNAUTHENTICATED = 1 << 0;
/** Between MULTI and EXEC: commands are queued. */
export const IN_MULTI = 1 << 1;
/** Subscribed, in RESP2: few commands are allowed. */
export const SUBSCRIBED = 1 << 2;
/** CLIENT REPLY OFF or SKIP: what is said is taken back. */
export const MUTED = 1 << 3;
/** CLIENT NO-TOUCH: looking does not count as an access. */
export const NO_TOUCH = 1 << 4;

// Of the server:
/** Somebody watches with MONITOR. */
export const MONITORED = 1 << 8;
/** CLIENT PAUSE holds writes, or everything. */
export const PAUSED = 1 << 9;
/** maxmemory is set: commands that may use more memory first make room. */
export const BOUNDED = 1 << 10;
/** Data is being loaded. */
export const LOADING = 1 << 11;

/** The gates that concern every command. */
export const ALWAYS = IN_MULTI | MUTED | NO_TOUCH | PAUSED;
