/**
 * Templates of random commands, and their expansion. A template is a line of a file in random/:
 *
 *   3x HSET $key ($field $value)+ ; HLEN $same        three times as likely as a line without `3x`
 *   │                             └ commands that stay together: one case for the shrinking
 *   └ weight
 *
 *   $name   a value of the pool `name` (values.ts); $same: the last $key again
 *   (…)?    nothing or once      (…)* nought to three times      (…)+ one to four times      (a|b|c) one of them
 *
 * Must never know what a command means. Read next: values.ts, hashes.txt.
 */
import type { Random } from './random.js';
import { randomValue } from './values.js';

/** One command: its words, latin1, one char a byte. */
export type Words = readonly string[];

type Node =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'value'; readonly pool: string }
  | {
      readonly kind: 'choice';
      readonly options: readonly (readonly Node[])[];
      readonly least: number;
      readonly most: number;
    };

export interface Template {
  readonly weight: number;
  readonly commands: readonly (readonly Node[])[];
}

const TIMES: Readonly<Record<string, readonly [number, number]>> = { '?': [0, 1], '*': [0, 3], '+': [1, 4] };

/** @throws Error when parentheses do not match */
export function parseTemplate(line: string): Template {
  const weight = /^(\d+)x /.exec(line);
  const text = weight === null ? line : line.slice(weight[0].length);
  const commands = text.split(' ; ').map((part) => {
    const tokens = part.match(/[()|]|\)[?*+]|[^\s()|]+/g) ?? [];
    const cursor = { at: 0 };
    const options = parseOptions(tokens, cursor);
    if (cursor.at < tokens.length || options.length !== 1) throw new Error(`parentheses do not match in: ${line}`);
    return options[0];
  });
  return { weight: weight === null ? 1 : Number(weight[1]), commands };
}

function parseOptions(tokens: readonly string[], cursor: { at: number }): (readonly Node[])[] {
  const options: Node[][] = [[]];
  for (; cursor.at < tokens.length; cursor.at++) {
    const token = tokens[cursor.at];
    if (token === ')') break;
    const last = options[options.length - 1];
    if (token === '|') options.push([]);
    else if (token === '(') {
      cursor.at++;
      const inner = parseOptions(tokens, cursor);
      const times = TIMES[tokens[cursor.at + 1] ?? ''];
      if (times !== undefined) cursor.at++;
      last.push({ kind: 'choice', options: inner, least: times?.[0] ?? 1, most: times?.[1] ?? 1 });
    } else if (token[0] === '$' && token.length > 1) last.push({ kind: 'value', pool: token.slice(1) });
    else last.push({ kind: 'word', text: token });
  }
  return options;
}

/** Commands made from a template. */
export function expand(template: Template, random: Random): Words[] {
  const memory = { key: 'a' };
  return template.commands.map((nodes) => {
    const words: string[] = [];
    expandNodes(nodes, random, memory, words);
    return words;
  });
}

function expandNodes(nodes: readonly Node[], random: Random, memory: { key: string }, out: string[]): void {
  for (const node of nodes) {
    if (node.kind === 'word') out.push(node.text);
    else if (node.kind === 'value') {
      const words = node.pool === 'same' ? [memory.key] : randomValue(node.pool, random);
      if (node.pool === 'key') memory.key = words[0];
      out.push(...words);
    } else {
      const times = node.least + random.below(node.most - node.least + 1);
      for (let i = 0; i < times; i++) expandNodes(random.pick(node.options), random, memory, out);
    }
  }
}
