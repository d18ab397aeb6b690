/**
 * Replies into Lua: what a command has written is turned into Lua's values as it stands, without a JavaScript value on the way.
 *
 *   +OK -ERR x    {ok='OK'}  {err='ERR x'}            %1    {map={...}}             #t     true
 *   :1            1                                   ~2    {set={x=true}}          _      nil
 *   $1 $-1        'x'        false                    ,1.5  {double=1.5}            (12    {big_number='12'}
 *   *2 *-1        {...}      false                    =     {verbatim_string={format='txt', string=...}}
 */
import { parseDouble } from '../../protocol/double.js';
import { EMPTY } from '../../storage/memory/bytes.js';
import type { Lua } from './lua.js';
import type { LuaState } from './lua-module.js';

const STATUS = 43; // +
const ERROR = 45; // -
const INTEGER = 58; // :
const BULK = 36; // $
const ARRAY = 42; // *
const MAP = 37; // %
const SET = 126; // ~
const NULL = 95; // _
const TRUTH = 35; // #
const DOUBLE = 44; // ,
const BIG = 40; // (
const CR = 13;

/** Places of the stack that an aggregate takes at most, its element included. */
const LEVEL = 8;

export class ReplyToLua {
  private readonly lua: Lua;
  private buf: Uint8Array = EMPTY;
  private at = 0;
  /** Words that stand in every such table, with a NUL behind them. */
  private readonly words: Readonly<Record<string, number>>;

  constructor(lua: Lua) {
    this.lua = lua;
    const words: Record<string, number> = {};
    for (const word of [
      'ok',
      'err',
      'map',
      'set',
      'double',
      'big_number',
      'verbatim_string',
      'format',
      'string',
      'ignore_error_stats_update',
    ])
      words[word] = lua.constant(word);
    this.words = words;
  }

  /** Pushes the first reply in `buf`, which must be whole. */
  push(l: LuaState, buf: Uint8Array): void {
    this.buf = buf;
    this.at = 0;
    this.value(l);
    this.buf = EMPTY; // it may be given up
  }

  /** Pushes the table of an error; `counted`: it is in the statistics already, and not to be counted when the script returns it. */
  pushError(l: LuaState, text: string, counted: boolean): void {
    const { raw } = this.lua;
    raw._lua_createtable(l, 0, 2);
    this.lua.pushText(l, text);
    this.field(l, 'err');
    if (!counted) return;
    raw._lua_pushboolean(l, 1);
    this.field(l, 'ignore_error_stats_update');
  }

  private value(l: LuaState): void {
    const { raw } = this.lua;
    switch (this.buf[this.at++]) {
      case INTEGER:
        return raw._lua_pushnumber(l, this.integer());
      case BULK: {
        const n = this.integer();
        if (n < 0) return raw._lua_pushboolean(l, 0);
        this.string(l, n);
        return undefined;
      }
      case STATUS:
        raw._lua_createtable(l, 0, 1);
        this.line(l);
        return this.field(l, 'ok');
      case ERROR: {
        const end = this.buf.indexOf(CR, this.at);
        const text = Buffer.from(this.buf.buffer, this.buf.byteOffset + this.at, end - this.at).toString('latin1');
        this.at = end + 2;
        return this.pushError(l, text, true);
      }
      case ARRAY:
        return this.array(l);
      default:
        this.at--;
        this.resp3(l);
    }
  }

  private resp3(l: LuaState): void {
    const { raw } = this.lua;
    switch (this.buf[this.at++]) {
      case MAP:
        return this.keyed(l, 'map');
      case SET:
        return this.keyed(l, 'set');
      case NULL:
        this.at += 2;
        return raw._lua_pushnil(l);
      case TRUTH:
        raw._lua_pushboolean(l, this.buf[this.at] === 116 ? 1 : 0);
        this.at += 3;
        return undefined;
      case DOUBLE: {
        const end = this.buf.indexOf(CR, this.at);
        raw._lua_createtable(l, 0, 1);
        raw._lua_pushnumber(l, parseDouble(this.buf, this.at, end));
        this.at = end + 2;
        return this.field(l, 'double');
      }
      case BIG:
        raw._lua_createtable(l, 0, 1);
        this.line(l);
        return this.field(l, 'big_number');
      default:
        return this.verbatim(l);
    }
  }

  private array(l: LuaState): void {
    const { raw } = this.lua;
    const n = this.integer();
    if (n < 0) return raw._lua_pushboolean(l, 0);
    raw._lua_checkstack(l, LEVEL);
    raw._lua_createtable(l, n, 0);
    for (let i = 1; i <= n; i++) {
      this.value(l);
      raw._lua_rawseti(l, -2, i);
    }
    return undefined;
  }

  /** A member of a set is a key whose value is true. */
  private keyed(l: LuaState, kind: 'map' | 'set'): void {
    const { raw } = this.lua;
    const n = this.integer();
    raw._lua_checkstack(l, LEVEL);
    raw._lua_createtable(l, 0, 1);
    raw._lua_createtable(l, 0, n);
    for (let i = 0; i < n; i++) {
      this.value(l);
      if (kind === 'map') this.value(l);
      else raw._lua_pushboolean(l, 1);
      raw._lua_rawset(l, -3);
    }
    this.field(l, kind);
  }

  private verbatim(l: LuaState): void {
    const { raw } = this.lua;
    const n = this.integer();
    raw._lua_createtable(l, 0, 1);
    raw._lua_createtable(l, 0, 2);
    this.lua.pushBytes(l, this.buf, this.at, this.at + 3);
    this.field(l, 'format');
    this.lua.pushBytes(l, this.buf, this.at + 4, this.at + n);
    this.field(l, 'string');
    this.at += n + 2;
    this.field(l, 'verbatim_string');
  }

  /** Sets a field of the table below the value on top, which is taken. */
  private field(l: LuaState, name: string): void {
    const { raw } = this.lua;
    raw._lua_pushlstring(l, this.words[name], name.length);
    raw._lua_insert(l, -2);
    raw._lua_rawset(l, -3);
  }

  private string(l: LuaState, n: number): void {
    const { at } = this;
    this.lua.pushBytes(l, this.buf, at, at + n);
    this.at = at + n + 2;
  }

  /** Pushes what stands before the end of the line. */
  private line(l: LuaState): void {
    const end = this.buf.indexOf(CR, this.at);
    this.lua.pushBytes(l, this.buf, this.at, end);
    this.at = end + 2;
  }

  /** Reads digits and the end of their line. */
  private integer(): number {
    const { buf } = this;
    let p = this.at;
    const negative = buf[p] === ERROR;
    if (negative) p++;
    let n = 0;
    for (let digit = buf[p]; digit !== CR; digit = buf[++p]) n = n * 10 + (digit - 48);
    this.at = p + 2;
    return negative ? -n : n;
  }
}
