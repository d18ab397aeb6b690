/**
 * A family of random commands: the templates of one file of this folder, and batches made from them. A batch begins with an empty
 * keyspace and ends with questions about all that is left in it, so that any batch, or part of one, can be played again alone.
 *
 *   FLUSHALL │ ## start: a line each, in order │ ## commands: 200, by weight │ the state: type, encoding, expiry, content of each key
 *
 * Must never depend on a reply. Read next: template.ts, search.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Random } from './random.js';
import { expand, parseTemplate, type Template, type Words } from './template.js';
import { KEYS, randomValue } from './values.js';

/** Commands that stay together. */
export type Group = readonly Words[];

export interface RandomFamily {
  readonly name: string;
  readonly start: readonly Template[];
  /** Each as often as its weight. */
  readonly commands: readonly Template[];
}

/** The names of the families in `folder`, sorted. */
export function randomFamilies(folder: URL): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => name.slice(0, -4))
    .sort();
}

/** @throws Error when the file is missing or wrong */
export function loadFamily(folder: URL, name: string): RandomFamily {
  const sections: Record<string, Template[]> = { start: [], commands: [] };
  let section = sections['start'];
  for (const line of readFileSync(new URL(`${name}.txt`, folder), 'latin1').split('\n')) {
    if (line === '' || line.startsWith('# ')) continue;
    if (line.startsWith('## ')) section = sections[line.slice(3)];
    else section.push(parseTemplate(line));
  }
  const commands = sections['commands'].flatMap((template) => new Array<Template>(template.weight).fill(template));
  return { name, start: sections['start'], commands };
}

/** The groups of batch number `index`: the same for the same seed. `size`: about how many commands. */
export function batch(family: RandomFamily, seed: number, index: number, size: number): Group[] {
  const random = new Random(Math.imul(seed, 7919) + index);
  const groups: Group[] = family.start.map((template) => expand(template, random));
  let count = 0;
  while (count < size) {
    const group = expand(random.pick(family.commands), random);
    groups.push(group.length === 1 && random.oneIn(30) ? [spoilt(group[0], random)] : group);
    count += group.length;
  }
  return groups;
}

/** Sometimes one word less, more, or another. Not SPOP and SORT: what they take must stay as the template has it, or the servers would part by chance. */
function spoilt(words: Words, random: Random): Words {
  if (words[0] === 'SPOP' || words[0] === 'SORT') return words;
  const at = 1 + random.below(words.length);
  switch (random.below(4)) {
    case 0:
      return words.slice(0, Math.max(1, words.length - 1));
    case 1:
      return [...words, ...randomValue('junk', random)];
    case 2:
      return words.map((word, i) => (i === at ? randomValue('junk', random)[0] : word));
    default:
      return [...words.slice(0, at), ...randomValue('junk', random), ...words.slice(at)];
  }
}

const CONTENT: readonly Words[] = [
  ['GET'],
  ['LRANGE', '0', '-1'],
  ['HGETALL'],
  ['SMEMBERS'],
  ['ZRANGE', '0', '-1', 'WITHSCORES'],
  ['TYPE'],
  ['PEXPIRETIME'],
  ['OBJECT', 'ENCODING'],
];

/** The questions about the state at the end of a batch: of the wrong type all but one, which is compared too. */
export function stateCommands(): Words[] {
  const questions: Words[] = [['DISCARD']];
  for (const db of ['1', '0']) {
    questions.push(['SELECT', db]);
    for (const key of db === '1' ? KEYS.slice(0, 4) : [...KEYS, 'w', '', 'none'])
      for (const words of CONTENT)
        questions.push(words[0] === 'OBJECT' ? [...words, key] : [words[0], key, ...words.slice(1)]);
    // Behind the look-ups: these have taken away what has expired.
    questions.push(['DBSIZE'], ['KEYS', '*']);
  }
  return questions;
}
