/**
 * EvictionService: keeps the dataset below `maxmemory`. While that is set, commands that may need memory ask for room before they
 * run; what exceeds the limit then is evicted, for a time slice that `maxmemory-eviction-tenacity` names, and further slices run by
 * themselves.
 *
 *   allkeys-* volatile-*   who may go: every key, or only those with a TTL
 *   lru lfu ttl            the best of a sample and of all earlier samples (pool.ts)
 *   random                 one at random, the databases in turn
 *   noeviction             nobody: commands are refused
 *
 * Never runs while a command holds an entry, nor while CLIENT PAUSE wants the dataset to stand still. Read next: pool.ts,
 * storage/sampler.ts.
 */
import type { Client } from '../../commands/client.js';
import type { Command } from '../../commands/command.js';
import { OOM, type ReplyError } from '../../commands/error.js';
import { EVICTED_ENOUGH, EVICTION_RUNS, type Eviction, OUT_OF_MEMORY } from '../../commands/eviction.js';
import { DATASET_LOADING, MEMORY_LIMITED, SCRIPT_RUNNING } from '../../commands/gates.js';
import { needsMemory } from '../../commands/transaction.js';
import type { Keyspace } from '../../storage/keyspace.js';
import { Bytes, copyBytes } from '../../storage/memory/bytes.js';
import { Sampler } from '../../storage/sampler.js';
import type { SynapServer } from '../server.js';
import { EvictionPool } from './pool.js';

/** By what the best candidate is chosen. */
const NONE = 0;
const LRU = 1;
const LFU = 2;
const TTL = 3;
const RANDOM = 4;

/** Evictions, or steps of freeing, between two looks at the clock. */
const STEP = 16;

export class EvictionService implements Eviction {
  state = EVICTED_ENOUGH;
  private readonly server: SynapServer;
  private readonly pool = new EvictionPool();
  private readonly sampler = new Sampler();
  private rule = NONE;
  private mortal = false;
  /** The database whose turn it is to lose a key at random. */
  private turn = 0;
  private slice: NodeJS.Immediate | undefined = undefined;
  /** Since when the limit has been exceeded, ms since the epoch; 0 while it is not. */
  private since = 0;
  private exceededBefore = 0;
  private scratch = new Uint8Array(256);
  private readonly key = new Bytes();

  constructor(server: SynapServer) {
    this.server = server;
  }

  configure(): void {
    const { server } = this;
    const { maxmemory, maxmemoryPolicy, limits } = server.settings;
    const dash = maxmemoryPolicy.indexOf('-');
    const word = maxmemoryPolicy.slice(dash + 1);
    this.rule = word === 'lru' ? LRU : word === 'lfu' ? LFU : word === 'ttl' ? TTL : word === 'random' ? RANDOM : NONE;
    this.mortal = maxmemoryPolicy.startsWith('volatile');
    this.pool.clear();
    for (const { space } of server.databases) {
      space.lfu = this.rule === LFU;
      space.lfuLogFactor = limits.lfuLogFactor;
      space.lfuDecayTime = limits.lfuDecayTime;
    }
    this.moveClocks();
    if (maxmemory > 0) server.gates |= MEMORY_LIMITED;
    else server.gates &= ~MEMORY_LIMITED;
    this.state = EVICTED_ENOUGH;
    this.book();
  }

  /** Sets the access clocks of all databases to the present time: whenever another second has begun. */
  moveClocks(): void {
    const { databases, now } = this.server;
    const seconds = Math.floor(now / 1000);
    const clock = this.rule === LFU ? Math.floor(seconds / 60) % 0x10000 : seconds % 0x1000000;
    for (let i = 0; i < databases.length; i++) databases[i].space.clock = clock;
  }

  /** Ends slices that are booked. */
  close(): void {
    if (this.slice !== undefined) clearImmediate(this.slice);
    this.slice = undefined;
  }

  get exceededMs(): number {
    return this.exceededBefore + this.exceededNowMs;
  }

  get exceededNowMs(): number {
    return this.since === 0 ? 0 : this.server.now - this.since;
  }

  refusal(c: Client, command: Command): ReplyError | undefined {
    if (!needsMemory(c, command)) return undefined;
    return this.makeRoom() === OUT_OF_MEMORY ? OOM : undefined;
  }

  makeRoom(): number {
    const { server } = this;
    const limit = server.settings.maxmemory;
    if (limit === 0 || server.usedMemory() <= limit) {
      this.within();
      return (this.state = EVICTED_ENOUGH);
    }
    if (this.since === 0) this.since = server.now;
    // While the log is loaded, what it holds still needs every key; while a script is suspended, nothing changes.
    if (server.pause.until !== 0 || (server.gates & (DATASET_LOADING | SCRIPT_RUNNING)) !== 0)
      return (this.state = EVICTED_ENOUGH);
    this.state = this.evict(limit);
    if (this.state === EVICTION_RUNS) this.book();
    else if (this.state === EVICTED_ENOUGH) this.within();
    return this.state;
  }

  private within(): void {
    if (this.since === 0) return;
    this.exceededBefore += this.server.now - this.since;
    this.since = 0;
  }

  /** Another slice in the next turn of the event loop, when the limit is exceeded and something may go. */
  private book(): void {
    const { server } = this;
    const { maxmemory } = server.settings;
    if (this.slice !== undefined || maxmemory === 0 || this.rule === NONE || server.usedMemory() <= maxmemory) return;
    this.slice = setImmediate(() => {
      this.slice = undefined;
      server.beginTurn();
      this.makeRoom();
      server.endTurn();
    });
  }

  /** Looks whether the limit is exceeded though no command asked: by what arrived otherwise. A few times a second. */
  check(): void {
    const { maxmemory } = this.server.settings;
    if (maxmemory === 0) return;
    if (this.server.usedMemory() <= maxmemory) this.within();
    else this.book();
  }

  // ---- evicting -----------------------------------------------------------------------------------------------------------------

  private evict(limit: number): number {
    const { server } = this;
    const until = performance.now() + sliceUs(server.settings.maxmemoryEvictionTenacity) / 1000;
    // What was deleted and waits to be freed in slices comes first.
    for (let step = 1; ; step++) {
      if (server.usedMemory() <= limit) return EVICTED_ENOUGH;
      if (step % STEP === 0 && performance.now() > until) return EVICTION_RUNS;
      if (!this.freeDoomed() && !this.evictOne()) return OUT_OF_MEMORY;
    }
  }

  /** Frees a piece of what was deleted; false when there is nothing. */
  private freeDoomed(): boolean {
    const { databases } = this.server;
    for (let i = 0; i < databases.length; i++) {
      const { larges } = databases[i].space;
      if (!larges.hasDoomed) continue;
      larges.freeDoomed(STEP);
      return true;
    }
    return false;
  }

  /** Evicts one key by the policy; false when there is none that may go. */
  private evictOne(): boolean {
    if (this.rule === NONE) return false;
    if (this.rule === RANDOM) return this.evictRandom();
    const { databases, settings } = this.server;
    let offered = true;
    while (offered) {
      offered = false;
      for (let i = 0; i < databases.length; i++) {
        this.sampler.sample(databases[i].space, settings.maxmemorySamples, this.mortal);
        if (this.sampler.count > 0) offered = true;
        this.offerSample(i);
      }
      if (this.evictBest()) return true;
    }
    return false;
  }

  private offerSample(i: number): void {
    const { sampler, pool } = this;
    const { space } = this.server.databases[i];
    for (let k = 0; k < sampler.count; k++) {
      const ref = sampler.refs[k];
      pool.offer(i, sampler.hashes[k], ref, this.score(space, ref));
    }
  }

  /** How much rather than others the key at entry `ref` should go. */
  private score(space: Keyspace, ref: number): number {
    if (this.rule === TTL) return -space.expireAt(ref);
    if (this.rule === LFU) return 255 - space.frequency(ref);
    return (space.clock - space.accessClock(ref)) & 0xffffff;
  }

  /** Evicts the best candidate that is still what it was when it was offered. */
  private evictBest(): boolean {
    const { pool } = this;
    while (pool.take()) {
      const { space } = this.server.databases[pool.db];
      if (!space.table.locate(pool.hash, pool.ref)) continue;
      if (this.mortal && !space.hasExpire(pool.ref)) continue;
      if (this.score(space, pool.ref) < pool.score) continue; // it was used since
      this.remove(pool.db, pool.ref);
      return true;
    }
    return false;
  }

  private evictRandom(): boolean {
    const { databases } = this.server;
    for (let tries = 0; tries < databases.length; tries++) {
      this.turn = (this.turn + 1) % databases.length;
      const { space } = databases[this.turn];
      this.sampler.sample(space, 1, this.mortal);
      if (this.sampler.count === 0) continue;
      space.table.locate(this.sampler.hashes[0], this.sampler.refs[0]);
      this.remove(this.turn, this.sampler.refs[0]);
      return true;
    }
    return false;
  }

  /** Deletes the key at which the table's place is, and tells everybody. */
  private remove(i: number, ref: number): void {
    const db = this.server.databases[i];
    const { buf, start, end } = db.space.key(ref, this.key);
    const n = end - start;
    if (n > this.scratch.length) this.scratch = new Uint8Array(n);
    copyBytes(this.scratch, 0, buf, start, n);
    db.space.removeFound(ref);
    this.server.evicted(db, this.key.set(this.scratch, 0, n));
  }
}

/** Microseconds that one slice may take: Redis 6.2's figures, 500 with the default tenacity, growing exponentially above it. */
function sliceUs(tenacity: number): number {
  if (tenacity <= 10) return 50 * tenacity;
  return tenacity < 100 ? Math.floor(500 * 1.15 ** (tenacity - 10)) : Number.POSITIVE_INFINITY;
}
