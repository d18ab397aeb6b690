/** Bits of Server.attention: who must hear of a changed key. */

/** Some key is WATCHed. */
export const ATTEND_WATCH = 1 << 0;
