/** The table `redis` that scripts have, but for what replies are made of: redis-call.ts. Texts and oddities are Redis 7.0's. */
import { createHash } from 'node:crypto';
import { REDIS_VERSION } from '../../commands/connection.js';
import { Bytes } from '../../storage/memory/bytes.js';
import type { SynapServer } from '../server.js';
import type { Lua } from './lua.js';
import { type LuaState, STRING } from './lua-module.js';
import type { RedisCall } from './redis-call.js';
import type { Run } from './run.js';

/** Whom redis.set_repl names. */
const REPL_AOF = 1;
const REPL_REPLICA = 2;
const REPL_ALL = REPL_AOF | REPL_REPLICA;

const LEVELS = ['debug', 'verbose', 'notice', 'warning'] as const;

const NUMBERS: Readonly<Record<string, number>> = {
  LOG_DEBUG: 0,
  LOG_VERBOSE: 1,
  LOG_NOTICE: 2,
  LOG_WARNING: 3,
  REPL_NONE: 0,
  REPL_AOF,
  REPL_SLAVE: REPL_REPLICA,
  REPL_REPLICA,
  REPL_ALL,
  REDIS_VERSION_NUM: versionNumber(REDIS_VERSION),
};

/** `7.2.4` as 0x00070204. */
function versionNumber(version: string): number {
  const [major, minor, patch] = version.split('.').map(Number);
  return (major << 16) | (minor << 8) | patch;
}

/** Defines it; `call` does the calls, `run` is the script that runs. */
export function registerRedis(lua: Lua, server: SynapServer, call: RedisCall, run: Run): void {
  const { raw, main } = lua;
  const define = (name: string, f: (l: LuaState) => number): void => lua.define('redis', name, f);
  /** An error as redis.call raises one: a table. */
  const raise = (l: LuaState, text: string): number => {
    call.replies.pushError(l, `ERR ${text}`, false);
    return raw._lua_error(l);
  };

  define('call', (l) => call.call(l, true));
  define('pcall', (l) => call.call(l, false));

  const single = (field: string, make: (text: string) => string) => (l: LuaState) => {
    if (raw._lua_gettop(l) !== 1 || raw._lua_type(l, 1) !== STRING) {
      call.replies.pushError(l, 'ERR wrong number or type of arguments', false);
      return 1;
    }
    const text = make(lua.text(l, 1)!);
    raw._lua_createtable(l, 0, 1);
    lua.pushText(l, field);
    lua.pushText(l, text);
    raw._lua_rawset(l, -3);
    return 1;
  };
  define('error_reply', single('err', withCode));
  define(
    'status_reply',
    single('ok', (text) => text),
  );

  const view = new Bytes();
  define('sha1hex', (l) => {
    if (raw._lua_gettop(l) !== 1) return raise(l, 'wrong number of arguments');
    const hash = createHash('sha1');
    if (lua.view(l, 1, view)) hash.update(view.buf.subarray(view.start, view.end));
    lua.pushText(l, hash.digest('hex'));
    return 1;
  });

  define('log', (l) => {
    const n = raw._lua_gettop(l);
    if (n < 2) return raise(l, 'redis.log() requires two arguments or more.');
    if (raw._lua_isnumber(l, 1) === 0) return raise(l, 'First argument must be a number (log level).');
    const level = LEVELS[Math.trunc(raw._lua_tonumber(l, 1))];
    if (level === undefined) return raise(l, 'Invalid debug level.');
    let line = '';
    for (let i = 2; i <= n; i++) {
      const text = lua.text(l, i);
      if (text !== undefined) line += i === 2 ? text : ` ${text}`;
    }
    server.log[level](line);
    return 0;
  });

  define('setresp', (l) => {
    if (raw._lua_gettop(l) !== 1) return raise(l, 'redis.setresp() requires one argument.');
    const resp = Math.trunc(raw._lua_tonumber(l, 1));
    if (resp !== 2 && resp !== 3) return raise(l, 'RESP version must be 2 or 3.');
    run.resp = call.client.out.resp = resp;
    return 0;
  });

  // The log has all that is changed, as the next base would have it; and without a part of it, what follows could not be repeated.
  define('set_repl', (l) => {
    if (raw._lua_gettop(l) !== 1) return raise(l, 'redis.set_repl() requires two arguments.');
    const flags = Math.trunc(raw._lua_tonumber(l, 1));
    if ((flags & ~REPL_ALL) !== 0)
      return raise(l, 'Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.');
    return 0;
  });

  // Effects are told always; who asked for that had to once.
  define('replicate_commands', (l) => {
    raw._lua_pushboolean(l, 1);
    return 1;
  });
  // Without a debugger there is nothing to stop or to show.
  define('breakpoint', (l) => {
    raw._lua_pushboolean(l, 0);
    return 1;
  });
  define('debug', () => 0);

  define('acl_check_cmd', (l) => {
    const found = call.known(l);
    if (found === undefined) return raise(l, 'Invalid command passed to redis.acl_check_cmd()');
    if (typeof found === 'string') {
      call.replies.pushError(l, found, false);
      return raw._lua_error(l);
    }
    raw._lua_pushboolean(l, 1); // there is one user, who may everything
    return 1;
  });

  for (const [name, value] of Object.entries(NUMBERS)) {
    raw._lua_pushnumber(main, value);
    lua.setMember('redis', name);
  }
  lua.pushText(main, REDIS_VERSION);
  lua.setMember('redis', 'REDIS_VERSION');
}

/** An error without a code gets one: `foo` is `ERR foo`, `-BAD foo` is `BAD foo`. */
function withCode(text: string): string {
  const bare = text.startsWith('-') ? text.slice(1) : text;
  return bare.includes(' ') ? bare : `ERR ${bare}`;
}
