/** A call of a tool, with its result as MCP tells it: text and structure, or the text of an error. */
import { Failure } from '../failure.js';
import type { Session } from '../session.js';
import type { JsonObject, Tool } from './tool.js';

/** The longest result as JSON text (bytes); a model has no use for more. */
const RESULT_MAX = 4 * 1024 * 1024;
export type CallResult = {
  readonly content: [{ type: 'text'; text: string }];
  /** Undefined when it is an error. */
  readonly structuredContent?: JsonObject;
  readonly isError?: true;
};

/** The result of a call; an error of the server or of the arguments is one as well, so that the model can see it. */
export async function callTool(
  tool: Tool,
  session: () => Session,
  given: Readonly<Record<string, unknown>>,
): Promise<CallResult> {
  try {
    const structuredContent = await tool.call(session(), given);
    return { content: [textOf(bounded(structuredContent))], structuredContent };
  } catch (e) {
    if (!(e instanceof Failure)) throw e;
    return { content: [textOf(coded(e))], isError: true };
  }
}

function textOf(text: string): { type: 'text'; text: string } {
  return { type: 'text', text };
}

/** The message of a failure, beginning with its code. */
export function coded({ code, message }: Failure): string {
  return message.startsWith(`${code} `) ? message : `${code} ${message}`;
}

/** A result as JSON text. @throws Failure TOOLARGE */
export function bounded(result: unknown): string {
  const text = JSON.stringify(result);
  if (Buffer.byteLength(text) > RESULT_MAX)
    throw new Failure('TOOLARGE', `The result is larger than ${RESULT_MAX} bytes: ask for a part of it`);
  return text;
}
