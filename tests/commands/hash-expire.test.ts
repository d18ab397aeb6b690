/** Fields that expire (Redis 7.4 and 8.0), over a socket. */
import t from 'tap';
import { Session, START } from './live-session.js';

const MISSING = 'ERR Mandatory argument FIELDS is missing or not at the right position';
const MISMATCH = 'ERR The `numfields` parameter must match the number of arguments';
const NOT_POSITIVE = 'ERR Number of fields must be a positive integer';
const WRONGTYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
const NOT_INTEGER = 'ERR value is not an integer or out of range';
const HSETEX_ARITY = "ERR wrong number of arguments for 'hsetex' command";
const HSETEX_TIMES = 'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified';

// In both forms: small hashes are listpacks, and with no entries allowed in those, all hashes are tables.
for (const entries of [512, 0]) {
  t.test(`fields expire, ${entries} entries`, async (t) => {
    const s = await Session.open({ entries });
    await s.rows(t, [
      ['hset h a 1 b 2 c 3 d 4', 4],
      ['hexpire h 10 FIELDS 3 a b nofield', [1, 1, -2]],
      ['hpexpire h 1500 fields 1 c', [1]],
      ['httl h FIELDS 5 a b c d nofield', [10, 10, 2, -1, -2]],
      ['hpttl h FIELDS 2 c d', [1500, -1]],
      ['hexpiretime h FIELDS 2 a c', [START / 1000 + 10, START / 1000 + 2]],
      ['hpexpiretime h FIELDS 2 a c', [START + 10000, START + 1500]],
      ['hexpireat h 1700000020 FIELDS 1 a', [1]],
      ['hpexpireat h 1700000000700 FIELDS 1 b', [1]],
      ['hpttl h FIELDS 2 a b', [20000, 700]],
      ['hpersist h FIELDS 3 a d nofield', [1, -1, -2]],
      ['httl h FIELDS 1 a', [-1]],
    ]);
    s.now += 699;
    t.equal(await s.ask('hget h b'), '2');
    s.now += 1;
    await s.rows(t, [
      ['hget h b', null],
      ['hexists h b', 0],
      ['hstrlen h b', 0],
      ['hmget h a b', ['1', null]],
      ['hdel h b', 0],
      ['httl h FIELDS 1 b', [-2]],
      ['hlen h', 3],
      ['hsetnx h b again', 1],
      ['httl h FIELDS 1 b', [-1]],
    ]);
    t.equal(s.server.stats.expiredSubkeys, 1);
    await s.rows(t, [
      ['hdel h a b d', 3],
      ['exists h', 1],
    ]);
    s.now += 800;
    await s.rows(t, [
      ['hgetall h', {}],
      ['exists h', 0],
      ['hkeys h', []],
      ['hrandfield h', null],
    ]);
    t.equal(s.size, 0, 'the key went with its last field');
    await s.close();
  });

  t.test(`conditions, and times that have passed, ${entries} entries`, async (t) => {
    const s = await Session.open({ entries });
    await s.rows(t, [
      ['hset h a 1 b 2 c 3', 3],
      ['hexpire h 10 XX FIELDS 1 a', [0]],
      ['hexpire h 10 GT FIELDS 1 a', [0]],
      ['hexpire h 10 nx FIELDS 1 a', [1]],
      ['hexpire h 20 NX FIELDS 2 a b', [0, 1]],
      ['hexpire h 5 GT FIELDS 1 a', [0]],
      ['hexpire h 10 GT FIELDS 1 a', [0]],
      ['hexpire h 15 gt FIELDS 1 a', [1]],
      ['hexpire h 16 LT FIELDS 1 a', [0]],
      ['hexpire h 15 LT FIELDS 1 a', [0]],
      ['hexpire h 14 lt FIELDS 2 a c', [1, 1]],
      ['hexpire h 13 XX FIELDS 2 a nofield', [1, -2]],
      ['httl h FIELDS 3 a b c', [13, 20, 14]],
      ['hexpire h 0 GT FIELDS 1 a', [0]],
      ['hexpire h 0 FIELDS 2 a a', [2, -2]],
      ['hexpireat h 1 FIELDS 1 b', [2]],
      ['hgetall h', { c: '3' }],
      ['hpexpireat h 1700000000000 FIELDS 1 c', [2]],
      ['exists h', 0],
      ['hexpire h 10 FIELDS 2 a b', [-2, -2]],
      ['hpersist h FIELDS 1 a', [-2]],
      ['httl h FIELDS 2 a b', [-2, -2]],
      ['exists h', 0],
    ]);
    await s.close();
  });

  t.test(`what writes a field decides about its TTL, ${entries} entries`, async (t) => {
    const s = await Session.open({ entries });
    await s.rows(t, [
      ['hset h a 1 b 2 c 3 d 4', 4],
      ['hexpire h 100 FIELDS 4 a b c d', [1, 1, 1, 1]],
      ['hset h a 5', 0],
      ['hincrby h b 5', 7],
      ['hincrbyfloat h c 0.5', '3.5'],
      ['hsetnx h d 5', 0],
      ['httl h FIELDS 4 a b c d', [-1, 100, 100, 100]],
      ['hmset h b 1', 'OK'],
      ['httl h FIELDS 1 b', [-1]],
      ['hsetex h KEEPTTL FIELDS 2 c 8 e 9', 1],
      ['httl h FIELDS 2 c e', [100, -1]],
      ['hsetex h FIELDS 1 c 8', 1],
      ['httl h FIELDS 1 c', [-1]],
      ['hmget h a b c d e', ['5', '1', '8', '4', '9']],
    ]);
    await s.close();
  });

  t.test(`HGETDEL, HGETEX and HSETEX, ${entries} entries`, async (t) => {
    const s = await Session.open({ entries });
    await s.rows(t, [
      ['hsetex h EX 10 FIELDS 2 a 1 b 2', 1],
      ['httl h FIELDS 2 a b', [10, 10]],
      ['hsetex h FNX EX 20 FIELDS 2 a 9 z 9', 0],
      ['hsetex h EX 20 FXX FIELDS 2 a 9 z 9', 0],
      ['hmget h a z', ['1', null]],
      ['hsetex h PX 20000 FXX FIELDS 2 a 9 b 9', 1],
      ['hpttl h FIELDS 2 a b', [20000, 20000]],
      ['hsetex h FNX PXAT 1700000030000 FIELDS 1 z 8', 1],
      ['hsetex h exat 1700000040 FIELDS 1 y 7', 1],
      ['httl h FIELDS 2 z y', [30, 40]],
      ['hsetex nokey FXX FIELDS 1 a 1', 0],
      ['hsetex nokey PX 0 FIELDS 1 a 1', 1],
      ['exists nokey', 0],
      ['hsetex h EXAT 1 FIELDS 2 z 1 new 1', 1],
      ['hmget h z new', [null, null]],
      ['hgetex h FIELDS 2 a nofield', ['9', null]],
      ['hgetex h EX 50 FIELDS 2 a nofield', ['9', null]],
      ['hgetex h PX 60000 FIELDS 1 b', ['9']],
      ['httl h FIELDS 2 a b', [50, 60]],
      ['hgetex h exat 1700000070 FIELDS 1 a', ['9']],
      ['hgetex h PXAT 1700000080000 FIELDS 1 b', ['9']],
      ['httl h FIELDS 2 a b', [70, 80]],
      ['hgetex h PERSIST FIELDS 2 a b', ['9', '9']],
      ['httl h FIELDS 2 a b', [-1, -1]],
      ['hgetex h EX 0 FIELDS 2 a a', ['9', null]],
      ['hgetdel h FIELDS 3 b b nofield', ['9', null, null]],
      ['hgetall h', { y: '7' }],
      ['hgetdel h FIELDS 1 y', ['7']],
      ['exists h', 0],
      ['hgetdel h FIELDS 2 y z', [null, null]],
      ['hgetex h EX 10 FIELDS 2 y z', [null, null]],
      ['hset h f v', 1],
      ['hgetex h EXAT 1 FIELDS 1 f', ['v']],
      ['exists h', 0],
    ]);
    t.equal(s.size, 0);
    await s.close();
  });
}

t.test('errors, and nothing changes', async (t) => {
  const s = await Session.open();
  await s.rows(t, [
    ['set s v', 'OK'],
    ['hset h a 1', 1],
  ]);
  const { dirty } = s.server;
  await s.rows(t, [
    ['hexpire s abc FIELDS 1 a', WRONGTYPE],
    ['hexpire h abc FIELDS 1 a', NOT_INTEGER],
    ['hexpire h -1 FIELDS 1 a', 'ERR invalid expire time, must be >= 0'],
    ['hexpire h 9223372036854775807 FIELDS 1 a', "ERR invalid expire time in 'hexpire' command"],
    ['hpexpire h 70368744177663 FIELDS 1 a', "ERR invalid expire time in 'hpexpire' command"],
    ['hpexpireat h 70368744177664 FIELDS 1 a', "ERR invalid expire time in 'hpexpireat' command"],
    ['hexpireat h 70368744178 FIELDS 1 a', "ERR invalid expire time in 'hexpireat' command"],
    ['hexpire h 10 FOO 1 a a', MISSING],
    ['hexpire h 10 NX 1 a a', MISSING],
    ['hexpire h 10 NX XX FIELDS 1 a', MISSING],
    ['hexpire h 10 FIELDS 0 a', 'ERR Parameter `numFields` should be greater than 0'],
    ['hexpire h 10 FIELDS x a', 'ERR Parameter `numFields` should be greater than 0'],
    ['hexpire h 10 FIELDS 2 a', MISMATCH],
    ['hexpire h 10 FIELDS 1 a b', MISMATCH],
    ['hexpire h 10 NX FIELDS 1', MISMATCH],
    ['hexpire h 10 FIELDS 1', "ERR wrong number of arguments for 'hexpire' command"],
    ['httl s FOO 1 a', WRONGTYPE],
    ['httl h FOO 1 a', MISSING],
    ['httl h FIELDS 0 a', NOT_POSITIVE],
    ['hpttl h FIELDS x a', NOT_POSITIVE],
    ['hexpiretime h FIELDS 2 a', MISMATCH],
    ['hpersist s FOO 1 a', WRONGTYPE],
    ['hpersist h FIELDS -1 a', NOT_POSITIVE],
    ['hpersist h FIELDS 2 a', MISMATCH],
    ['hgetdel s FOO 1 a', WRONGTYPE],
    ['hgetdel h FOO 1 a', MISSING],
    ['hgetdel h FIELDS 0 a', NOT_POSITIVE],
    ['hgetdel h FIELDS 2 a', MISMATCH],
    ['hgetex s EX abc FIELDS 1 a', WRONGTYPE],
    ['hgetex h EX abc FIELDS 1 a', NOT_INTEGER],
    ['hgetex h EX -1 FIELDS 1 a', 'ERR invalid expire time, must be >= 0'],
    ['hgetex h EX 9223372036854775807 FIELDS 1 a', "ERR invalid expire time in 'hgetex' command"],
    ['hgetex h KEEPTTL FIELDS 1 a', MISSING],
    ['hgetex h PERSIST EX 10 FIELDS 1 a', MISSING],
    ['hgetex h EX 10 FIELDS', NOT_POSITIVE],
    ['hgetex h EX 10 FIELDS 2 a', MISMATCH],
    ['hsetex s EX abc FIELDS 1 a 1', NOT_INTEGER],
    ['hsetex s FIELDS 1 a 1', WRONGTYPE],
    ['hsetex h EX 10 PX 10 FIELDS 1 a 1', HSETEX_TIMES],
    ['hsetex h KEEPTTL EX 10 FIELDS 1 a 1', HSETEX_TIMES],
    ['hsetex h FNX FXX FIELDS 1 a 1', 'ERR Only one of FXX or FNX arguments can be specified'],
    ['hsetex h FOO 1 FIELDS 1 a 1', 'ERR unknown argument: FOO'],
    ['hsetex h FNX KEEPTTL 3 EX', 'ERR unknown argument: 3'],
    ['hsetex h FNX EX 10 PX', HSETEX_TIMES],
    ['hsetex h FNX FOO 10 PX', 'ERR unknown argument: FOO'],
    ['hsetex h FIELDS 0 a 1', 'ERR invalid number of fields'],
    ['hsetex h FIELDS x a 1', 'ERR invalid number of fields'],
    ['hsetex h FIELDS 2 a 1', HSETEX_ARITY],
    ['hsetex h FIELDS 1 a 1 b', HSETEX_ARITY],
    ['hsetex h EX 10 FIELDS 1', HSETEX_ARITY],
    ['hset h a', "ERR wrong number of arguments for 'hset' command"],
    ['hset h a 1 b', "ERR wrong number of arguments for 'hset' command"],
    ['hincrby new a x', NOT_INTEGER],
    ['hget h a', '1'],
    ['httl h FIELDS 1 a', [-1]],
  ]);
  t.equal(s.server.dirty, dirty);
  t.equal(s.size, 2);
  await s.close();
});

t.test('what has expired is deleted without being asked for, field by field', async (t) => {
  const s = await Session.open({ hz: 100 });
  const { databases } = s.server;
  await s.ask('hset stays a 1');
  for (const entries of [512, 0]) {
    s.server.settings.limits.hashMaxListpackEntries = entries;
    const pairs = Array.from({ length: 400 }, (_, i) => `f${i} v`).join(' ');
    const names = Array.from({ length: 400 }, (_, i) => `f${i}`).join(' ');
    await s.ask(`hset part${entries} last v ${pairs}`);
    await s.ask(`hpexpire part${entries} 50 FIELDS 400 ${names}`);
    await s.ask(`hsetex whole${entries} PX 50 FIELDS 400 ${pairs}`);
  }
  t.equal(databases[0].size, 5);
  t.equal(databases[0].space.fieldExpires, 4);
  s.now += 100;
  for (let i = 0; i < 500 && databases[0].space.fieldExpires > 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  t.equal(databases[0].size, 3);
  t.equal(databases[0].space.fieldExpires, 0);
  t.equal(s.server.stats.expiredSubkeys, 1600);
  t.same(await s.ask('hkeys part512'), ['last']);
  t.same(await s.ask('hkeys part0'), ['last']);
  t.equal(await s.ask('hlen stays'), 1);
  await s.close();
});

t.test('WATCH fails when a field expires, and when a handler changes one', async (t) => {
  const s = await Session.open();
  const watched = async (between: () => Promise<unknown>): Promise<unknown> => {
    await s.ask('hset h a 1 b 2');
    await s.ask('hpexpire h 50 FIELDS 1 a');
    await s.ask('watch h');
    await between();
    await s.ask('multi');
    await s.ask('ping');
    return s.ask('exec');
  };
  t.same(await watched(async () => {}), ['PONG']);
  t.same(await watched(() => s.ask('httl h FIELDS 1 a')), ['PONG']);
  t.same(await watched(() => s.ask('hexpire h 10 NX FIELDS 1 a')), ['PONG'], 'nothing was changed');
  t.equal(await watched(() => s.ask('hpersist h FIELDS 1 a')), null);
  t.equal(await watched(() => s.ask('hgetdel h FIELDS 1 b')), null);
  const expiry = watched(async () => {
    s.now += 50;
    await s.ask('hget h b');
  });
  t.equal(await expiry, null);
  await s.close();
});
