#!/usr/bin/env node
/**
 * Writes down what a real Redis says about its commands, for tests/commands/spec.test.ts to compare ours with. One line a command,
 * sorted, so that a recording of another version is a readable diff. Run from the top of the repository:
 *
 *   redis-server --port 7000 --save '' & node dist/bin/dev/record-command-info.js 7000
 *
 * name: [arity, flags, first key, last key, step, categories, tips, [key specification, …]]; lists are words, a key specification is
 * `RW access delete @1 range -2 1 0`: use, where it begins, how it goes on.
 */
import { writeFileSync } from 'node:fs';
import { Redis } from 'ioredis';

const PATH = 'tests/commands/recorded/command-info.json';

type Reply = string | number | readonly Reply[];

/** A row of COMMAND: the name first, the rows of its sub-commands last. */
type Row = readonly [string, number, string[], number, number, number, string[], string[], Reply[], Row[]];

/** `['flags', x, 'begin_search', y]` as an object. */
function fields(pairs: Reply): Readonly<Record<string, Reply>> {
  const list = pairs as readonly Reply[];
  const object: Record<string, Reply> = {};
  for (let i = 0; i + 1 < list.length; i += 2) object[String(list[i])] = list[i + 1];
  return object;
}

function values(spec: Reply): string {
  return Object.values(fields(spec)).join(' ');
}

function keyText(reply: Reply): string {
  const { flags, begin_search, find_keys } = fields(reply);
  const begin = fields(begin_search);
  const find = fields(find_keys);
  const from = begin.type === 'index' ? values(begin.spec) : `${begin.type} ${values(begin.spec)}`.trim();
  return `${(flags as string[]).join(' ')} @${from} ${find.type} ${values(find.spec)}`.trim();
}

function lines(row: Row): string[] {
  const [name, arity, flags, first, last, step, acl, tips, keys, subcommands] = row;
  const categories = acl.map((category) => category.slice(1)).join(' ');
  const told = [arity, flags.join(' '), first, last, step, categories, tips.join(' '), keys.map(keyText)];
  return [`${JSON.stringify(name)}:${JSON.stringify(told)}`, ...subcommands.flatMap(lines)];
}

const redis = new Redis(Number(process.argv[2] ?? 6379), '127.0.0.1');
const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1];
const rows = ((await redis.call('COMMAND')) as Row[]).flatMap(lines).sort();
const source = `COMMAND of redis-server ${version}, written by bin/dev/record-command-info.ts: do not edit`;
writeFileSync(PATH, `{"$source":${JSON.stringify(source)},\n${rows.join(',\n')}}\n`);
redis.disconnect();
console.log(`${rows.length} commands of redis-server ${version} written to ${PATH}`);
