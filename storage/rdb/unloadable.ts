/**
 * What an RDB file may hold and this server cannot: streams, values of modules other than our own types, function libraries. Names each in an error, so that its
 * owner knows what would be lost.
 */
import { Bytes } from '../memory/bytes.js';
import { FUNCTION_LIBRARY, MODULE_1, MODULE_2, STREAM_1, STREAM_2, STREAM_3 } from './format.js';
import type { RdbInput } from './input.js';
import { readModule } from './module-terms.js';
import { RdbError } from './rdb-error.js';

/** The error for a value of type `type`, which is none that is read; `input` stands behind type and key. */
export function unloadableValue(type: number, input: RdbInput): RdbError {
  if (type === STREAM_1 || type === STREAM_2 || type === STREAM_3)
    return new RdbError(`a stream (type ${type}), and streams cannot be loaded`);
  if (type === MODULE_1 || type === MODULE_2)
    return new RdbError(`a value of the module type '${moduleName(input)}', and values of modules cannot be loaded`);
  return new RdbError(`a value of type ${type}, which is unknown`);
}

/** The error for what a module has stored beside the keys; `input` stands behind the opcode. */
export function unloadableModule(input: RdbInput): RdbError {
  return new RdbError(`data of the module type '${moduleName(input)}', and data of modules cannot be loaded`);
}

/** The error for a function library; `input` stands behind the opcode. */
export function unloadableLibrary(opcode: number, input: RdbInput): RdbError {
  if (opcode !== FUNCTION_LIBRARY) return new RdbError('a function of a release candidate of Redis 7.0');
  const code = input.string(new Bytes()).toString();
  const name = /^#![^\n]*\bname=("?)([A-Za-z0-9_]+)\1/.exec(code)?.[2] ?? '';
  return new RdbError(`the function library '${name}', and functions cannot be loaded`);
}

/** The name in the number that `input` stands before; '?' when that is none. */
function moduleName(input: RdbInput): string {
  return readModule(input)?.name ?? '?';
}
