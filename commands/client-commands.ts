/**
 * CLIENT, in the order of its spec. Here is what a client says of itself (name, library, manner of reply) and what it does to others
 * that wait (PAUSE, UNBLOCK); the larger ones stand in client-list.ts and client-kill.ts.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import { kill } from './client-kill.js';
import { info, list } from './client-list.js';
import type { Handlers } from './command.js';
import {
  CLIENT_NAME_CHARACTERS,
  clientAttributeCharacters,
  PAUSE_MODE,
  SYNTAX,
  TIMEOUT_NEGATIVE,
  TIMEOUT_NOT_INTEGER,
  TIMEOUT_OUT_OF_RANGE,
  UNBLOCK_REASON,
  unrecognizedOption,
  wrongSubcommandArity,
} from './error.js';
import { MUTE_NEXT, MUTED, MUTED_ONCE, UNEVICTABLE, UNTOUCHING } from './gates.js';
import { help } from './help.js';
import type { client } from './spec/client.js';

export const handlers: Handlers<typeof client> = {
  'client|getname': getname,
  'client|help': help,
  'client|id': id,
  'client|info': info,
  'client|kill': kill,
  'client|list': list,
  'client|no-evict': noEvict,
  'client|no-touch': noTouch,
  'client|pause': pause,
  'client|reply': reply,
  'client|setinfo': setinfo,
  'client|setname': setname,
  'client|unblock': unblock,
  'client|unpause': unpause,
};

/** Printable ASCII without the blank: what CLIENT LIST can show as one word. */
const WORD = /^[!-~]*$/;

/** A connection's name; empty takes it away. @throws CLIENT_NAME_CHARACTERS */
export function nameArg(arg: Bytes): string {
  const name = arg.toString();
  if (!WORD.test(name)) throw CLIENT_NAME_CHARACTERS;
  return name;
}

function getname(c: Client): void {
  if (c.name === '') c.out.nil();
  else c.out.bulkText(c.name);
}

function id(c: Client): void {
  c.out.int(c.id);
}

function noEvict(c: Client): void {
  setBit(c, UNEVICTABLE);
}

function noTouch(c: Client): void {
  setBit(c, UNTOUCHING);
}

function setBit(c: Client, bit: number): void {
  if (c.argv[2].is('on')) c.gates |= bit;
  else if (c.argv[2].is('off')) c.gates &= ~bit;
  else throw SYNTAX;
  c.out.ok();
}

function pause(c: Client): void {
  const { argv, argc } = c;
  if (argc > 4) throw wrongSubcommandArity(argv[1].toString(), 'CLIENT');
  const writes = argc === 4 && argv[3].is('write');
  if (argc === 4 && !writes && !argv[3].is('all')) throw PAUSE_MODE;
  const ms = intArg(argv[2], TIMEOUT_NOT_INTEGER);
  if (ms < 0) throw TIMEOUT_NEGATIVE;
  if (c.now + ms >= 2 ** 63) throw TIMEOUT_OUT_OF_RANGE; // Redis 7.2
  c.server.pause.start(c.now + ms, !writes);
  c.out.ok();
}

/** OFF and SKIP answer nothing, not even this. After OFF a SKIP changes nothing. */
function reply(c: Client): void {
  const mode = c.argv[2];
  if (mode.is('on')) {
    c.gates &= ~(MUTED | MUTED_ONCE | MUTE_NEXT);
    c.out.ok();
  } else if (mode.is('off')) c.gates |= MUTED;
  else if (!mode.is('skip')) throw SYNTAX;
  else if ((c.gates & MUTED) === 0) c.gates |= MUTE_NEXT;
}

function setinfo(c: Client): void {
  const attribute = c.argv[2];
  const isName = attribute.is('lib-name');
  if (!isName && !attribute.is('lib-ver')) throw unrecognizedOption(attribute.toString());
  const value = c.argv[3].toString();
  if (!WORD.test(value)) throw clientAttributeCharacters(attribute.toString());
  if (isName) c.libName = value;
  else c.libVer = value;
  c.out.ok();
}

function setname(c: Client): void {
  c.name = nameArg(c.argv[2]);
  c.out.ok();
}

/** Only who waits for a key can be unblocked: not who is held by PAUSE, nor nobody. */
function unblock(c: Client): void {
  const { argv, argc, server } = c;
  if (argc > 4) throw wrongSubcommandArity(argv[1].toString(), 'CLIENT');
  const error = argc === 4 && argv[3].is('error');
  if (argc === 4 && !error && !argv[3].is('timeout')) throw UNBLOCK_REASON;
  const client = server.clients.get(intArg(argv[2]));
  c.out.int(
    client !== undefined && (server.blocking.unblock(client, error) || server.appendOnly.unblock(client, error))
      ? 1
      : 0,
  );
}

function unpause(c: Client): void {
  c.server.pause.stop();
  c.out.ok();
}
