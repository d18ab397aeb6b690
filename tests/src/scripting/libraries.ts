/** The libraries of scripts whose answers are compared with recorded ones. */
import { registerBit } from '../../../src/scripting/bit.js';
import { registerCmsgpack } from '../../../src/scripting/cmsgpack.js';
import { registerStringFormat } from '../../../src/scripting/string-format.js';
import { registerStruct } from '../../../src/scripting/struct.js';
import { BareLua } from './expression.js';

export const RECORDED = new URL('../../../../tests/src/recorded/scripting-libraries.txt', import.meta.url);

export function openLibraries(): Promise<BareLua> {
  return BareLua.open(registerBit, registerStruct, registerCmsgpack, registerStringFormat);
}

/** The lines of the recording that are no comments: an expression, ` => `, what it comes to. */
export function entries(text: string): readonly (readonly [expression: string, result: string])[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [expression, result = ''] = line.split(/ =>(?: |$)/);
      return [expression, result] as const;
    });
}
