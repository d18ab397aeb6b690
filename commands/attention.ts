/** Bits of Server.attention: who must hear of a changed key. */

/** Some key is WATCHed. */
export const ATTEND_WATCH = 1 << 0;
/** Somebody is told of keyspace events. */
export const ATTEND_EVENTS = 1 << 1;
