/**
 * Values of modules in the RDB format (type MODULE_2): each term says what it is, so that who does not know the module can skip it.
 *
 *   value   [ LENGTH_64, name and version : 8 ]  term ...  0
 *   term    1 signed | 2 unsigned | 5 string       numbers as lengths
 *
 * A name is nine characters of 64, six bits each, the version the last ten bits. Source: the format as publicly described (RDB 8 on).
 */
import type { Bytes } from '../memory/bytes.js';
import { LENGTH_64 } from './format.js';
import type { RdbInput } from './input.js';
import type { RdbOutput } from './output.js';

const END = 0;
const UNSIGNED = 2;
const STRING = 5;

/** The 64 characters of which modules make their names, nine to a name. */
const NAME_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NAME_LENGTH = 9;
/** Bits of a module's number behind its name: the version of its values. */
const VERSION_BITS = 10;

/** The version of the values of the module whose number was read last. */
export interface ModuleNumber {
  name: string;
  version: number;
}

/** Writes a module's number. @param name nine characters @param version 0 to 1023 */
export function writeModule(out: RdbOutput, name: string, version: number): void {
  let number = 0n;
  for (const character of name) number = (number << 6n) | BigInt(NAME_CHARACTERS.indexOf(character));
  number = (number << BigInt(VERSION_BITS)) | BigInt(version);
  out.byte(LENGTH_64);
  for (let shift = 56n; shift >= 0n; shift -= 8n) out.byte(Number((number >> shift) & 255n));
}

/** Reads a module's number; undefined, and the input stands somewhere, when that is none. @throws SHORT */
export function readModule(input: RdbInput): ModuleNumber | undefined {
  if (input.byte() !== LENGTH_64) return undefined;
  input.need(8);
  let number = 0n;
  for (let i = 0; i < 8; i++) number = (number << 8n) | BigInt(input.byte());
  const version = Number(number & ((1n << BigInt(VERSION_BITS)) - 1n));
  number >>= BigInt(VERSION_BITS);
  let name = '';
  for (let i = 0; i < NAME_LENGTH; i++) {
    name = NAME_CHARACTERS[Number(number & 63n)] + name;
    number >>= 6n;
  }
  return { name, version };
}

/** @param n an integer of 0 to 2^53 */
export function writeNumber(out: RdbOutput, n: number): void {
  out.length(UNSIGNED);
  out.length(n);
}

export function writeText(out: RdbOutput, text: Bytes): void {
  out.length(STRING);
  out.string(text);
}

/** Begins a string of `n` bytes, which follow as they are. */
export function writeLongText(out: RdbOutput, n: number): void {
  out.length(STRING);
  out.length(n);
}

/** The end of a value. */
export function writeEnd(out: RdbOutput): void {
  out.length(END);
}

/** @throws RdbError when something else follows; SHORT */
export function readNumber(input: RdbInput): number {
  expect(input, UNSIGNED, 'a number');
  return input.length();
}

/** Points `view` at the next string: it holds as RdbInput.string says. @throws RdbError when something else follows; SHORT */
export function readText(input: RdbInput, view: Bytes): Bytes {
  expect(input, STRING, 'a string');
  return input.string(view);
}

/** @throws RdbError when something else follows; SHORT */
export function readEnd(input: RdbInput): void {
  expect(input, END, 'the end');
}

function expect(input: RdbInput, opcode: number, what: string): void {
  const at = input.offset;
  const found = input.length();
  if (found !== opcode)
    throw input.error(`a term of a module's value of the kind ${found}, where ${what} should stand`, at);
}
