/** The connection family: AUTH, ECHO, HELLO, PING, QUIT, RESET, SELECT. */
import { timingSafeEqual } from 'node:crypto';
import type { Bytes } from '../storage/memory/bytes.js';
import { intArg, rangeArg } from './args.js';
import type { Client } from './client.js';
import { nameArg } from './client-commands.js';
import type { Handlers } from './command.js';
import { endTransaction } from './end-transaction.js';
import {
  AUTH_NOT_SET,
  DB_OUT_OF_RANGE,
  HELLO_NOAUTH,
  helloSyntax,
  NOPROTO,
  NOT_INT32,
  PROTOCOL_NOT_INTEGER,
  SYNTAX,
  WRONGPASS,
  wrongArity,
} from './error.js';
import { MUTE_NEXT, MUTED, MUTED_ONCE, UNAUTHENTICATED, UNEVICTABLE, UNTOUCHING } from './gates.js';
import type { connection } from './spec/connection.js';

/** The Redis version whose behaviour clients may expect. */
export const REDIS_VERSION = '7.2.4';

export const handlers: Handlers<typeof connection> = { auth, echo, hello, ping, quit, reset, select };

function auth(c: Client): void {
  if (c.argc > 3) throw SYNTAX;
  const named = c.argc === 3;
  if (!named && c.server.settings.requirepass === '') throw AUTH_NOT_SET;
  login(c, named ? c.argv[1] : undefined, c.argv[c.argc - 1]);
  c.out.ok();
}

/** @throws WRONGPASS; the client stays what it was */
function login(c: Client, user: Bytes | undefined, password: Bytes): void {
  const expected = Buffer.from(c.server.settings.requirepass, 'latin1');
  const given = Buffer.from(password.toString(), 'latin1');
  const known = user === undefined || user.toString() === 'default';
  // Without a password the default user accepts any.
  const right = expected.length === 0 || (given.length === expected.length && timingSafeEqual(given, expected));
  if (!known || !right) throw WRONGPASS;
  c.gates &= ~UNAUTHENTICATED;
}

function echo(c: Client): void {
  c.out.bulk(c.argv[1]);
}

function hello(c: Client): void {
  const { argv, argc } = c;
  let version: number = c.out.resp;
  if (argc > 1) {
    version = intArg(argv[1], PROTOCOL_NOT_INTEGER);
    if (version !== 2 && version !== 3) throw NOPROTO;
  }
  let name: string | undefined;
  let auth = 0;
  for (let i = 2; i < argc; i++) {
    if (argv[i].is('auth') && i + 2 < argc) {
      auth = i + 1;
      i += 2;
    } else if (argv[i].is('setname') && i + 1 < argc) name = nameArg(argv[++i]);
    else throw helloSyntax(argv[i].toString());
  }
  if (auth > 0) login(c, argv[auth], argv[auth + 1]);
  else if ((c.gates & UNAUTHENTICATED) !== 0) throw HELLO_NOAUTH;
  if (name !== undefined) c.name = name;
  c.out.resp = version === 3 ? 3 : 2;
  helloReply(c);
}

function helloReply(c: Client): void {
  const { out } = c;
  out.map(7);
  out.bulkText('server');
  out.bulkText('redis');
  out.bulkText('version');
  out.bulkText(REDIS_VERSION);
  out.bulkText('proto');
  out.int(out.resp);
  out.bulkText('id');
  out.int(c.id);
  out.bulkText('mode');
  out.bulkText('standalone');
  out.bulkText('role');
  out.bulkText('master');
  out.bulkText('modules');
  out.array(0);
}

function ping(c: Client): void {
  if (c.argc > 2) throw wrongArity('ping');
  // A RESP2 subscriber could not tell the plain answer from a message.
  if (c.subscriptions > 0 && c.out.resp === 2) {
    c.out.array(2);
    c.out.bulkText('pong');
    if (c.argc === 2) c.out.bulk(c.argv[1]);
    else c.out.bulkText('');
  } else if (c.argc === 2) c.out.bulk(c.argv[1]);
  else c.out.simple('PONG');
}

function quit(c: Client): void {
  c.out.ok();
  c.closing = true;
}

/** As if the client had just connected, but for what CLIENT SETINFO told and its id. */
function reset(c: Client): void {
  endTransaction(c);
  c.server.monitors.remove(c);
  c.server.pubsub.forget(c);
  c.gates &= ~(MUTED | MUTED_ONCE | MUTE_NEXT | UNTOUCHING | UNEVICTABLE);
  if (c.server.settings.requirepass !== '') c.gates |= UNAUTHENTICATED;
  c.db = c.server.databases[0];
  c.name = '';
  c.out.resp = 2;
  c.out.simple('RESET');
}

function select(c: Client): void {
  const index = rangeArg(c.argv[1], -2147483648, 2147483647, NOT_INT32);
  const db = c.server.databases[index];
  if (db === undefined) throw DB_OUT_OF_RANGE;
  c.db = db;
  c.out.ok();
}
