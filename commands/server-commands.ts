/**
 * The server family: DBSIZE, FLUSHALL, FLUSHDB, MODULE, ROLE, SWAPDB and TIME stand here, larger commands (DEBUG, INFO, LOLWUT,
 * MONITOR, SHUTDOWN) in files of their own.
 */
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { bgrewriteaof } from './append-only.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { debug } from './debug.js';
import { DB_OUT_OF_RANGE, INVALID_FIRST_DB, INVALID_SECOND_DB, type ReplyError, SYNTAX } from './error.js';
import { help } from './help.js';
import { info } from './info.js';
import { lolwut } from './lolwut.js';
import { monitor } from './monitor.js';
import { shutdown } from './shutdown.js';
import { bgsave, lastsave, save } from './snapshot.js';
import type { server } from './spec/server.js';

export const handlers: Handlers<typeof server> = {
  bgrewriteaof,
  bgsave,
  dbsize,
  debug,
  flushall,
  flushdb,
  info,
  lastsave,
  lolwut,
  'module|help': help,
  'module|list': moduleList,
  monitor,
  role,
  save,
  shutdown,
  swapdb,
  time,
};

function dbsize(c: Client): void {
  c.out.int(c.db.size);
}

function flushall(c: Client): void {
  checkFlushOption(c);
  for (const db of c.server.databases) flush(c, db);
  c.tellRequest();
  c.server.snapshot.flushed();
  c.out.ok();
}

function flushdb(c: Client): void {
  checkFlushOption(c);
  flush(c, c.db);
  c.tellRequest(); // nobody needs it of an empty database, but Redis tells it too
  c.out.ok();
}

/** SYNC and ASYNC are one here: a database's memory goes as a whole. */
function checkFlushOption(c: Client): void {
  if (c.argc > 2 || (c.argc === 2 && !c.argv[1].is('async') && !c.argv[1].is('sync'))) throw SYNTAX;
}

function flush(c: Client, db: Database): void {
  const { server } = c;
  server.watchers.failAll(db);
  server.dirty += db.size;
  db.clear();
  server.blocking.exchanged(db);
}

/** There are no modules: what they would add is part of the server. */
function moduleList(c: Client): void {
  c.out.array(0);
}

/** A master at offset 0, without replicas. */
function role(c: Client): void {
  c.out.array(3);
  c.out.bulkText('master');
  c.out.int(0);
  c.out.array(0);
}

/** The databases exchange what they hold: clients, WATCHes and waiting clients stay with the number. */
function swapdb(c: Client): void {
  const { server } = c;
  const first = indexArg(c.argv[1], INVALID_FIRST_DB);
  const second = indexArg(c.argv[2], INVALID_SECOND_DB);
  const a = server.databases[first];
  const b = server.databases[second];
  if (a === undefined || b === undefined) throw DB_OUT_OF_RANGE;
  if (a !== b) {
    server.watchers.failAll(a, b);
    server.watchers.failAll(b, a);
    a.exchange(b);
    server.blocking.exchanged(a);
    server.blocking.exchanged(b);
  }
  server.dirty++;
  c.out.ok();
}

/** An index as Redis reads it, a 32-bit integer. @throws `error` */
function indexArg(arg: Bytes, error: ReplyError): number {
  const n = intArg(arg, error);
  if (n !== (n | 0)) throw error;
  return n;
}

function time(c: Client): void {
  const { timing } = c.server;
  const ofScript = c.link === undefined && c.inExec;
  const us = ofScript ? timing.runningUs(c.now) : timing.epochUs(c.now);
  c.out.array(2);
  c.out.bulkInt(Math.floor(us / 1e6));
  c.out.bulkInt(us % 1e6);
}
