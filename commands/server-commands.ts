/** The server family: DBSIZE, FLUSHALL, FLUSHDB, TIME. DEBUG, MONITOR and SHUTDOWN stand in files of their own. */
import type { Database } from '../storage/database.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { debug } from './debug.js';
import { SYNTAX } from './error.js';
import { monitor } from './monitor.js';
import { shutdown } from './shutdown.js';
import type { server } from './spec/server.js';

export const handlers: Partial<Handlers<typeof server>> = { dbsize, debug, flushall, flushdb, monitor, shutdown, time };

function dbsize(c: Client): void {
  c.out.int(c.db.size);
}

function flushall(c: Client): void {
  checkFlushOption(c);
  for (const db of c.server.databases) flush(c, db);
  c.out.ok();
}

function flushdb(c: Client): void {
  checkFlushOption(c);
  flush(c, c.db);
  c.out.ok();
}

/** SYNC and ASYNC are one here: a database's memory goes as a whole. */
function checkFlushOption(c: Client): void {
  if (c.argc > 2 || (c.argc === 2 && !c.argv[1].is('async') && !c.argv[1].is('sync'))) throw SYNTAX;
}

function flush(c: Client, db: Database): void {
  c.server.watchers.failAll(db);
  c.server.dirty += db.size;
  db.clear();
}

function time(c: Client): void {
  c.out.array(2);
  c.out.bulkInt(Math.floor(c.now / 1000));
  c.out.bulkInt((c.now % 1000) * 1000);
}
