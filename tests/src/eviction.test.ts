/** Eviction: every policy, what it may touch and what it tells; and that LRU, LFU and TTL choose better than chance. Seeded, no times. */
import t from 'tap';
import { DATASET_LOADING } from '../../commands/gates.js';
import type { MaxmemoryPolicy } from '../../commands/settings.js';
import { EvictionPool, POOL_SIZE } from '../../src/eviction/pool.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session, type Value } from '../commands/session.js';
import { seeded } from '../random.js';

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.";

function session(policy: MaxmemoryPolicy, seed = 1): Session {
  const s = new Session({ maxmemoryEvictionTenacity: 100 }, 2, seed);
  policyOf(s, policy);
  return s;
}

function policyOf(s: Session, policy: MaxmemoryPolicy): void {
  s.server.settings.maxmemoryPolicy = policy;
  s.server.eviction.configure();
}

/** Sets the limit to what is in use and `more` bytes, as CONFIG SET would. */
function limit(s: Session, more: number): void {
  s.server.settings.maxmemory = s.server.usedMemory() + more;
  s.server.eviction.configure();
}

function fill(s: Session, from: number, to: number, more = ''): void {
  for (let i = from; i < to; i++) s.ask(`SET key:${i} ${'v'.repeat(100)}${more}`);
}

function there(s: Session, from: number, to: number): number {
  let n = 0;
  for (let i = from; i < to; i++) if (s.server.databases[0].space.find(Bytes.from(`key:${i}`)) !== 0) n++;
  return n;
}

t.test('the pool keeps the best and gives them in order', async (t) => {
  const pool = new EvictionPool();
  const random = seeded(3);
  const scores = Array.from({ length: 200 }, () => Math.floor(random() * 1000));
  for (const [i, score] of scores.entries()) pool.offer(0, i, i + 1, score);
  pool.offer(0, 7, 8, 5000); // the same key with another score replaces what was offered
  scores[7] = 5000;
  const best = [...scores].sort((a, b) => b - a).slice(0, POOL_SIZE);
  const got: number[] = [];
  while (pool.take()) {
    got.push(pool.score);
    t.equal(scores[pool.hash], pool.score);
    t.equal(pool.ref, pool.hash + 1);
  }
  t.same(got, best);
});

t.test('nothing is evicted while the dataset is loaded', async (t) => {
  const s = session('allkeys-random');
  fill(s, 0, 20);
  s.server.gates |= DATASET_LOADING;
  limit(s, -1000);
  s.server.eviction.makeRoom();
  t.equal(there(s, 0, 20), 20);
  s.server.gates &= ~DATASET_LOADING;
  s.server.eviction.makeRoom();
  t.ok(there(s, 0, 20) < 20);
  s.server.eviction.close();
});

t.test('noeviction refuses what may need memory, and nothing else', async (t) => {
  const s = session('noeviction');
  fill(s, 0, 10);
  limit(s, -1);
  s.events;
  t.equal(s.ask('SET a b'), OOM);
  t.equal(s.ask('SETRANGE key:1 1 b'), OOM);
  t.equal(s.ask('GET a'), null);
  t.equal(s.ask('FOO'), "-ERR unknown command 'FOO', with args beginning with: ");
  t.equal(s.ask('SET a'), "-ERR wrong number of arguments for 'set' command");
  t.same(s.events, []);
  t.equal(s.server.stats.errors.get('OOM'), 2);
  t.equal(s.server.commands.byName.get('set')!.rejected, 2);
  t.equal(s.ask('DEL key:1'), 1);
  t.equal(s.ask('SET a b'), 'OK', 'there is room again');
});

t.test('out of memory in transactions, as Redis 7.0', async (t) => {
  const s = session('noeviction');
  fill(s, 0, 10);
  const exec = '-EXECABORT Transaction discarded because of';
  limit(s, -1);
  for (const refused of ['GET a', 'WATCH x', 'PING', 'SET a b', 'BLPOP a 1']) {
    t.equal(s.ask('MULTI'), 'OK');
    t.equal(s.ask(refused), OOM, refused);
    t.equal(s.ask('EXEC'), `${exec} previous errors.`);
  }
  t.equal(s.ask('MULTI'), 'OK');
  t.same(s.ask('EXEC'), []);
  t.equal(s.ask('MULTI'), 'OK');
  t.equal(s.ask('DISCARD'), 'OK');
  const late = (queued: string): Value => {
    s.server.settings.maxmemory = 0;
    s.server.eviction.configure();
    s.ask('MULTI');
    s.ask(queued);
    limit(s, -1);
    return s.ask('EXEC');
  };
  t.equal(late('SET a b'), `${exec}: ${OOM.slice(1)}`);
  t.equal(s.ask('EXEC'), '-ERR EXEC without MULTI');
  t.same(late('GET a'), [null]);
});

t.test('who may go, what is told, and what is counted', async (t) => {
  for (const policy of ['allkeys-lru', 'allkeys-lfu', 'allkeys-random'] as const) {
    const s = session(policy);
    s.ask('SELECT 3');
    fill(s, 0, 200);
    s.ask('SELECT 0');
    fill(s, 0, 300);
    limit(s, 1000);
    s.events;
    s.ask('WATCH key:0 key:1 key:2 key:3 key:4 key:5 key:6 key:7');
    fill(s, 300, 900);
    t.ok(s.server.usedMemory() <= s.server.settings.maxmemory + 200, policy);
    const told = s.events.filter((event) => event.startsWith('evicted'));
    t.ok(told.length > 400, policy);
    t.ok(told.some((event) => event.endsWith('@3')) && told.some((event) => !event.includes('@')), 'both databases');
    t.equal(s.server.stats.evictedKeys, told.length);
    t.equal(s.server.databases[0].size + s.server.databases[3].size, 1100 - told.length);
    t.equal(new Set(told).size, told.length, 'nothing goes twice');
    s.ask('MULTI');
    t.equal(s.ask('EXEC'), null, 'a watched key was evicted');
  }
  for (const policy of ['volatile-lru', 'volatile-lfu', 'volatile-ttl', 'volatile-random'] as const) {
    const s = session(policy);
    fill(s, 0, 500);
    for (let i = 0; i < 40; i++) s.ask(`EXPIRE key:${i * 10} ${1000 + i}`);
    limit(s, 0);
    let refused = 0;
    for (let i = 500; i < 600; i++) if (s.ask(`SET key:${i} ${'v'.repeat(100)}`) === OOM) refused++;
    t.equal(s.server.stats.evictedKeys, 40, policy);
    t.equal(there(s, 0, 500), 460, 'only those with a TTL');
    t.ok(refused > 40 && refused < 65, `${policy}: then there is nobody left (${refused})`);
    t.equal(s.ask('SET other 1 EX 10'), OOM);
  }
});

t.test('volatile-ttl takes the nearest, also when few have a TTL', async (t) => {
  for (const total of [400, 40_000]) {
    const s = session('volatile-ttl');
    for (let i = 0; i < total; i++) s.ask(`SET key:${i} x`);
    for (let i = 0; i < 200; i++) s.ask(`EXPIRE key:${i} ${10_000 + i * 10}`);
    limit(s, 0);
    for (let i = 0; s.server.stats.evictedKeys < 100; i++) s.ask(`SET more:${i} ${'v'.repeat(40)}`);
    const early = there(s, 0, 100);
    t.ok(early < 36, `of the early hundred ${early} are left`);
    t.equal(there(s, 0, 200), 100);
  }
});

t.test('a page without its last TTL is passed over from then on', async (t) => {
  const s = session('volatile-random');
  for (let i = 0; i < 5000; i++) s.ask(`SET key:${i} x`);
  for (let i = 0; i < 3; i++) s.ask(`EXPIRE key:${i} 1000`);
  const { table } = s.server.databases[0].space;
  const due = (): number => {
    let n = 0;
    for (let at = 0; at < table.directorySize; at += table.pageSpan(table.pageAt(at)!))
      if (table.pageAt(at)!.due !== Number.POSITIVE_INFINITY) n++;
    return n;
  };
  const before = due();
  t.ok(before >= 1 && before <= 3);
  for (let i = 0; i < 3; i++) s.ask(`PERSIST key:${i}`);
  s.ask('EXPIRE key:4000 1000');
  limit(s, -1);
  s.ask('SET a b');
  t.equal(s.server.stats.evictedKeys, 1);
  t.equal(there(s, 4000, 4001), 0);
});

/** Zipf-like: rank r with a probability of about 1 / r. */
function zipf(random: () => number, n: number): number {
  return Math.floor(n ** random()) - 1;
}

/** The share of hits in the last half of `rounds` accesses to `n` keys, with room for a tenth of them. */
function hitRate(policy: MaxmemoryPolicy, n: number, rounds: number, samples = 5): number {
  const s = session(policy, 5);
  s.server.settings.maxmemorySamples = samples;
  s.server.settings.maxmemory = s.server.usedMemory() + Math.floor(n / 10) * 80;
  s.server.eviction.configure();
  const random = seeded(11);
  let hits = 0;
  for (let i = 0; i < rounds; i++) {
    if (i % 100 === 0) s.now += 1000;
    const key = `key:${zipf(random, n)}`;
    const hit = s.ask(`GET ${key}`) !== null;
    if (!hit) s.ask(`SET ${key} 0123456789abcdef`);
    else if (i * 2 > rounds) hits++;
  }
  return (hits * 2) / rounds;
}

t.test('LRU and LFU hold what is used much better than chance does', async (t) => {
  const n = 10_000;
  const rounds = 40_000;
  const chance = hitRate('allkeys-random', n, rounds);
  const lru = hitRate('allkeys-lru', n, rounds);
  const lfu = hitRate('allkeys-lfu', n, rounds);
  t.comment(`hits: random ${chance}, lru ${lru}, lfu ${lfu}`);
  t.ok(lru > chance + 0.02, `lru ${lru} against ${chance}`);
  t.ok(lfu > chance + 0.02, `lfu ${lfu} against ${chance}`);
});

t.test('of 100,000 keys, those that were used last stay', async (t) => {
  const s = session('allkeys-lru');
  const n = 100_000;
  for (let i = 0; i < n; i++) {
    if (i % 1000 === 0) s.now += 1000;
    s.ask(`SET key:${i} x`);
  }
  // The even ones of the older half are used again.
  for (let i = 0; i < n / 2; i += 2) {
    if (i % 1000 === 0) s.now += 1000;
    s.ask(`GET key:${i}`);
  }
  limit(s, 0);
  for (let i = 0; s.server.stats.evictedKeys < n / 4; i++) s.ask(`SET more:${i} x`);
  let idle = 0;
  for (let i = 1; i < n / 2; i += 2) idle += there(s, i, i + 1);
  t.ok(idle < (n / 4) * 0.45, `${idle} of ${n / 4} idle keys are left`);
  let used = 0;
  for (let i = 0; i < n / 2; i += 2) used += there(s, i, i + 1);
  t.ok(used > (n / 4) * 0.97, `${used} of ${n / 4} used keys are left`);
});

t.test('a large value is freed in slices, which are waited for before another key goes', async (t) => {
  const s = session('volatile-lru');
  for (let i = 0; i < 60; i++) s.ask(['SADD', 'big', ...Array.from({ length: 1000 }, (_, k) => `member:${i}:${k}`)]);
  fill(s, 0, 100);
  s.ask('EXPIRE big 20000');
  const before = s.server.usedMemory();
  limit(s, -50_000);
  s.events;
  t.equal(s.ask('SET a b'), 'OK');
  t.same(s.events, ['evicted big', 'set a']);
  t.ok(s.server.usedMemory() <= before - 50_000);
  t.ok(s.server.databases[0].space.larges.hasDoomed, 'freed as far as was needed');
  while (!s.server.databases[0].space.larges.freeDoomed(16));
  t.ok(s.server.usedMemory() < before - 1_000_000);
});

t.test('a slice of time, and CLIENT PAUSE', async (t) => {
  const s = session('allkeys-lru');
  fill(s, 0, 2000);
  s.server.settings.maxmemoryEvictionTenacity = 0;
  limit(s, -200_000);
  t.equal(s.ask('SET a b'), 'OK', 'it goes on in the background, and the command runs');
  t.ok(s.server.usedMemory() > s.server.settings.maxmemory);
  t.ok(s.server.stats.evictedKeys >= 1);
  const evicted = s.server.stats.evictedKeys;
  s.server.pause.start(s.now + 1000, true);
  t.equal(s.server.eviction.makeRoom(), 0);
  t.equal(s.server.stats.evictedKeys, evicted, 'the dataset stands still');
  s.now += 1500;
  s.server.beginTurn();
  s.server.pause.stop();
  t.equal(s.server.eviction.exceededNowMs, 1500);
  for (let i = 0; s.server.usedMemory() > s.server.settings.maxmemory; i++) {
    if (i > 200) throw new Error('the slices do not end');
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(s.server.stats.evictedKeys > evicted + 500);
  s.server.eviction.makeRoom();
  t.equal(s.server.eviction.exceededNowMs, 0);
  t.equal(s.server.eviction.exceededMs, 1500);
  await s.server.close();
});

t.test('access clocks: OBJECT IDLETIME and FREQ, switched by the policy', async (t) => {
  const s = session('noeviction');
  s.ask('SET k v');
  s.now += 5000;
  t.equal(s.ask('OBJECT IDLETIME k'), 5);
  s.ask('GET k');
  t.equal(s.ask('OBJECT IDLETIME k'), 0);
  s.now += 7000;
  s.ask(`SET k ${'long'.repeat(100)}`);
  t.equal(s.ask('OBJECT IDLETIME k'), 0, 'a new value is an access');
  t.match(s.ask('OBJECT FREQ k'), /^-ERR An LFU maxmemory policy is not selected, access frequency not tracked/);
  policyOf(s, 'allkeys-lfu');
  s.ask('SET f v');
  t.equal(s.ask('OBJECT FREQ f'), 5);
  t.match(s.ask('OBJECT IDLETIME f'), /^-ERR An LFU maxmemory policy is selected, idle time not tracked/);
  s.ask('GET f');
  t.equal(s.ask('OBJECT FREQ f'), 6, 'certain at first');
  for (let i = 0; i < 300; i++) s.ask('GET f');
  const many = s.ask('OBJECT FREQ f') as number;
  t.ok(many > 7 && many < 20, `logarithmic: ${many}`);
  s.now += 3 * 60_000;
  t.equal(s.ask('OBJECT FREQ f'), many - 3, 'one a minute');
  s.server.settings.limits.lfuDecayTime = 0;
  s.server.eviction.configure();
  t.equal(s.ask('OBJECT FREQ f'), many, 'never');
  s.server.settings.limits.lfuLogFactor = 0;
  s.server.eviction.configure();
  for (let i = 0; i < 300; i++) s.ask('GET f');
  t.equal(s.ask('OBJECT FREQ f'), 255, 'every access counts');
  s.ask('SADD s 1');
  s.ask('SUNIONSTORE d s');
  t.equal(s.ask('OBJECT FREQ d'), 5, 'being made is no access');
});
