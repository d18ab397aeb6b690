/** The error texts of scripts, as Redis 7.0 words them: of the commands about them, and of what they call themselves. */
import { ReplyError, shownText } from './error.js';

const e = (message: string): ReplyError => new ReplyError(message);

export const KEYS_NEGATIVE = e("ERR Number of keys can't be negative");
export const KEYS_TOO_MANY = e("ERR Number of keys can't be greater than number of args");
export const NOSCRIPT = e('NOSCRIPT No matching script. Please use EVAL.');
export const SCRIPT_FLUSH_OPTION = e('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
export const NOTBUSY = e('NOTBUSY No scripts in execution right now.');
export const UNKILLABLE = e(
  'UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.',
);
export const BUSY = e('BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.');
export const SCRIPT_KILLED = 'ERR Script killed by user with SCRIPT KILL...';
export const NO_INTERPRETER_LOADED = e('ERR scripts cannot run: the interpreter could not be loaded');
export const INTERPRETER_BROKEN = e('ERR the script broke its interpreter, which is replaced');
export const SHEBANG_INVALID = e('ERR Invalid script shebang');
export const SHEBANG_ENGINE = e('ERR Invalid engine in script shebang');
export const SCRIPT_WRITES = e('ERR Can not execute a script with write flag using *_ro command.');

/** @param reason Lua's: "user_script:1: '=' expected near 'x'" */
export function scriptSyntax(reason: string): ReplyError {
  return e(`ERR Error compiling script (new function): ${shownText(reason)}`);
}

export function unknownEngine(word: string): ReplyError {
  return e(`ERR Unexpected engine in script shebang: ${shownText(word)}`);
}

export function unknownScriptFlag(word: string): ReplyError {
  return e(`ERR Unexpected flag in script shebang: ${shownText(word)}`);
}

export function unknownShebangOption(word: string): ReplyError {
  return e(`ERR Unknown lua shebang option: ${shownText(word)}`);
}

// What a script's own call of a command is answered.
export const CALL_EMPTY = 'ERR Please specify at least one argument for this redis lib call';
export const CALL_ARGUMENTS = 'ERR Lua redis lib command arguments must be strings or integers';
export const CALL_UNKNOWN = 'ERR Unknown Redis command called from script';
export const CALL_ARITY = 'ERR Wrong number of args calling Redis command from script';
export const CALL_NOSCRIPT = 'ERR This Redis command is not allowed from script';
export const CALL_WRITES = 'ERR Write commands are not allowed from read-only scripts.';
