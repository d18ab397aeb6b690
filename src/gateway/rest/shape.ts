/**
 * What the pretty routes answer: an object each of whose members is made of the command's reply by one of the parts below. A part says
 * its schema, so the documentation follows.
 */
import type { ReplyType } from '../../../commands/spec/reply.js';
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { infoSections } from '../info.js';
import { bytesToText, type JsonValue, replyText, toJson, toJsonBy } from '../json-value.js';
import { replySchema } from '../reply-schema.js';
import type { Schema } from '../schema.js';
import { type Form, fromStored } from '../stored-value.js';

type Json = Readonly<Record<string, unknown>>;

export interface Part {
  /** @param reply what the command answers */
  schema(reply: ReplyType): Schema;
  /**
   * @param given the arguments of the request
   * @param json makes JSON of values in the form that the request wants
   * @returns undefined: the member is left out
   */
  of(value: ReplyValue, given: Json, json: ToJson): unknown;
}

type ToJson = (value: ReplyValue) => JsonValue;

/** How values are told in `form`: stored-value.ts. */
export function inForm(form: Form): ToJson {
  return form === 'string' ? toJson : (value) => toJsonBy(value, (bytes) => fromStored(bytes, form));
}

/** Members of the answer by name. */
export type Shape = Readonly<Record<string, Part>>;

const part = (schema: Schema | Part['schema'], of: Part['of']): Part => ({
  schema: typeof schema === 'function' ? schema : () => schema,
  of,
});

/** The reply itself. */
export const REPLY = part(replySchema, (value) => toJson(value));

/** Text, or what the form makes of it. */
const AS_TOLD: Schema = { description: 'text, or null; in another form where `as` says so' };

/** The reply, which is a value, or several. */
export const STORED = part(AS_TOLD, (value, _given, json) => json(value));

/** Whether the command did something: its reply is neither 0 nor nothing. */
export const TRUTH = part({ type: 'boolean' }, (value) => value !== 0 && value !== null);

export const SUCCESS = part({ const: true }, () => true);

/** A number that the server tells as text. */
export const NUMBER = part({ type: 'number' }, (value) => Number(replyText(value)));

/** What the request has said. */
export function given(name: string): Part {
  return part({}, (_value, all) => all[name]);
}

/** The i-th of a reply of several; null when there is none. */
export function item(i: number): Part {
  return part({}, (value) => (Array.isArray(value) && i < value.length ? toJson(value[i]) : null));
}

/** The same, where that is a value. */
export function storedItem(i: number): Part {
  return part({}, (value, _given, json) => (Array.isArray(value) && i < value.length ? json(value[i]) : null));
}

/** An array, also where the command answers a single one or nothing. */
export const LIST = part(
  (reply) => ({ type: 'array', items: itemOf(reply) }),
  (value) => list(value).map(toJson),
);

/** The same of values. */
export const STORED_LIST = part({ type: 'array', items: AS_TOLD }, (value, _given, json) => list(value).map(json));

/** Messages, or events, of which one member is a value. */
export function messages(name: string): Part {
  return part({ type: 'array', items: { type: 'object' } }, (value, _given, json) =>
    list(value).map((message) => {
      const all = new Map(message as ReadonlyMap<ReplyValue, ReplyValue>);
      const told = toJson(all) as Record<string, JsonValue>;
      for (const [key, of] of all) if (key instanceof Uint8Array && bytesToText(key) === name) told[name] = json(of);
      return told;
    }),
  );
}

export const COUNT = part({ type: 'integer', minimum: 0 }, (value) => list(value).length);

/** Whether each: from an array of 0 and 1. */
export const TRUTHS = part({ type: 'array', items: { type: 'boolean' } }, (value) =>
  list(value).map((one) => one === 1),
);

/** Members with their scores, from pairs or from one pair. */
export const SCORED = part(
  {
    type: 'array',
    items: {
      type: 'object',
      properties: { member: {}, score: { type: ['number', 'string'] } },
      required: ['member', 'score'],
    },
  },
  (value, _given, json) => pairs(value).map(([member, score]) => ({ member: json(member), score: toJson(score) })),
);

/** An object, from a map or from names and values in turn. */
export const OBJECT = part({ type: 'object' }, (value) => object(value, toJson));

/** The same of values. */
export const STORED_OBJECT = part({ type: 'object' }, (value, _given, json) => object(value, json));

/** An object, from the second of a SCAN's two. */
export const SCANNED = part({ type: 'object' }, (value, _given, json) =>
  object((value as readonly ReplyValue[])[1], json),
);

export const SCANNED_SCORES = part({ type: 'array', items: { type: 'object' } }, (value, _given, json) => {
  const flat = (value as readonly ReplyValue[])[1] as readonly ReplyValue[];
  return twos(flat).map(([member, score]) => ({ member: json(member), score: Number(replyText(score)) }));
});

/** Whether SET has written, which with GET only its conditions tell. */
export const WRITTEN = part({ type: 'boolean' }, (value, { get, nx, xx }) => {
  if (get !== true) return value !== null;
  if (nx === true) return value === null;
  return xx !== true || value !== null;
});

/** What SET's GET tells. */
export const OLD_VALUE = part({ description: 'with get: what was there' }, (value, { get }, json) =>
  get === true && value !== null ? json(value) : undefined,
);

/** INFO's text: sections of fields, numbers as numbers. */
export const SECTIONS = part({ type: 'object', additionalProperties: { type: 'object' } }, (value) =>
  infoSections(replyText(value), plain),
);

export const SLOW_ENTRIES = part({ type: 'array', items: { type: 'object' } }, (value) =>
  list(value).map((entry) => {
    const [id, timestamp, duration_us, args, client, name] = entry as readonly ReplyValue[];
    const [command, ...rest] = toJson(args) as string[];
    return { id, timestamp, duration_us, command, args: rest, client: toJson(client), client_name: toJson(name) };
  }),
);

// ---- replies ----------------------------------------------------------------------------------------------------------------------

function plain(field: string): string | number {
  return /^-?\d{1,15}(\.\d+)?$/.test(field) ? Number(field) : field;
}

function list(value: ReplyValue): readonly ReplyValue[] {
  if (value === null) return [];
  if (value instanceof Set) return [...value];
  return Array.isArray(value) ? value : [value];
}

function twos(flat: readonly ReplyValue[]): (readonly ReplyValue[])[] {
  const all: ReplyValue[][] = [];
  for (let i = 0; i < flat.length; i += 2) all.push([flat[i], flat[i + 1]]);
  return all;
}

function isArray(value: ReplyValue): value is readonly ReplyValue[] {
  return Array.isArray(value);
}

function pairs(value: ReplyValue): (readonly ReplyValue[])[] {
  const all = list(value);
  return all.every(isArray) ? all.filter(isArray) : twos(all);
}

function object(value: ReplyValue, json: ToJson): unknown {
  return json(value instanceof Map ? value : new Map(pairs(value) as [ReplyValue, ReplyValue][]));
}

function itemOf(reply: ReplyType): Schema {
  if (reply.type === 'either') return { anyOf: reply.of.filter(({ type }) => !type.startsWith('nil')).map(itemOf) };
  return 'of' in reply && reply.type !== 'map' ? replySchema(reply.of[0]) : replySchema(reply);
}
