/**
 * Every error text that goes over the wire, as Redis words it. A handler throws one of these constants (or what a function
 * here makes for texts with a detail) before it changes anything; dispatch.ts writes it and counts its code.
 *
 * Add a text here, never at the place where it is thrown. Family-specific texts stand with their families' names.
 */

/** An error reply. Constants carry no stack: they are values, not accidents. */
export class ReplyError extends Error {
  constructor(message: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
  }
}

const e = (message: string): ReplyError => new ReplyError(message);

// ---- any command ----------------------------------------------------------------------------------------------------------------
export const SYNTAX = e('ERR syntax error');
export const WRONGTYPE = e('WRONGTYPE Operation against a key holding the wrong kind of value');
export const NOT_INTEGER = e('ERR value is not an integer or out of range');
export const NOT_FLOAT = e('ERR value is not a valid float');
export const OUT_OF_RANGE = e('ERR value is out of range');
export const NOT_POSITIVE = e('ERR value is out of range, must be positive');
export const NO_SUCH_KEY = e('ERR no such key');
export const INDEX_OUT_OF_RANGE = e('ERR index out of range');
export const DB_OUT_OF_RANGE = e('ERR DB index is out of range');
export const OVERFLOW = e('ERR increment or decrement would overflow');
export const NAN_OR_INFINITY = e('ERR increment would produce NaN or Infinity');
export const OFFSET_OUT_OF_RANGE = e('ERR offset is out of range');
export const TOO_LONG = e('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
export const DECREMENT_OVERFLOW = e('ERR decrement would overflow');
export const OOM = e("OOM command not allowed when used memory > 'maxmemory'.");
export const NOAUTH = e('NOAUTH Authentication required.');
export const INTERNAL = e('ERR internal error');
export const TIMEOUT_NEGATIVE = e('ERR timeout is negative');
export const TIMEOUT_NOT_FLOAT = e('ERR timeout is not a float or out of range');
export const TIMEOUT_OUT_OF_RANGE = e('ERR timeout is out of range');
export const INVALID_CURSOR = e('ERR invalid cursor');
export const NUMKEYS_POSITIVE = e('ERR numkeys should be greater than 0');
export const NUMKEYS_TOO_MANY = e("ERR Number of keys can't be greater than number of args");
export const LIMIT_NEGATIVE = e("ERR LIMIT can't be negative");
export const COUNT_POSITIVE = e('ERR count should be greater than 0');

/** @param name the command's full name, `get` or `config|get` */
export function wrongArity(name: string): ReplyError {
  return e(`ERR wrong number of arguments for '${name}' command`);
}

export function invalidExpire(name: string): ReplyError {
  return e(`ERR invalid expire time in '${name}' command`);
}

/** @param args the first arguments as text; Redis shows at most 128 characters of each side */
export function unknownCommand(name: string, args: readonly string[]): ReplyError {
  let shown = '';
  for (const arg of args) {
    if (shown.length >= 128) break;
    shown += `'${arg.slice(0, 128 - shown.length)}' `;
  }
  return e(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown}`);
}

export function unknownSubcommand(sub: string, container: string): ReplyError {
  return e(`ERR unknown subcommand '${sub.slice(0, 128)}'. Try ${container.toUpperCase()} HELP.`);
}

// ---- strings ----------------------------------------------------------------------------------------------------------------------
export const LCS_LEN_AND_IDX = e('ERR If you want both the length and indexes, please just use IDX.');
export const LCS_NOT_STRINGS = e('ERR The specified keys must contain string values');
export const LCS_TOO_LARGE = e('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');

// ---- transactions -----------------------------------------------------------------------------------------------------------------
export const EXECABORT = e('EXECABORT Transaction discarded because of previous errors.');
export const NESTED_MULTI = e('ERR MULTI calls can not be nested');
export const EXEC_WITHOUT_MULTI = e('ERR EXEC without MULTI');
export const DISCARD_WITHOUT_MULTI = e('ERR DISCARD without MULTI');
export const WATCH_IN_MULTI = e('ERR WATCH inside MULTI is not allowed');

/** @param name the command's full name */
export function notInTransaction(): ReplyError {
  return e('ERR Command not allowed inside a transaction');
}

// ---- pub/sub ----------------------------------------------------------------------------------------------------------------------
export function onlySubscribed(name: string): ReplyError {
  return e(
    `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}
