/**
 * States of a client that keep a command from simply running, one bit each. A command's `gates` names those that concern it; dispatch
 * ANDs the two, and only when something is left asks `admit`.
 */

/** Not logged in while a password is required. */
export const UNAUTHENTICATED = 1 << 0;
/** Between MULTI and EXEC: commands are queued. */
export const IN_MULTI = 1 << 1;
