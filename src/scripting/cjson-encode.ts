/**
 * Lua values to JSON, as cjson.encode writes them. A table is an array when all its keys are positive integers, and there is one; the
 * greatest is the length. The others are objects, in the order in which `next` gives their keys. Metatables do not matter.
 */
import { Bytes } from '../../storage/memory/bytes.js';
import type { CjsonConfig } from './cjson-config.js';
import type { JsonWriter } from './cjson-writer.js';
import { type Lua, LuaError } from './lua.js';
import { BOOLEAN, LIGHT_USERDATA, type LuaModule, type LuaState, NIL, NUMBER, STRING, TABLE } from './lua-module.js';

/** What Lua calls its types. */
const TYPE_NAMES = ['nil', 'boolean', 'userdata', 'number', 'string', 'table', 'function', 'userdata', 'thread'];
/** The stack of a C function has so many places. */
const STACK_SIZE = 8000;
const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);

function unsupported(type: number, why: string): LuaError {
  return new LuaError(`Cannot serialise ${TYPE_NAMES[type]}: ${why}`);
}

export class Encoder {
  private readonly raw: LuaModule;
  private readonly view = new Bytes();
  private config!: CjsonConfig;
  private l: LuaState = 0;
  /** Of the table that is written: its length as an array, 0 for objects; how many of its values were written. */
  private length = 0;
  private written = 0;
  /** Both, of the tables around it. */
  private readonly around: number[] = [];

  constructor(
    private readonly lua: Lua,
    private readonly out: JsonWriter,
  ) {
    this.raw = lua.raw;
  }

  /**
   * Writes the one value on the stack of `l`. O(length of the text). Of a table that is being written the stack holds the table, and
   * above it, when it is an object, the key that it is at.
   * @throws LuaError when something in it cannot be written, or is too deep; what was written so far is of no use then
   */
  encode(l: LuaState, config: CjsonConfig): void {
    const { raw, out, around } = this;
    this.l = l;
    this.config = config;
    around.length = 0;
    if (this.scalar()) return;
    this.begin(1);
    for (;;) {
      const { length, written } = this;
      if (length > 0 ? written === length : raw._lua_next(l, -2) === 0) {
        out.byte(length > 0 ? 0x5d : 0x7d);
        if (around.length === 0) return;
        raw._lua_settop(l, -2);
        this.written = around.pop()!;
        this.length = around.pop()!;
        continue;
      }
      if (written > 0) out.byte(0x2c);
      this.written++;
      if (length > 0) raw._lua_rawgeti(l, -1, written + 1);
      else this.key();
      if (this.scalar()) raw._lua_settop(l, -2);
      else {
        around.push(this.length, this.written);
        this.begin(around.length / 2 + 1);
      }
    }
  }

  /** Writes the value at the top of the stack, unless it is a table. @returns false when it is one */
  private scalar(): boolean {
    const { raw, l, out } = this;
    const type = raw._lua_type(l, -1);
    if (type === TABLE) return false;
    if (type === STRING) this.string(-1);
    else if (type === NUMBER) out.number(raw._lua_tonumber(l, -1), this.config);
    else if (type === BOOLEAN) out.text(raw._lua_toboolean(l, -1) !== 0 ? 'true' : 'false');
    else if (type === NIL || (type === LIGHT_USERDATA && raw._lua_topointer(l, -1) === 0)) out.text('null');
    else throw unsupported(type, 'type not supported');
    return true;
  }

  /** Begins the table at the top of the stack. */
  private begin(depth: number): void {
    const { raw, l, config } = this;
    const top = raw._lua_gettop(l);
    if (depth > config.encodeDepth || top + 3 > STACK_SIZE) {
      throw new LuaError(`Cannot serialise, excessive nesting (${depth})`);
    }
    raw._lua_checkstack(l, 3);
    this.length = this.measure();
    this.written = 0;
    this.out.byte(this.length > 0 ? 0x5b : 0x7b);
    if (this.length === 0) raw._lua_pushnil(l);
  }

  /**
   * The length of the table at the top of the stack as an array; 0 when it shall be an object.
   * @throws LuaError when it is excessively sparse
   */
  private measure(): number {
    const { raw, l, config } = this;
    let items = 0;
    let greatest = 0;
    for (raw._lua_pushnil(l); raw._lua_next(l, -2) !== 0; raw._lua_settop(l, -2)) {
      const k = raw._lua_type(l, -2) === NUMBER ? raw._lua_tonumber(l, -2) : 0;
      if (k < 1 || Math.floor(k) !== k) {
        raw._lua_settop(l, -3);
        return 0;
      }
      // It is an int in C: what does not fit leaves it at its lowest, and the next one counts.
      if (k > greatest) greatest = k > INT_MAX ? INT_MIN : k;
      items++;
    }
    const { sparseRatio } = config;
    if (sparseRatio > 0 && greatest > Math.imul(items, sparseRatio) && greatest > config.sparseSafe) {
      if (!config.sparseConvert) throw unsupported(TABLE, 'excessively sparse array');
      return 0;
    }
    return greatest > 0 ? greatest : 0;
  }

  /** Writes the key below the top of the stack. */
  private key(): void {
    const { raw, l, out } = this;
    const type = raw._lua_type(l, -2);
    if (type === STRING) this.string(-2);
    else if (type === NUMBER) {
      out.byte(0x22);
      out.number(raw._lua_tonumber(l, -2), this.config);
      out.byte(0x22);
    } else throw unsupported(type, 'table key must be a number or string');
    out.byte(0x3a);
  }

  private string(at: number): void {
    const { view } = this;
    this.lua.view(this.l, at, view);
    this.out.string(view.buf, view.start, view.end);
  }
}
