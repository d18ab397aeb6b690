/** Tool: what a model is offered, and how it is done. MCP (server.ts) and UMICP (umicp.ts) both serve the list that tools.ts makes. */
import {
  ADMIN,
  MAY_REPLICATE,
  MOVABLEKEYS,
  NO_MANDATORY_KEYS,
  NOSCRIPT,
  PUBSUB,
  READONLY,
  WRITE,
} from '../../../commands/spec/flags.js';
import type { Command } from '../commands.js';
import type { JsonValue } from '../json-value.js';
import type { Schema } from '../schema.js';
import type { Session } from '../session.js';

export type Json = Readonly<Record<string, unknown>>;
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Hints for whoever decides whether a call needs asking (MCP's ToolAnnotations). */
export interface Annotations {
  readonly title: string;
  /** Changes nothing. */
  readonly readOnlyHint: boolean;
  /** May remove or overwrite something, not only add. */
  readonly destructiveHint: boolean;
  /** Doing it twice is the same as doing it once. */
  readonly idempotentHint: boolean;
  /** Never: there is nothing but the server. */
  readonly openWorldHint: false;
}

export interface Tool {
  /** At most 64 letters, digits, `_` and `-`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: Schema;
  readonly outputSchema: Schema;
  readonly annotations: Annotations;
  /**
   * @param given the arguments, unchecked
   * @returns what outputSchema says
   * @throws Failure
   */
  call(session: Session, given: Json): Promise<JsonObject>;
}

/**
 * The hints of a tool that calls one of `commands`, from their flags and from what they do to their keys.
 * @param harmless it only reads, whatever its flags say
 */
export function hints(title: string, commands: readonly Command[], harmless: boolean): Annotations {
  const reads = harmless || commands.every(isReading);
  return {
    title,
    readOnlyHint: reads,
    destructiveHint: !reads && commands.some(isDestructive),
    idempotentHint: reads || commands.every(isIdempotent),
    openWorldHint: false,
  };
}

const MORE_THAN_READING = WRITE | ADMIN | PUBSUB | MAY_REPLICATE | MOVABLEKEYS | NO_MANDATORY_KEYS | NOSCRIPT;

/** INFO, TIME: no key, and none of the flags of what does something. */
function isReading({ entry: { flags, keys } }: Command): boolean {
  return (flags & READONLY) !== 0 || (keys.length === 0 && (flags & MORE_THAN_READING) === 0);
}

/** All that writes, but what only inserts; and what operators do. */
function isDestructive({ entry: { flags, keys } }: Command): boolean {
  if ((flags & WRITE) === 0) return (flags & PUBSUB) === 0;
  return keys.length === 0 || keys.some(({ use }) => /\b(OW|RM|update|delete)\b/.test(use));
}

/** What overwrites or removes whole keys and looks at none of what it changes. */
function isIdempotent({ entry: { flags, keys } }: Command): boolean {
  return (flags & WRITE) !== 0 && keys.length > 0 && keys.every(({ use }) => /^(OW|RM)\b(?!.*\baccess\b)/.test(use));
}

/** A title of a name: `sortedset_zadd` is `Sortedset zadd`. */
export function titleOf(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text[0].toUpperCase() + text.slice(1);
}

/** The schema of an object that has all of `properties`, but those of `optional`, and no others. */
export function objectSchema(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}
