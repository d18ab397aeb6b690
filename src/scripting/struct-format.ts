/**
 * StructFormat: the format strings of the library `struct`, read option by option with the padding each needs. Options are
 * b B h H l L T i I (integers of 1, 2, 8, 8 and n bytes, default 4), f d (floats), x (a zero), s (ends in a zero), cN (N characters); and
 * what says how: > < (big, little endian), !N (align to at most N bytes, default 8), space (nothing).
 */
import { Bytes } from '../../storage/memory/bytes.js';
import { argumentError, checkString } from './arguments.js';
import { type Lua, LuaError } from './lua.js';
import type { LuaState } from './lua-module.js';

const INT_MAX = 2147483647;
const INTEGER_MAX = 32;
const INTEGER_DEFAULT = 4;
const ALIGN_DEFAULT = 8;

/** What an option is to who packs and unpacks. */
export const INTEGER = 1;
export const FLOAT = 2;
export const DOUBLE = 3;
export const ZERO = 4;
export const CHARACTERS = 5;
export const STRING = 6;
/** It says how the next are written, or is no option at all: see `control`. */
export const CONTROL = 0;

const DIGIT_0 = 0x30;

export class StructFormat {
  /** The option read last: its character, what it is, and its size in bytes (0 where the value decides). */
  option = 0;
  kind = CONTROL;
  size = 0;
  littleEndian = true;
  private align = 1;
  private readonly view = new Bytes();
  /** The format is Lua's own string: it stays where it is while it is an argument, though the memory may become another object. */
  private at = 0;

  constructor(private readonly lua: Lua) {}

  /** Begins with the format that is argument 1. It ends at its first NUL. */
  open(l: LuaState): void {
    checkString(this.lua, l, 1, this.view);
    this.at = this.view.start;
    this.littleEndian = true;
    this.align = 1;
  }

  /** Reads an option and its size. @returns false at the end @throws {LuaError} for a size that is too large */
  next(): boolean {
    const option = this.lua.raw.HEAPU8[this.at];
    if (option === 0) return false;
    this.at++;
    this.option = option;
    switch (option) {
      case 0x62: // b
      case 0x42: // B
        return this.is(INTEGER, 1);
      case 0x68: // h
      case 0x48: // H
        return this.is(INTEGER, 2);
      case 0x6c: // l
      case 0x4c: // L
      case 0x54: // T
        return this.is(INTEGER, 8);
      case 0x69: // i
      case 0x49: // I
        return this.is(INTEGER, this.integerSize());
      case 0x66: // f
        return this.is(FLOAT, 4);
      case 0x64: // d
        return this.is(DOUBLE, 8);
      case 0x78: // x
        return this.is(ZERO, 1);
      case 0x63: // c
        return this.is(CHARACTERS, this.number(1));
      case 0x73: // s
        return this.is(STRING, 0);
      default:
        return this.is(CONTROL, 0);
    }
  }

  private is(kind: number, size: number): boolean {
    this.kind = kind;
    this.size = size;
    return true;
  }

  private integerSize(): number {
    const size = this.number(INTEGER_DEFAULT);
    if (size > INTEGER_MAX) throw new LuaError(`integral size ${size} is larger than limit of ${INTEGER_MAX}`);
    return size;
  }

  /** The number that stands next, `otherwise` when there is none. */
  private number(otherwise: number): number {
    const { HEAPU8 } = this.lua.raw;
    let digit = HEAPU8[this.at] - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) return otherwise;
    let n = 0;
    while (digit >= 0 && digit <= 9) {
      n = n * 10 + digit;
      if (n > INT_MAX) throw new LuaError('integral size overflow');
      digit = HEAPU8[++this.at] - DIGIT_0;
    }
    return n;
  }

  /** How many bytes of padding stand before the option when `position` bytes stand before that; characters have none. */
  padding(position: number): number {
    let { size } = this;
    if (size === 0 || this.kind === CHARACTERS) return 0;
    if (size > this.align) size = this.align;
    // For sizes that are no power of two the mask has holes, and so has the padding; that is how it is.
    return (size - (position & (size - 1))) & (size - 1);
  }

  /** Does what a control option says. Raises an error for a character that is none. @throws {LuaError} for an alignment that is none */
  control(l: LuaState): void {
    switch (this.option) {
      case 0x20: // space
        return;
      case 0x3e: // >
        this.littleEndian = false;
        return;
      case 0x3c: // <
        this.littleEndian = true;
        return;
      // !
      case 0x21: {
        const align = this.number(ALIGN_DEFAULT);
        if (align <= 0 || (align & (align - 1)) !== 0) throw new LuaError(`alignment ${align} is not a power of 2`);
        this.align = align;
        return;
      }
      default:
        argumentError(this.lua, l, 1, `invalid format option '${String.fromCharCode(this.option)}'`);
    }
  }
}
