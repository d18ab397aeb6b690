/**
 * Every error text that goes over the wire, as Redis words it. A handler throws one of these constants (or what a function
 * here makes for texts with a detail) before it changes anything; dispatch.ts writes it and counts its code.
 *
 * Add a text here, never at the place where it is thrown. Family-specific texts stand with their families' names; those of scripts in
 * script-error.ts.
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
export const NAN_OR_INFINITE = e('ERR value is NaN or Infinity');
export const NOT_FLOAT = e('ERR value is not a valid float');
export const NOT_POSITIVE = e('ERR value is out of range, must be positive');
export const NO_SUCH_KEY = e('ERR no such key');
export const INDEX_OUT_OF_RANGE = e('ERR index out of range');
export const COUNT_POSITIVE = e('ERR count should be greater than 0');
export const COUNT_OUT_OF_RANGE = e(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
);
export const INVALID_CURSOR = e('ERR invalid cursor');
export const NUMKEYS_POSITIVE = e('ERR numkeys should be greater than 0');
export const NUMKEYS_TOO_MANY = e("ERR Number of keys can't be greater than number of args");
export const LIMIT_NEGATIVE = e("ERR LIMIT can't be negative");
export const NOT_INT32 = e('ERR value is out of range, value must between -2147483648 and 2147483647');
export const DB_OUT_OF_RANGE = e('ERR DB index is out of range');
/** Of a log that is replayed: it may hold nothing but changes. */
export const NOT_REPEATABLE = e('ERR only changes of the dataset can be replayed');
export const OVERFLOW = e('ERR increment or decrement would overflow');
export const NAN_OR_INFINITY = e('ERR increment would produce NaN or Infinity');
export const OFFSET_OUT_OF_RANGE = e('ERR offset is out of range');
export const TOO_LONG = e('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
export const DECREMENT_OVERFLOW = e('ERR decrement would overflow');
export const NOAUTH = e('NOAUTH Authentication required.');
export const INTERNAL = e('ERR internal error');
export const OOM = e("OOM command not allowed when used memory > 'maxmemory'.");

export const IS_LOADING = e('LOADING Redis is loading the dataset in memory');

/** @param reason the system's: "No space left on device" */
export function logFailing(reason: string): ReplyError {
  return e(`MISCONF Errors writing to the AOF file: ${reason}`);
}

/** What a client sent, as far as Redis repeats it in an error: C's formats end at a NUL. */
export function shownText(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

/** @param name of a command that a directive guards */
export function guarded(name: string): ReplyError {
  return e(
    `ERR ${name.toUpperCase()} command not allowed. If the enable-${name}-command option is set to "local", you can run it ` +
      'from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
  );
}

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
    shown += `'${shownText(arg).slice(0, 128 - shown.length)}' `;
  }
  return e(`ERR unknown command '${shownText(name).slice(0, 128)}', with args beginning with: ${shown}`);
}

/** @param container its name in lower case */
export function unknownSubcommand(sub: string, container: string): ReplyError {
  return e(`ERR unknown subcommand '${shownText(sub).slice(0, 128)}'. Try ${container.toUpperCase()} HELP.`);
}

// ---- the log ------------------------------------------------------------------------------------------------------------------------
export const REWRITE_RUNS = e('ERR Background append only file rewriting already in progress');
export const REWRITE_FAILED = e(
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
);
export const LOG_OFF = e('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.');
export const NUMLOCAL_RANGE = e('ERR value is out of range, value must between 0 and 1');

// ---- publish/subscribe ------------------------------------------------------------------------------------------------------------
/** @param name the refused command's full name */
export function notForSubscribers(name: string): ReplyError {
  return e(
    `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}

// ---- strings ----------------------------------------------------------------------------------------------------------------------
export const LCS_LEN_AND_IDX = e('ERR If you want both the length and indexes, please just use IDX.');
export const LCS_NOT_STRINGS = e('ERR The specified keys must contain string values');
export const LCS_TOO_LARGE = e('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');

// ---- generic ----------------------------------------------------------------------------------------------------------------------
export const SAME_OBJECT = e('ERR source and destination objects are the same');
export const NO_FREQUENCY = e(
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
);
export const NO_IDLE_TIME = e(
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
);
export const SORT_NOT_NUMBERS = e("ERR One or more scores can't be converted into double");

// ---- sorted sets ------------------------------------------------------------------------------------------------------------------
export const ZADD_NX_AND_XX = e('ERR XX and NX options at the same time are not compatible');
export const ZADD_GT_LT_NX = e('ERR GT, LT, and/or NX options at the same time are not compatible');
export const ZADD_INCR_PAIRS = e('ERR INCR option supports a single increment-element pair');
export const SCORE_NAN = e('ERR resulting score is not a number (NaN)');
export const BOUND_NOT_FLOAT = e('ERR min or max is not a float');
export const BOUND_NOT_LEX = e('ERR min or max not valid string range item');
export const LIMIT_BY_RANK = e('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
export const WITHSCORES_BY_LEX = e('ERR syntax error, WITHSCORES not supported in combination with BYLEX');
export const WEIGHT_NOT_FLOAT = e('ERR weight value is not a float');
export const OUT_OF_RANGE = e('ERR value is out of range');

export function noInputKeys(name: string): ReplyError {
  return e(`ERR at least 1 input key is needed for '${name}' command`);
}

// ---- hashes -----------------------------------------------------------------------------------------------------------------------
export const HASH_NOT_INTEGER = e('ERR hash value is not an integer');
export const HASH_NOT_FLOAT = e('ERR hash value is not a float');
export const FIELDS_MISSING = e('ERR Mandatory argument FIELDS is missing or not at the right position');
export const FIELDS_NOT_POSITIVE = e('ERR Number of fields must be a positive integer');
export const HEXPIRE_FIELDS_NOT_POSITIVE = e('ERR Parameter `numFields` should be greater than 0');
export const HSETEX_FIELDS_INVALID = e('ERR invalid number of fields');
export const FIELDS_MISMATCH = e('ERR The `numfields` parameter must match the number of arguments');
export const EXPIRE_NEGATIVE = e('ERR invalid expire time, must be >= 0');
export const EXPIRE_MISSING = e('ERR missing expire time');
export const HSETEX_CONDITIONS = e('ERR Only one of FXX or FNX arguments can be specified');
export const HSETEX_TIMES = e('ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified');

export function unknownArgument(word: string): ReplyError {
  return e(`ERR unknown argument: ${shownText(word)}`);
}

// ---- lists ------------------------------------------------------------------------------------------------------------------------
export const LPOS_RANK_ZERO = e(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
export const LPOS_COUNT = e("ERR COUNT can't be negative");
export const LPOS_MAXLEN = e("ERR MAXLEN can't be negative");

// ---- topics -----------------------------------------------------------------------------------------------------------------------
export const NO_SUCH_TOPIC = e('ERR no such topic');
export const NO_SUCH_PARTITION = e('ERR no such partition');
export const EVENT_TOO_LARGE = e('ERR event is larger than MAXBYTES of the topic');
export const NOT_NEXT_OFFSET = e('ERR offset is not the next one of the partition');
export const TIME_BEFORE_LAST = e('ERR time is before that of the last event of the partition');
export const INVALID_OFFSET = e('ERR invalid offset');
export const GROUP_FULL = e('ERR too many members in the group');

export function noSuchGroup(group: string, topic: string): ReplyError {
  return e(`NOGROUP No such group '${shownText(group)}' for topic '${shownText(topic)}'`);
}

export function fencedMember(member: string, group: string): ReplyError {
  return e(`FENCED '${shownText(member)}' is no member of group '${shownText(group)}'`);
}

export function fencedGeneration(asked: string, group: string, generation: number): ReplyError {
  return e(`FENCED group '${shownText(group)}' is at generation ${generation}, not ${shownText(asked)}`);
}

export function fencedPartition(partition: number, member: string, generation: number): ReplyError {
  return e(`FENCED partition ${partition} is not assigned to '${shownText(member)}' in generation ${generation}`);
}

// ---- blocking ---------------------------------------------------------------------------------------------------------------------
export const TIMEOUT_NEGATIVE = e('ERR timeout is negative');
export const TIMEOUT_NOT_FLOAT = e('ERR timeout is not a float or out of range');
export const TIMEOUT_OUT_OF_RANGE = e('ERR timeout is out of range');
export const UNBLOCKED = e('UNBLOCKED client unblocked via CLIENT UNBLOCK');

// ---- transactions -----------------------------------------------------------------------------------------------------------------
export const EXECABORT = e('EXECABORT Transaction discarded because of previous errors.');

/** What EXEC answers when it is refused itself. */
export function execAborted(why: ReplyError): ReplyError {
  return e(`EXECABORT Transaction discarded because of: ${why.message.replace(/^ERR /, '')}`);
}

export const NESTED_MULTI = e('ERR MULTI calls can not be nested');
export const EXEC_WITHOUT_MULTI = e('ERR EXEC without MULTI');
export const DISCARD_WITHOUT_MULTI = e('ERR DISCARD without MULTI');
export const WATCH_IN_MULTI = e('ERR WATCH inside MULTI is not allowed');

// ---- expiry -----------------------------------------------------------------------------------------------------------------------
export const EXPIRE_NX_AND_OTHERS = e('ERR NX and XX, GT or LT options at the same time are not compatible');
export const EXPIRE_GT_AND_LT = e('ERR GT and LT options at the same time are not compatible');

export function unsupportedOption(word: string): ReplyError {
  return e(`ERR Unsupported option ${shownText(word)}`);
}

// ---- server -----------------------------------------------------------------------------------------------------------------------
export const SLOWLOG_COUNT = e('ERR count should be greater than or equal to -1');
export const INVALID_FIRST_DB = e('ERR invalid first DB index');
export const INVALID_SECOND_DB = e('ERR invalid second DB index');

/** @param container its name in lower case */
export function wrongSubcommand(sub: string, container: string): ReplyError {
  return e(
    `ERR unknown subcommand or wrong number of arguments for '${sub.slice(0, 128)}'. Try ${container.toUpperCase()} HELP.`,
  );
}

/** LATENCY GRAPH of an event that never was long. */
export function noSamples(event: string): ReplyError {
  return e(`ERR No samples available for event '${event}'`);
}

// ---- connection -------------------------------------------------------------------------------------------------------------------
export const WRONGPASS = e('WRONGPASS invalid username-password pair or user is disabled.');
export const AUTH_NOT_SET = e(
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
);
export const NOPROTO = e('NOPROTO unsupported protocol version');
export const PROTOCOL_NOT_INTEGER = e('ERR Protocol version is not an integer or out of range');
export const CLIENT_NAME_CHARACTERS = e('ERR Client names cannot contain spaces, newlines or special characters.');
export const HELLO_NOAUTH = e(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> ' +
    'option can be used to authenticate the client and select the RESP protocol version at the same time',
);

export const NO_SUCH_CLIENT = e('ERR No such client');
export const INVALID_CLIENT_ID = e('ERR Invalid client ID');
export const CLIENT_ID_POSITIVE = e('ERR client-id should be greater than 0');
export const MAXAGE_NOT_INTEGER = e('ERR maxage is not an integer or out of range');
export const MAXAGE_POSITIVE = e('ERR maxage should be greater than 0');
export const PAUSE_MODE = e('ERR CLIENT PAUSE mode must be WRITE or ALL');
export const UNBLOCK_REASON = e('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
export const TIMEOUT_NOT_INTEGER = e('ERR timeout is not an integer or out of range');

export function unknownClientType(type: string): ReplyError {
  return e(`ERR Unknown client type '${type}'`);
}

export function noSuchUser(name: string): ReplyError {
  return e(`ERR No such user '${name}'`);
}

export function unrecognizedOption(word: string): ReplyError {
  return e(`ERR Unrecognized option '${word}'`);
}

/** @param attribute as the client wrote it: lib-name */
export function clientAttributeCharacters(attribute: string): ReplyError {
  return e(`ERR ${attribute} cannot contain spaces, newlines or special characters.`);
}

/** A sub-command whose arity is open, with words behind its last. */
export function wrongSubcommandArity(sub: string, container: string): ReplyError {
  return e(`ERR unknown subcommand or wrong number of arguments for '${sub}'. Try ${container} HELP.`);
}

export function helloSyntax(word: string): ReplyError {
  return e(`ERR Syntax error in HELLO option '${shownText(word)}'`);
}

// ---- configuration ----------------------------------------------------------------------------------------------------------------
export const NO_CONFIG_FILE = e('ERR The server is running without a config file');

export function rewriteFailed(reason: string): ReplyError {
  return e(`ERR Rewriting config file: ${reason}`);
}

export function unknownDirective(name: string): ReplyError {
  return e(`ERR Unknown option or number of arguments for CONFIG SET - '${shownText(name)}'`);
}

export function configFailed(name: string, reason: string): ReplyError {
  return e(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`);
}

// ---- snapshots --------------------------------------------------------------------------------------------------------------------
export const SAVE_FAILED = e('ERR');
export const LOAD_FAILED = e('ERR Error trying to load the RDB dump');
export const RELOAD_OPTIONS = e('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
export const SAVE_RUNS = e('ERR Background save already in progress');
export const BASE_RUNS = e(
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
);

/** What writes are answered while the last snapshot has failed (stop-writes-on-bgsave-error). */
export const SNAPSHOT_FAILING = e(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
);
// ---- RESTORE ----------------------------------------------------------------------------------------------------------------------
export const BUSYKEY = e('BUSYKEY Target key name already exists.');
export const INVALID_TTL = e('ERR Invalid TTL value, must be >= 0');
export const INVALID_IDLE_TIME = e('ERR Invalid IDLETIME value, must be >= 0');
export const INVALID_FREQUENCY = e('ERR Invalid FREQ value, must be >= 0 and <= 255');
export const WRONG_CHECKSUM = e('ERR DUMP payload version or checksum are wrong');
export const BAD_PAYLOAD = e('ERR Bad data format');

// ---- queues -----------------------------------------------------------------------------------------------------------------------
export const NO_SUCH_QUEUE = e('ERR no such queue');
export const QUEUE_FULL = e('ERR queue is full');
/** 2^49 messages were published. */
export const QUEUE_IDS_SPENT = e('ERR queue has no ids left');
export const INVALID_ID = e('ERR invalid message id');
export const HEADERS_COUNT = e('ERR HEADERS needs as many names with values as it says');
/** Of QUEUE.REPLAY. */
export const NO_SUCH_MESSAGE = e('ERR no such message in that state');

/** @param name the option's */
export function outOfRange(name: string, min: number, max: number): ReplyError {
  return e(`ERR ${name} is out of range, must be between ${min} and ${max}`);
}

// ---- shutdown ---------------------------------------------------------------------------------------------------------------------
export const SHUTDOWN_FAILED = e('ERR Errors trying to SHUTDOWN. Check logs.');
export const NO_SHUTDOWN = e('ERR No shutdown in progress.');
export const NOT_IN_MULTI = e('ERR Command not allowed inside a transaction');

// ---- COMMAND ----------------------------------------------------------------------------------------------------------------------
export const GETKEYS_COMMAND = e('ERR Invalid command specified');
export const GETKEYS_NO_KEYS = e('ERR The command has no key arguments');
export const GETKEYS_ARITY = e('ERR Invalid number of arguments specified for command');
export const GETKEYS_ARGUMENTS = e('ERR Invalid arguments specified for command');

// ---- MONITOR and DEBUG ------------------------------------------------------------------------------------------------------------
export const NO_KEYSPACE = e("ERR Replica can't interact with the keyspace");
export const MONITOR_IN_EXEC = e("ERR MONITOR isn't allowed for DENY BLOCKING client");
export const PROTOCOL_TYPE = e(
  'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
);
export const NO_RESP2 = e('ERR RESP2 is not supported by this command');
export const PACKED_THRESHOLD = e('ERR argument must be a memory value bigger than 1 and smaller than 4gb');
export const NO_LISTPACK = e('ERR Not a listpack encoded object.');
export const NO_HASH_TABLE = e('ERR The value stored at the specified key is not represented using an hash table');
export const NO_SUCH_DATABASE = e('ERR Out of range database');

/** Of a command that reads its sub-commands itself. @param name the command's, in lower case */
export function subcommandSyntax(sub: string, name: string): ReplyError {
  return e(
    `ERR unknown subcommand or wrong number of arguments for '${shownText(sub).slice(0, 128)}'. Try ${name.toUpperCase()} HELP.`,
  );
}
