/** What COMMAND INFO calls flags, one bit each. */
export const WRITE = 1 << 0;
export const READONLY = 1 << 1;
/** May use more memory. */
export const DENYOOM = 1 << 2;
export const ADMIN = 1 << 3;
/** Allowed before a login. */
export const NO_AUTH = 1 << 4;
/** Not allowed between MULTI and EXEC. */
export const NO_MULTI = 1 << 5;
/** Runs at once between MULTI and EXEC instead of being queued. */
export const RUNS_IN_MULTI = 1 << 6;
/** O(1) or O(log n). */
export const FAST = 1 << 7;
