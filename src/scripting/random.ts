/**
 * ScriptRandom: math.random and math.randomseed as Redis has them: the 48-bit generator of POSIX, which begins alike in every server, so
 * a script that draws after `math.randomseed(n)` draws the same everywhere. One sequence for all scripts of a server.
 *
 *   x = x * 0x5deece66d + 11 (mod 2^48); drawn are its upper 31 bits
 */
import { toInt32 } from './integer64.js';
import type { Lua } from './lua.js';
import type { LuaState } from './lua-module.js';

const MULTIPLIER_HIGH = 0x5de;
const MULTIPLIER_LOW = 0xece66d;
const INT_MAX = 2 ** 31 - 1;
const MASK = 0xffffff;

export class ScriptRandom {
  // Two halves of 24 bits.
  private high = 0x1234ab;
  private low = 0xcd330e;

  /** @param seed an integer of 32 bits */
  seed(seed: number): void {
    this.high = (seed >>> 8) & MASK;
    this.low = ((seed & 0xff) << 16) | 0x330e;
  }

  /** An integer of 31 bits. */
  draw(): number {
    const { high, low } = this;
    const product = low * MULTIPLIER_LOW + 11; // below 2^48
    const carry = Math.floor(product / 2 ** 24);
    this.low = product % 2 ** 24;
    this.high = (((high * MULTIPLIER_LOW) % 2 ** 24) + ((low * MULTIPLIER_HIGH) % 2 ** 24) + carry) & MASK;
    return this.high * 128 + (this.low >>> 17);
  }
}

/** Puts both into the table `math`. */
export function registerRandom(lua: Lua, random: ScriptRandom): void {
  const { raw } = lua;
  const empty = lua.constant('interval is empty');
  const many = lua.constant('wrong number of arguments');
  const int = (l: LuaState, at: number): number => toInt32(raw._luaL_checknumber(l, at));
  lua.define('math', 'random', (l) => {
    const share = (random.draw() % INT_MAX) / INT_MAX;
    switch (raw._lua_gettop(l)) {
      case 0:
        raw._lua_pushnumber(l, share);
        return 1;
      case 1: {
        const upper = int(l, 1);
        if (upper < 1) return raw._luaL_argerror(l, 1, empty);
        raw._lua_pushnumber(l, Math.floor(share * upper) + 1);
        return 1;
      }
      case 2: {
        const lower = int(l, 1);
        const upper = int(l, 2);
        if (lower > upper) return raw._luaL_argerror(l, 2, empty);
        raw._lua_pushnumber(l, Math.floor(share * ((upper - lower + 1) | 0)) + lower);
        return 1;
      }
      default:
        return raw._luaL_error(l, many, 0);
    }
  });
  lua.define('math', 'randomseed', (l) => {
    random.seed(int(l, 1));
    return 0;
  });
}
