/**
 * COMMAND: what the server tells about its commands, all of it read from the specs of those that it has. DOCS is in command-docs.ts,
 * how keys are found in command-keys.ts. Nothing here runs while other commands are served, so clarity goes before speed.
 */
import { globMatch } from '../storage/glob.js';
import type { Client } from './client.js';
import type { Command, Handlers } from './command.js';
import { commandDocs } from './command-docs.js';
import { Call, FoundKeys, findKeys, hasKeys } from './command-keys.js';
import { GETKEYS_ARGUMENTS, GETKEYS_ARITY, GETKEYS_COMMAND, GETKEYS_NO_KEYS, SYNTAX } from './error.js';
import { help } from './help.js';
import type { command } from './spec/command.js';
import { flagWords, NO_MANDATORY_KEYS } from './spec/flags.js';
import type { KeySpec } from './spec/key-spec.js';

export const handlers: Handlers<typeof command> = {
  command: allCommands,
  'command|count': commandCount,
  'command|docs': commandDocs,
  'command|getkeys': commandGetkeys,
  'command|getkeysandflags': commandGetkeysandflags,
  'command|help': help,
  'command|info': commandInfo,
  'command|list': commandList,
};

function allCommands(c: Client): void {
  const { commands } = c.server;
  c.out.array(commands.count);
  for (const command of commands.byName.values()) if (command.parent === undefined) info(c, command);
}

/** Sub-commands do not count. */
function commandCount(c: Client): void {
  c.out.int(c.server.commands.count);
}

function commandInfo(c: Client): void {
  if (c.argc === 2) return allCommands(c);
  c.out.array(c.argc - 2);
  for (let i = 2; i < c.argc; i++) {
    const command = c.server.commands.byName.get(c.argv[i].toString().toLowerCase());
    if (command === undefined) c.out.nil();
    else info(c, command);
  }
}

/** The ten elements of a command, its sub-commands as the last. */
function info(c: Client, command: Command): void {
  const { out } = c;
  const { entry } = command;
  out.array(10);
  out.bulkText(entry.name);
  out.int(entry.arity);
  statuses(c, flagWords(entry.flags));
  out.int(entry.firstKey);
  out.int(entry.lastKey);
  out.int(entry.keyStep);
  statuses(
    c,
    entry.acl.map((category) => `@${category}`),
  );
  const tips = entry.spec.tips ?? [];
  out.set(tips.length);
  for (const tip of tips) out.bulkText(tip);
  out.set(entry.keys.length);
  for (const spec of entry.keys) keySpec(c, spec);
  // A set when there is none, an array otherwise: so it is since 7.0.
  if (command.subcommands === undefined) return out.set(0);
  out.array(command.subcommands.size);
  for (const sub of command.subcommands.values()) info(c, sub);
}

function statuses(c: Client, words: readonly string[]): void {
  c.out.set(words.length);
  for (const word of words) c.out.simple(word);
}

function keySpec(c: Client, spec: KeySpec): void {
  const { out } = c;
  out.map(spec.notes === undefined ? 3 : 4);
  if (spec.notes !== undefined) {
    out.bulkText('notes');
    out.bulkText(spec.notes);
  }
  out.bulkText('flags');
  statuses(c, spec.use.split(' '));
  const { begin, find } = spec;
  out.bulkText('begin_search');
  if (begin.type === 'index') rule(c, 'index', [['index', begin.index]]);
  else if (begin.type === 'unknown') rule(c, 'unknown', []);
  else
    rule(c, 'keyword', [
      ['keyword', begin.keyword],
      ['startfrom', begin.startfrom],
    ]);
  out.bulkText('find_keys');
  if (find.type === 'unknown') rule(c, 'unknown', []);
  else if (find.type === 'range')
    rule(c, 'range', [
      ['lastkey', find.last],
      ['keystep', find.step],
      ['limit', find.limit],
    ]);
  else
    rule(c, 'keynum', [
      ['keynumidx', find.keynumidx],
      ['firstkey', find.firstkey],
      ['keystep', find.step],
    ]);
}

/** How a search begins or goes on: its type, and what that needs. */
function rule(c: Client, type: string, values: readonly (readonly [name: string, value: string | number])[]): void {
  const { out } = c;
  out.map(2);
  out.bulkText('type');
  out.bulkText(type);
  out.bulkText('spec');
  out.map(values.length);
  for (const [name, value] of values) {
    out.bulkText(name);
    if (typeof value === 'number') out.int(value);
    else out.bulkText(value);
  }
}

// ---- LIST -------------------------------------------------------------------------------------------------------------------------

/** All names, sub-commands too; FILTERBY MODULE finds none, for there are no modules. */
function commandList(c: Client): void {
  const { argv, argc, out } = c;
  if (argc !== 2 && (argc !== 5 || !argv[2].is('filterby'))) throw SYNTAX;
  const keeps = argc === 2 ? () => true : filter(c);
  const names: string[] = [];
  for (const command of c.server.commands.byName.values()) if (keeps(command)) names.push(command.name);
  out.array(names.length);
  for (const name of names) out.bulkText(name);
}

function filter(c: Client): (command: Command) => boolean {
  const [, , , by, what] = c.argv;
  if (by.is('module')) return () => false;
  if (by.is('aclcat')) {
    const category = what.toString().toLowerCase();
    return (command) => command.entry.acl.includes(category);
  }
  if (!by.is('pattern')) throw SYNTAX;
  return (command) => {
    const name = Buffer.from(command.name, 'latin1');
    return globMatch(what.buf, what.start, what.end, new Uint8Array(name), 0, name.length, true);
  };
}

// ---- GETKEYS ----------------------------------------------------------------------------------------------------------------------

function commandGetkeys(c: Client): void {
  const keys = keysOfCall(c);
  c.out.array(keys.count);
  for (let i = 0; i < keys.count; i++) c.out.bulk(c.argv[2 + keys.places[i]]);
}

function commandGetkeysandflags(c: Client): void {
  const keys = keysOfCall(c);
  c.out.array(keys.count);
  for (let i = 0; i < keys.count; i++) {
    c.out.array(2);
    c.out.bulk(c.argv[2 + keys.places[i]]);
    statuses(c, keys.uses[i].split(' '));
  }
}

/** The keys of the call in `argv[2..]`. @throws one of GETKEYS_..., as Redis chooses between them */
function keysOfCall(c: Client): FoundKeys {
  const { commands } = c.server;
  const argc = c.argc - 2;
  let command = commands.find(c.argv[2]);
  if (command?.subcommands !== undefined && argc > 1) command = commands.findSub(command, c.argv[3]);
  if (command === undefined) throw GETKEYS_COMMAND;
  if (!hasKeys(command)) throw GETKEYS_NO_KEYS;
  if (command.arity >= 0 ? argc !== command.arity : argc < -command.arity) throw GETKEYS_ARITY;
  const keys = new FoundKeys();
  const found = findKeys(command, new Call().set(c.argv, 2, argc), keys);
  if (!found && (command.flags & NO_MANDATORY_KEYS) === 0) throw GETKEYS_ARGUMENTS;
  return keys;
}
