/**
 * Tools that are commands under another name. A row of the table (rows.ts) names them; schemas, texts and hints follow from the
 * command's entry, and the properties of its arguments (properties.ts) get names as one speaks of them:
 *
 *   { name: 'list_push', command: { by: 'direction', of: { right: 'rpush', left: 'lpush' } }, names: { element: 'values' } }
 *   synap_list_push { key, values: ["a"], direction: "left" }  ->  LPUSH key a  ->  { result: 1 }
 *
 * Arguments that are repeated are called in the plural; a number of them, which follows from them, is not asked for.
 */
import { toWords } from '../arguments.js';
import type { Command } from '../commands.js';
import { Failure } from '../failure.js';
import { toJson } from '../json-value.js';
import { flat, type Property } from '../properties.js';
import { replySchema } from '../reply-schema.js';
import { argumentsSchema, BASE64, INTEGER, NUMBER, type Schema, SINGLE_VALUE, VALUE } from '../schema.js';
import type { Session } from '../session.js';
import { hints, type Json, type JsonObject, type Tool, titleOf } from './tool.js';

export interface Row {
  /** Without `synap_`. */
  readonly name: string;
  /** A command, or one of several, the first when nothing is said. They must have the same arguments. */
  readonly command: string | { readonly by: string; readonly of: Readonly<Record<string, string>> };
  /** Other names of arguments. */
  readonly names?: Readonly<Record<string, string>>;
  /** A repeated group of which one is given, by the names of its parts. */
  readonly single?: string;
  /** What is taken for an argument that is not given, under its new name. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** It only reads, although its flags name it with what operators or subscribers do. */
  readonly reads?: true;
}

/** The commands of a row: by the value of its `by`, by `''` where there is none. */
export function commandsOf({ command }: Row): readonly (readonly [choice: string, name: string])[] {
  return typeof command === 'string' ? [['', command]] : Object.entries(command.of);
}

/**
 * The tool of a row.
 * @param commands what commandsOf tells, found
 * @throws Error when the row speaks of an argument that its command does not have
 */
export function rowTool(row: Row, commands: ReadonlyMap<string, Command>): Tool {
  const all = [...commands.values()];
  const form = argumentForm(row, all[0].properties);
  const { entry } = all[0];
  const title = titleOf(row.name);
  return {
    name: `synap_${row.name}`,
    title,
    description: [
      entry.spec.summary,
      ...all.map((command) => `${command.words.join(' ')} ${entry.spec.syntax}`.trim()),
      `Complexity: ${entry.spec.complexity}.`,
    ].join('\n'),
    inputSchema: inputSchema(row, form),
    outputSchema: {
      type: 'object',
      properties: { result: entry.reply === undefined ? {} : shortened(replySchema(entry.reply)) },
      required: ['result'],
      additionalProperties: false,
    },
    annotations: hints(title, all, row.reads === true),
    call: (session, given) => call(row, commands, form, session, given),
  };
}

async function call(
  row: Row,
  commands: ReadonlyMap<string, Command>,
  form: Form,
  session: Session,
  given: Json,
): Promise<JsonObject> {
  const { defaults = {}, command: named } = row;
  const rest: Record<string, unknown> = { ...defaults, ...given };
  let choice = '';
  if (typeof named !== 'string') {
    choice = String(rest[named.by] ?? Object.keys(named.of)[0]);
    delete rest[named.by];
    if (!commands.has(choice)) throw Failure.argument(named.by, `one of ${[...commands.keys()].join(', ')}`);
  }
  for (const [one, many] of form.plurals) {
    if (rest[one] === undefined || rest[many] !== undefined) continue;
    rest[many] = rest[one];
    delete rest[one];
  }
  for (const [name, inner] of form.lifted) if (rest[name] !== undefined) rest[name] = { [inner]: rest[name] };
  const { words } = commands.get(choice)!;
  return { result: toJson(await session.run([...words, ...toWords(form.words, rest)])) };
}

/** A value, said shortly: a list of tools tells some hundred of them. What a value may be stands in the server's instructions. */
const SHORT_VALUE: Schema = { type: ['string', 'number', 'boolean', 'object'] };

const SHORT_BYTES: Schema = { type: 'object', properties: { base64: { type: 'string' } }, required: ['base64'] };

function shortened(node: unknown): unknown {
  if (node === VALUE) return SHORT_VALUE;
  if (node === BASE64) return SHORT_BYTES;
  if (node === INTEGER || node === NUMBER) return { type: (node as Schema).type };
  if (Array.isArray(node)) return node.map(shortened);
  if (typeof node !== 'object' || node === null) return node;
  // Of ways to say the same the first is told: many clients read no `anyOf`, and give text then. The others are taken as well.
  const { anyOf: [first, other] = [] } = node as { readonly anyOf?: readonly Schema[] };
  if (first?.type === 'array' && (other === SINGLE_VALUE || other === first.items)) return shortened(first);
  if (first?.type === 'object' && other?.type === 'array')
    return { ...(shortened(first) as Schema), description: pairsText(first) };
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, name === 'enum' ? capitals(value) : shortened(value)]),
  );
}

function pairsText({ description }: Schema): string {
  return `${description}; or an array of pairs`;
}

/** Words in one of their two cases. */
function capitals(words: readonly string[]): readonly string[] {
  return words.filter((word) => word === word.toUpperCase());
}

/** The arguments of a tool. */
interface Form {
  /** As toWords takes them. */
  readonly words: readonly Property[];
  /** As the schema tells them. */
  readonly told: readonly Property[];
  /** By the name for one of them: those that are repeated. A single one may be given by it, as the first Synap's clients do. */
  readonly plurals: ReadonlyMap<string, string>;
  /** Those of which the schema tells only what is repeated in them, and the name of that. */
  readonly lifted: ReadonlyMap<string, string>;
}

function argumentForm({ names = {}, single, name }: Row, all: readonly Property[]): Form {
  const known = new Set(flat(all).map((property) => property.name));
  for (const old of [...Object.keys(names), ...(single === undefined ? [] : [single])])
    if (!known.has(old)) throw new Error(`synap_${name}: no argument called '${old}'`);
  const renamed = (old: string, many: boolean): string => names[old] ?? (many ? plural(old) : old);
  const manys = new Set(flat(all).flatMap((property) => (property.many ? [property.name] : [])));
  const rename = (property: Property): Property => {
    const { kind, many, parts, counts } = property;
    if (property.name === single) return { ...property, kind: 'row', many: false, optional: false, name: '' };
    if (kind === 'choice' || kind === 'row') return { ...property, parts: parts.map(rename) };
    return { ...property, name: renamed(property.name, many), counts: renamed(counts, manys.has(counts)) };
  };
  const words = all.map(rename);
  const taken = new Set(flat(words).map((property) => property.name));
  const plurals = new Map(
    [...manys].filter((old) => old !== single && !taken.has(old)).map((old) => [old, renamed(old, true)]),
  );
  const lifted = new Map<string, string>();
  const tell = (property: Property): Property[] => {
    const { kind, parts } = property;
    if (kind === 'count') return [];
    if (kind === 'choice' || kind === 'row') return [{ ...property, parts: parts.flatMap(tell) }];
    if (kind !== 'object' || property.many || parts.length !== 2 || parts[0].kind !== 'count') return [property];
    lifted.set(property.name, parts[1].name);
    return [{ ...parts[1], name: property.name, optional: property.optional }];
  };
  return { words, told: words.flatMap(tell), plurals, lifted };
}

function plural(name: string): string {
  return name.endsWith('s') ? name : `${name}s`;
}

function inputSchema({ command, defaults = {}, name }: Row, { told }: Form): Schema {
  const schema = shortened(argumentsSchema(told)) as Schema;
  const properties: Record<string, unknown> = { ...(schema.properties as Json) };
  for (const [argument, value] of Object.entries(defaults)) {
    if (properties[argument] === undefined) throw new Error(`synap_${name}: no argument called '${argument}'`);
    properties[argument] = { ...(properties[argument] as Json), default: value };
  }
  if (typeof command !== 'string') {
    const choices = Object.keys(command.of);
    properties[command.by] = { type: 'string', enum: choices, default: choices[0] };
  }
  const required = ((schema.required ?? []) as string[]).filter((argument) => defaults[argument] === undefined);
  const { required: _, ...rest } = schema;
  return { ...rest, properties, ...(required.length > 0 ? { required } : {}) };
}
