/**
 * Calls of routes and what they answer, as lines: `METHOD path {arguments} => {answer}`, with a status before the answer where it is
 * not 200. In an answer `<int>`, `<number>`, `<text>` and `<any>` stand for what differs from run to run.
 */
import { readFileSync } from 'node:fs';

export type Json = Readonly<Record<string, unknown>>;

export interface Call {
  readonly line: string;
  readonly method: string;
  /** Without `/api/v1`, as the OpenAPI document has it: `hash/get/{key}`. */
  readonly path: string;
  readonly given: Json;
  readonly status: number;
  readonly answer: unknown;
}

/** One way to send a call: the route of the document, and the request. */
export interface Way {
  readonly method: string;
  readonly route: string;
  readonly url: string;
  readonly body?: string;
}

export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

export function readCalls(name: string): Call[] {
  const text = readFileSync(new URL(`../../../../../tests/src/gateway/rest/${name}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseCall);
}

export function parseCall(line: string): Call {
  const [, method, path, given, , status = '200', answer = 'null'] =
    /^(\w+) (\S+) (\{.*?\})( => (?:(\d+) )?(.+))?$/.exec(line) ?? [];
  if (path === undefined) throw new Error(`not a call: ${line}`);
  return { line, method, path, given: JSON.parse(given), status: Number(status), answer: JSON.parse(answer) };
}

/** All ways to send `call` that the document has: what only reads is asked by query and by path, too. */
export function waysOf({ method, path, given }: Call, { paths }: Document): Way[] {
  const base = `/api/v1/${path}`;
  const has = (verb: string, route: string): boolean => paths[route]?.[verb] !== undefined;
  const ways: Way[] = [];
  if (method === 'POST' && has('post', base))
    ways.push({ method, route: base, url: base, body: JSON.stringify(given) });
  const plain = !JSON.stringify(given).includes('base64') && !Object.values(given).includes(null);
  if (method === 'DELETE' && has('delete', base)) ways.push({ method, route: base, url: urlOf(base, given) });
  if (method === 'DELETE' || !plain || !(method === 'GET' || isGeneric(path))) return ways;
  for (const route of Object.keys(paths))
    if ((route === base || route.startsWith(`${base}/{`)) && has('get', route) && fits(route, given))
      ways.push({ method: 'GET', route, url: urlOf(route, given) });
  return ways;
}

/** Whether the path is of a command by its own name: GET and POST mean the same there. POST of topic/read is told more than GET. */
function isGeneric(path: string): boolean {
  return (
    path !== 'topic/read' &&
    /^(string|generic|hash|list|set|sorted-set|server|queue|topic|stream|bitmap|hyperloglog|geo|scripting)\//.test(path)
  );
}

function fits(route: string, given: Json): boolean {
  return [...route.matchAll(/\{(\w+)\}/g)].every(([, name]) => ['string', 'number'].includes(typeof given[name]));
}

function urlOf(route: string, given: Json): string {
  const rest = { ...given };
  const path = route.replace(/\{(\w+)\}/g, (_all, name: string) => {
    delete rest[name];
    return encodeURIComponent(String(given[name]));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest))
    for (const one of Array.isArray(value) && value.every((item) => typeof item !== 'object') ? value : [value])
      query.append(name, typeof one === 'object' ? JSON.stringify(one) : String(one));
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Where `real` is not what `wanted` says; undefined when it is. */
export function difference(real: unknown, wanted: unknown, where = 'answer'): string | undefined {
  if (wanted === '<any>') return undefined;
  if (wanted === '<int>') return Number.isInteger(real) ? undefined : `${where} is no integer: ${real}`;
  if (wanted === '<number>') return typeof real === 'number' ? undefined : `${where} is no number: ${real}`;
  if (wanted === '<text>')
    return typeof real === 'string' && real !== '' ? undefined : `${where} is no text: ${JSON.stringify(real)}`;
  if (typeof wanted !== 'object' || wanted === null || typeof real !== 'object' || real === null)
    return real === wanted ? undefined : `${where} is ${JSON.stringify(real)}, not ${JSON.stringify(wanted)}`;
  const names = new Set([...Object.keys(real), ...Object.keys(wanted)]);
  if (Array.isArray(real) !== Array.isArray(wanted)) return `${where} is an array, or should be one`;
  for (const name of names) {
    const inner = difference((real as Json)[name], (wanted as Json)[name], `${where}.${name}`);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
