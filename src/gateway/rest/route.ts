/**
 * A row of table.ts made usable: from the arguments of a request to the words of its command, from the reply to the answer, and the
 * schemas of both. Everything that does not depend on the request is found once.
 */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { toWords } from '../arguments.js';
import type { Command } from '../commands.js';
import { Failure } from '../failure.js';
import type { Word } from '../link.js';
import { flat } from '../properties.js';
import { argumentsSchema, type Schema } from '../schema.js';
import type { Form } from '../stored-value.js';
import { inForm, type Part, type Shape } from './shape.js';
import type { By, Row } from './table.js';

type Json = Readonly<Record<string, unknown>>;
type Target = { -readonly [name in string]: unknown };

export interface Route {
  readonly row: Row;
  /** The command, or the one that is called when nothing is said; and all that it may be. */
  readonly command: Command;
  readonly commands: readonly Command[];
  /** The path without names in it. */
  readonly short: string;
  /** Names in the path. */
  readonly params: readonly string[];
  readonly input: Schema;
  readonly output: Schema;
  /** The words of the command. @throws Failure ERR on arguments that will not do */
  words(given: Json): Word[];
  /** @param form of values; text when there is none */
  answer(value: ReplyValue, given: Json, form?: Form): unknown;
}

/**
 * @returns the route of `row`; undefined when the server does not have its command, or has it with other arguments
 */
export function routeOf(row: Row, all: ReadonlyMap<string, Command>): Route | undefined {
  const by = typeof row.command === 'string' ? undefined : row.command;
  const names = by === undefined ? [row.command as string] : Object.values(by.commands);
  const commands = names.map((name) => all.get(name));
  if (!commands.every((command) => command !== undefined)) return undefined;
  const command = by === undefined ? commands[0] : all.get(by.commands[by.otherwise])!;
  if (lacking(row, command).length > 0) return undefined;
  const input = inputSchema(row, command, by);
  return {
    row,
    command,
    commands,
    short: row.path.replace(/\/:.*$/, ''),
    params: [...row.path.matchAll(/:(\w+)/g)].map(([, name]) => name),
    input,
    output: outputSchema(row.shape, command),
    words: (given) => {
      demand(input, given);
      const chosen = by === undefined ? command : choose(by, given, all);
      return [...chosen.words, ...toWords(chosen.properties, translate(row, by, given))];
    },
    answer: answerOf(row.shape),
  };
}

/** Arguments that `row` speaks of and `command` does not have. Empty: it fits. */
export function lacking(row: Row, { properties }: Command): string[] {
  const { names = {}, flags = {}, single, fixed = {}, defaults = {}, bytes, path } = row;
  const here = [...Object.keys(defaults), ...(single?.parts ?? []), ...[...path.matchAll(/:(\w+)/g)].map((m) => m[1])];
  const parts = new Set(single?.parts);
  const wanted = [
    ...Object.values(names).map((target) => target.split('.')[0]),
    ...Object.values(flags).map(([target]) => target),
    ...(single === undefined ? [] : [single.into]),
    ...Object.keys(fixed),
    ...(bytes === undefined ? [] : [bytes]),
    ...here.filter((name) => !parts.has(name)).map((name) => names[name]?.split('.')[0] ?? name),
  ];
  const known = new Set(flat(properties).map(({ name }) => name));
  return wanted.filter((name) => !known.has(name));
}

// ---- to words ---------------------------------------------------------------------------------------------------------------------

/** Says what is missing by the name that it has here. */
function demand({ required }: Schema, given: Json): void {
  for (const name of (required ?? []) as readonly string[])
    if (given[name] === undefined) throw new Failure('ERR', `missing argument '${name}'`);
}

function choose(by: By, given: Json, all: ReadonlyMap<string, Command>): Command {
  const said = given[by.property] ?? by.otherwise;
  const name = typeof said === 'string' && Object.hasOwn(by.commands, said) ? by.commands[said] : undefined;
  if (name === undefined) throw Failure.argument(by.property, `one of ${Object.keys(by.commands).join(', ')}`);
  return all.get(name)!;
}

function translate(row: Row, by: By | undefined, given: Json): Json {
  const { names, flags, single, fixed, defaults } = row;
  if (names === undefined && flags === undefined && single === undefined && by === undefined)
    return fixed === undefined && defaults === undefined ? given : { ...defaults, ...given, ...fixed };
  const all = defaults === undefined ? given : { ...defaults, ...given };
  // Without a prototype, or `__proto__` would be one.
  const out: Target = Object.assign(Object.create(null), fixed);
  const isSingle = single !== undefined && isGivenAlone(row, given);
  for (const name of Object.keys(all)) {
    const value = all[name];
    if (name === by?.property || (isSingle && single.parts.includes(name))) continue;
    if (flags !== undefined && Object.hasOwn(flags, name)) setFlag(out, name, value, flags[name]);
    else put(out, names !== undefined && Object.hasOwn(names, name) ? names[name] : name, value);
  }
  if (isSingle) {
    demand({ required: single.parts }, all);
    out[single.into] = [Object.fromEntries(single.parts.map((name) => [name, all[name]]))];
  }
  return out;
}

/** Whether the parts of a single item are given, not several items. */
function isGivenAlone({ names = {}, single }: Row, given: Json): boolean {
  const several = Object.keys(names).find((name) => names[name] === single!.into) ?? single!.into;
  return given[several] === undefined;
}

function setFlag(out: Target, name: string, value: unknown, [argument, meant]: readonly [string, unknown]): void {
  if (value === undefined || value === false) return;
  if (value !== true) throw Failure.argument(name, 'true or false');
  if (out[argument] !== undefined && out[argument] !== meant)
    throw new Failure('ERR', `'${name}' cannot be given with '${String(out[argument]).toLowerCase()}'`);
  out[argument] = meant;
}

function put(out: Target, target: string, value: unknown): void {
  const dot = target.indexOf('.');
  if (dot < 0) out[target] = value;
  else if (value !== undefined) out[target.slice(0, dot)] = { [target.slice(dot + 1)]: value };
}

// ---- answers ----------------------------------------------------------------------------------------------------------------------

function isPart(shape: Shape | Part): shape is Part {
  return typeof shape.of === 'function';
}

function answerOf(shape: Shape | Part): Route['answer'] {
  if (isPart(shape)) return (value, given, form = 'string') => shape.of(value, given, inForm(form));
  const parts = Object.entries(shape);
  return (value, given, form = 'string') => {
    const answer: Target = {};
    const json = inForm(form);
    for (const [name, part] of parts) answer[name] = part.of(value, given, json);
    return answer;
  };
}

// ---- schemas ----------------------------------------------------------------------------------------------------------------------

interface ObjectSchema extends Record<string, unknown> {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

function inputSchema(row: Row, command: Command, by: By | undefined): Schema {
  const { names = {}, flags = {}, single, fixed = {}, defaults = {} } = row;
  const { properties, required = [] } = argumentsSchema(command.properties) as ObjectSchema;
  const out: Record<string, Schema> = {};
  const demanded: string[] = [];
  const here = new Map(Object.entries(names).map(([name, target]) => [target.split('.')[0], [name, target] as const]));
  for (const [argument, schema] of Object.entries(properties)) {
    if (Object.hasOwn(fixed, argument) || Object.values(flags).some(([target]) => target === argument)) continue;
    const [name, target] = here.get(argument) ?? [argument, argument];
    const inner = target.includes('.') ? (schema as ObjectSchema).properties[target.split('.')[1]] : schema;
    if (single?.into === argument) Object.assign(out, singleSchemas(single.parts, schema));
    if (single?.into !== argument || here.has(argument)) out[name] = withDefault(inner, defaults[name]);
    if (required.includes(argument) && single?.into !== argument && !Object.hasOwn(defaults, name)) demanded.push(name);
  }
  for (const [name, [target, value]] of Object.entries(flags))
    out[name] = { type: 'boolean', description: `${target}: ${value}` };
  if (by !== undefined) out[by.property] = { enum: Object.keys(by.commands), default: by.otherwise };
  if (single !== undefined && !here.has(single.into))
    demanded.push(...single.parts.filter((name) => !Object.hasOwn(defaults, name)));
  for (const name of single?.parts ?? []) out[name] = withDefault(out[name], defaults[name]);
  return {
    type: 'object',
    properties: out,
    ...(demanded.length > 0 ? { required: demanded } : {}),
    additionalProperties: false,
  };
}

function singleSchemas(parts: readonly string[], several: Schema): Readonly<Record<string, Schema>> {
  const { anyOf = [several] } = several as { anyOf?: readonly Schema[] };
  const { items } = anyOf.find((schema) => schema.type === 'array') as { items: Partial<Record<'anyOf', Schema[]>> };
  const { properties } = (items.anyOf?.[0] ?? items) as ObjectSchema;
  return Object.fromEntries(parts.map((name) => [name, properties[name]]));
}

function withDefault(schema: Schema, value: unknown): Schema {
  return value === undefined ? schema : { ...schema, default: value };
}

function outputSchema(shape: Shape | Part, { entry }: Command): Schema {
  const reply = entry.reply!;
  if (isPart(shape)) return { description: 'the answer', ...shape.schema(reply) };
  const properties = Object.fromEntries(Object.entries(shape).map(([name, part]) => [name, part.schema(reply)]));
  const required = Object.keys(properties).filter((name) => name !== 'old_value');
  return { type: 'object', description: 'the answer', properties, required };
}
