/**
 * SynapServer: the server, composed of its services. Everything that a process has once stands here per instance: clock, random
 * source, clients, databases, timers. Any number of them run in one process; `close` leaves no handle behind.
 *
 * Work happens in turns, one for every entry from the event loop (a read, a timer): `beginTurn` sets the clock, `endTurn` goes on
 * with the clients that were woken by others.
 */
import type { AddressInfo } from 'node:net';
import { ATTEND_CHANGES, ATTEND_EFFECTS, ATTEND_EVENTS, ATTEND_WAITERS, ATTEND_WATCH } from '../commands/attention.js';
import type { Client } from '../commands/client.js';
import type { Command } from '../commands/command.js';
import { DiskFailure } from '../commands/disk-failure.js';
import { Effects } from '../commands/effects.js';
import {
  NOTIFY_EVICTED,
  NOTIFY_EXPIRED,
  NOTIFY_GENERIC,
  NOTIFY_HASH,
  NOTIFY_KEY_MISS,
  NOTIFY_NEW,
} from '../commands/events.js';
import { GUARDED, NO_INTERPRETER, UNAUTHENTICATED } from '../commands/gates.js';
import { Monitors } from '../commands/monitor.js';
import { applyNotify } from '../commands/notify.js';
import { passTime } from '../commands/passing-time.js';
import { type CommandTable, commandTable } from '../commands/registry.js';
import type { Server } from '../commands/server.js';
import { Settings } from '../commands/settings.js';
import { Stats } from '../commands/stats.js';
import { type MonotonicClock, Timing } from '../commands/timing.js';
import { Watchers } from '../commands/transaction.js';
import { parseDouble, putDouble } from '../protocol/double.js';
import { ReplyPool } from '../protocol/reply.js';
import { Database } from '../storage/database.js';
import type { Keyspace } from '../storage/keyspace.js';
import type { KeyspaceListener } from '../storage/keyspace-listener.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { OwnValue } from '../storage/own-value.js';
import { PauseService } from './blocking/pause.js';
import { Waiters } from './blocking/waiters.js';
import { DirectiveConfiguration } from './config/configuration.js';
import { files } from './config/files.js';
import { Cron } from './cron.js';
import { EvictionService } from './eviction/eviction.js';
import { ServerFigures } from './info/figures.js';
import { type Host, ServerLifecycle } from './lifecycle/lifecycle.js';
import { Log } from './log/log.js';
import { Reader } from './net/accept.js';
import type { Connection } from './net/connection.js';
import { Listeners } from './net/listeners.js';
import { AppendOnlyService } from './persistence/append-only.js';
import { DISK, type Files } from './persistence/files.js';
import { Holding } from './persistence/holding.js';
import { SnapshotService } from './persistence/snapshot.js';
import { KeyspaceEvents } from './pubsub/keyspace-events.js';
import { PubSubService } from './pubsub/service.js';
import { ScriptingService } from './scripting/scripting.js';

/** What a server is given instead of taking it from the process. */
export interface Environment extends Host {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** A clock that never goes back; the process's own when it is left out. */
  readonly monotonic?: MonotonicClock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Takes lines of log. */
  readonly write: (line: string) => void;
  /** Where data is kept; the machine's disk when it is left out. */
  readonly files?: Files;
}

export const PROCESS_ENVIRONMENT: Environment = {
  clock: Date.now,
  random: Math.random,
  write: (line) => process.stdout.write(line),
};

/** Hears of keyspace events: database number, class (a bit of events.ts), name, key. The key holds only during the call. */
export type KeyspaceEventListener = (db: number, kind: number, event: string, key: Bytes) => void;

/** Storage writes scores as replies show them. */
const DOUBLES = { put: putDouble, parse: parseDouble };

export class SynapServer implements Server, KeyspaceListener {
  now: number;
  dirty = 0;
  attention = 0;
  gates = GUARDED | NO_INTERPRETER;
  activeExpire = true;
  readonly startedAt: number;
  readonly settings: Settings;
  readonly stats = new Stats();
  readonly timing: Timing;
  readonly figures: ServerFigures;
  readonly commands: CommandTable = commandTable();
  readonly clients = new Map<number, Client>();
  readonly watchers = new Watchers();
  readonly blocking: Waiters;
  readonly pause: PauseService;
  readonly monitors = new Monitors();
  readonly effects: Effects = new Effects(this);
  readonly holding = new Holding();
  readonly diskFailure: DiskFailure = new DiskFailure(this);
  readonly appendOnly: AppendOnlyService;
  readonly pubsub: PubSubService;
  readonly scripting: ScriptingService = new ScriptingService(this);
  private readonly events: KeyspaceEvents;
  readonly eviction: EvictionService;
  clientMemory = 0;
  /** It has ended, or is about to. */
  isClosed = false;
  readonly databases: Database[];
  readonly replies = new ReplyPool();
  readonly reader = new Reader();
  readonly configuration: DirectiveConfiguration;
  readonly lifecycle: ServerLifecycle;
  readonly snapshot: SnapshotService;
  readonly listeners: Listeners;
  readonly cron: Cron;
  readonly log: Log;
  /** Connections to go on with at the end of the turn. */
  readonly scheduled: Connection[] = [];
  readonly files: Files;
  private readonly clock: () => number;
  private readonly random: () => number;
  private eventListener: KeyspaceEventListener | undefined = undefined;
  private lastClientId = 0;

  constructor(settings = new Settings(), environment: Environment = PROCESS_ENVIRONMENT) {
    this.settings = settings;
    this.clock = environment.clock;
    this.files = environment.files ?? DISK;
    this.log = new Log(settings.loglevel, environment.write);
    this.now = this.startedAt = this.clock();
    this.timing = new Timing(settings, this.stats, environment.monotonic ?? process.hrtime, this);
    this.random = environment.random;
    this.databases = this.makeDatabases();
    this.blocking = new Waiters(this);
    this.pause = new PauseService(this);
    for (const { from, to } of settings.renameCommand) this.commands.rename(from, to);
    const surroundings = files((name) => this.commands.byName.has(name.toLowerCase()));
    this.configuration = new DirectiveConfiguration(this, environment.configFile, surroundings);
    this.lifecycle = new ServerLifecycle(this, environment);
    this.snapshot = new SnapshotService(this);
    this.eviction = new EvictionService(this);
    this.eviction.configure();
    this.pubsub = new PubSubService(this);
    this.events = new KeyspaceEvents(this.pubsub);
    this.appendOnly = new AppendOnlyService(this);
    this.listeners = new Listeners(this);
    this.cron = new Cron(this);
    applyNotify(this);
    this.figures = new ServerFigures(this, environment);
  }

  /** As many empty databases as the server has; to be filled, and exchanged for those. */
  makeDatabases(): Database[] {
    const { settings, stats, random } = this;
    const list: Database[] = [];
    for (let i = 0; i < settings.databases; i++) {
      list.push(new Database(i, this, settings.limits, stats, random, DOUBLES));
      list[i].space.now = this.now;
    }
    return list;
  }

  /** Tells keyspaces that are new what the settings ask of them. */
  configureKeyspaces(): void {
    this.setReaping();
    this.eviction.configure();
    applyNotify(this);
  }

  /** What has expired is deleted, but not while the dataset must stand still. */
  setReaping(): void {
    const reaping = this.pause.until === 0 && !this.scripting.isSuspended;
    for (const { space } of this.databases) space.reaping = reaping;
  }

  /** Sets the time, ms since the epoch. */
  setNow(now: number): void {
    this.now = now;
    for (const { space } of this.databases) space.now = now;
  }

  /**
   * Listens on what the settings name, and loads the dataset; clients are answered -LOADING meanwhile.
   * @throws when an address cannot be bound or the dataset cannot be loaded; nothing is left open then
   */
  async listen(): Promise<void> {
    this.beginTurn();
    try {
      this.appendOnly.prepare();
      await this.listeners.open();
      if (this.port > 0) this.settings.port = this.port;
      this.lifecycle.showTitle();
      await this.appendOnly.start();
    } catch (e) {
      await this.close();
      throw e;
    }
    if (!this.isClosed) this.cron.start();
  }

  /** The TCP port that is really listened on; 0 when there is none. */
  get port(): number {
    return (this.listeners.tcpAddress() as AddressInfo | undefined)?.port ?? 0;
  }

  /** Stops listening, drops all clients and timers. Resolves when nothing is left. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.cron.stop();
    // As far as that takes no time, replies that wait for the log still leave.
    const logClosed = this.appendOnly.close();
    this.blocking.close();
    this.pause.close();
    this.eviction.close();
    this.scripting.close();
    const snapshotGone = this.snapshot.cancel();
    for (const client of [...this.clients.values()]) client.link?.kill();
    await this.listeners.close();
    await logClosed;
    await snapshotGone;
  }

  // ---- turns --------------------------------------------------------------------------------------------------------------------

  beginTurn(): void {
    this.timing.skip();
    this.stats.turns++;
    const now = this.clock();
    if (now === this.now) return;
    const sameSecond = Math.floor(now / 1000) === Math.floor(this.now / 1000);
    this.now = now;
    for (const db of this.databases) db.space.now = now;
    if (!sameSecond) this.eviction.moveClocks();
  }

  endTurn(): void {
    this.pause.release();
    const list = this.scheduled;
    for (let i = 0; i < list.length; i++) {
      list[i].resume();
      this.pause.release();
    }
    if (list.length > 0) list.length = 0; // a store to `length` is a call into the runtime even where nothing changes
  }

  usedMemory(): number {
    const { databases } = this;
    let bytes = this.clientMemory + this.scripting.cacheBytes;
    for (let i = 0; i < databases.length; i++) bytes += databases[i].space.usedBytes;
    if (bytes > this.stats.peakMemory) this.stats.peakMemory = bytes;
    return bytes;
  }

  // ---- clients ------------------------------------------------------------------------------------------------------------------

  nextClientId(): number {
    return ++this.lastClientId;
  }

  connected(connection: Connection): void {
    const client = connection.client;
    this.clients.set(client.id, client);
    this.stats.connections++;
    if (this.settings.requirepass !== '') client.gates |= UNAUTHENTICATED;
  }

  disconnected(client: Client): void {
    this.clients.delete(client.id);
    this.watchers.remove(client);
    this.blocking.forget(client);
    this.appendOnly.forget(client);
    this.pause.forget(client);
    this.monitors.remove(client);
    this.pubsub.forget(client);
    this.scripting.forget(client);
  }

  // ---- what commands ask (commands/server.ts) -----------------------------------------------------------------------------------

  changed(db: Database, key: Bytes, kind: number, event: string): void {
    if ((this.attention & ATTEND_WATCH) !== 0) this.watchers.fail(db, key);
    if ((this.attention & ATTEND_WAITERS) !== 0) this.blocking.touched(db, key);
    this.notify(db, key, kind, event);
  }

  notify(db: Database, key: Bytes, kind: number, event: string): void {
    this.eventListener?.(db.index, kind, event, key);
    const flags = this.settings.notifyKeyspaceEvents;
    if ((flags & kind) !== 0) this.events.publish(flags, db.index, event, key);
  }

  /** Tells `listener` of every keyspace event from now on. */
  onEvent(listener: KeyspaceEventListener): void {
    this.eventListener = listener;
    this.attention |= ATTEND_EVENTS;
  }

  expired(space: Keyspace, key: Bytes): void {
    this.stats.expiredKeys++;
    if (this.attention === 0) return;
    const db = this.databaseOf(space);
    if ((this.attention & ATTEND_EFFECTS) !== 0) this.effects.tellAside(db, key);
    if ((this.attention & ATTEND_WAITERS) !== 0) this.blocking.touched(db, key);
    this.notify(db, key, NOTIFY_EXPIRED, 'expired');
  }

  created(space: Keyspace, key: Bytes): void {
    this.notify(this.databaseOf(space), key, NOTIFY_NEW, 'new');
  }

  missed(space: Keyspace, key: Bytes): void {
    this.notify(this.databaseOf(space), key, NOTIFY_KEY_MISS, 'keymiss');
  }

  /** `key` was evicted. */
  evicted(db: Database, key: Bytes): void {
    this.stats.evictedKeys++;
    if ((this.attention & ATTEND_EFFECTS) !== 0) this.effects.tellAside(db, key);
    if ((this.attention & ATTEND_CHANGES) !== 0) this.changed(db, key, NOTIFY_EVICTED, 'evicted');
  }

  fieldExpired(space: Keyspace, key: Bytes, field: Bytes): void {
    if ((this.attention & ATTEND_EFFECTS) !== 0) this.effects.tellFieldAside(this.databaseOf(space), key, field);
  }

  fieldsExpired(space: Keyspace, key: Bytes, count: number, emptied: boolean): void {
    this.stats.expiredSubkeys += count;
    if (this.attention === 0) return;
    const db = this.databaseOf(space);
    this.changed(db, key, NOTIFY_HASH, 'hexpired');
    if (emptied) this.notify(db, key, NOTIFY_GENERIC, 'del');
  }

  valueDue(space: Keyspace, key: Bytes, value: OwnValue): void {
    passTime(this, this.databaseOf(space), key, value);
  }

  private databaseOf(space: Keyspace): Database {
    let i = 0;
    while (this.databases[i].space !== space) i++;
    return this.databases[i];
  }

  failure(command: Command, error: unknown): void {
    this.log.warning(`internal error in '${command.name}': ${error instanceof Error ? error.stack : String(error)}`);
  }
}
