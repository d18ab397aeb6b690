/**
 * Keyspace events: what is told of every command is what a real server told (recorded/keyspace-events.txt), in kind, name, order and
 * key; what expires is told when it goes; and nothing is told that was not asked for.
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Client } from '../../commands/client.js';
import { dispatch } from '../../commands/dispatch.js';
import { NOTIFY_EVICTED } from '../../commands/events.js';
import { applyNotify } from '../../commands/notify.js';
import { notifyFlagsText, parseNotifyFlags } from '../../commands/notify-flags.js';
import { Settings } from '../../commands/settings.js';
import { Reply } from '../../protocol/reply.js';
import { SynapServer } from '../../src/server.js';
import { reap } from '../../storage/expiry.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { seeded } from '../random.js';

/** A server without sockets; a client listens to everything, others run commands. */
class Room {
  now = 1_700_000_000_000;
  readonly server: SynapServer;
  readonly client: Client;
  private readonly listener: Client;

  constructor(flags: string) {
    const settings = Object.assign(new Settings(), {
      loglevel: 'nothing',
      save: [],
      notifyKeyspaceEvents: parseNotifyFlags(flags),
    });
    this.server = new SynapServer(settings, { clock: () => this.now, random: seeded(1), write: () => {} });
    this.client = this.newClient();
    this.listener = this.newClient();
    this.run(this.listener, 'PSUBSCRIBE *');
  }

  newClient(): Client {
    const { server } = this;
    return new Client(server.nextClientId(), server, new Reply(server.replies), server.databases[0], [], undefined);
  }

  /** Runs a line of words; "" is the empty string. @returns the reply's bytes */
  run(client: Client, line: string): string {
    client.argv = line.split(' ').map((word) => Bytes.from(word === '""' ? '' : word));
    client.argc = client.argv.length;
    this.server.beginTurn();
    dispatch(client);
    return taken(client);
  }

  /** Channels and messages since the last look, or what `line` told. */
  messages(line?: string): string[] {
    if (line !== undefined) {
      taken(this.listener);
      const reply = this.run(this.client, line);
      if (reply.startsWith('-')) throw new Error(`${line}: ${reply}`);
    }
    // *4 $8 pmessage $1 * $n channel $n message
    const lines = taken(this.listener).split('\r\n');
    const found: string[] = [];
    for (let i = 0; lines[i] === '*4'; i += 9) found.push(`${lines[i + 6]} ${lines[i + 8]}`);
    return found;
  }

  /** `set 0:key` for each event: every one must have come by both ways, keyspace first. */
  events(line?: string): string[] {
    const messages = this.messages(line);
    const found: string[] = [];
    for (let i = 0; i < messages.length; i += 2) {
      const [, db, key, event] = /^__keyspace@(\d+)__:(.*) (.*)$/.exec(messages[i]) ?? [];
      if (messages[i + 1] !== `__keyevent@${db}__:${event} ${key}`) throw new Error(`no pair: ${messages}`);
      found.push(`${event} ${db}:${key}`);
    }
    return found;
  }
}

function taken(client: Client): string {
  const { out } = client;
  const text = Buffer.from(out.buf.subarray(0, out.pos)).toString('latin1');
  out.taken(false);
  return text;
}

const RECORDED = readFileSync(new URL('../../../tests/src/recorded/keyspace-events.txt', import.meta.url), 'utf8');

t.test('every command tells what a real server tells', (t) => {
  const room = new Room('KEAmn');
  for (const row of RECORDED.split('\n')) {
    if (row === '' || row.startsWith('#')) continue;
    if (row === '---') {
      room.messages('FLUSHALL');
      room.messages('SELECT 0');
      continue;
    }
    const [line, events] = row.split(/ =>(?: |$)/);
    taken(room.client);
    let told: string[];
    try {
      told = room.events(line);
    } catch (e) {
      // Where the real server refused, nothing was told: so must be here.
      if (events !== '') throw e;
      told = room.events();
    }
    t.equal(told.join(', '), events, line);
  }
  t.end();
});

t.test('who waits for a key is served with the events of its command', (t) => {
  const room = new Room('KEA');
  const waiting = room.newClient();
  const also = room.newClient();
  const rows: [string, string, string[]][] = [
    ['BLPOP k 0', 'RPUSH k 1', ['rpush 0:k', 'lpop 0:k', 'del 0:k']],
    ['BRPOP k 0', 'RPUSH k 1 2', ['rpush 0:k', 'rpop 0:k']],
    ['BLMOVE x y LEFT RIGHT 0', 'LPUSH x 1', ['lpush 0:x', 'rpush 0:y', 'lpop 0:x', 'del 0:x']],
    ['BZPOPMIN z 0', 'ZADD z 1 a 2 b', ['zadd 0:z', 'zpopmin 0:z']],
    ['BLMPOP 0 2 p q LEFT COUNT 2', 'LPUSH q 1 2 3', ['lpush 0:q', 'lpop 0:q']],
  ];
  for (const [parked, line, events] of rows) {
    room.run(waiting, parked);
    t.same(room.events(line), events, `${parked}, ${line}`);
    t.not(taken(waiting), '');
  }
  room.run(waiting, 'BLMOVE a b LEFT RIGHT 0');
  room.run(also, 'BLPOP b 0');
  t.same(room.events('RPUSH a 1'), ['rpush 0:a', 'rpush 0:b', 'lpop 0:a', 'del 0:a', 'lpop 0:b', 'del 0:b']);
  t.end();
});

t.test('what has expired is told when it goes: on access, and without being asked for', (t) => {
  const room = new Room('KEAmn');
  room.run(room.client, 'SELECT 3');
  room.messages('MSET a 1 b 2 c 3');
  for (const key of ['a', 'b', 'c']) room.run(room.client, `PEXPIRE ${key} 10`);
  room.now += 10;
  t.same(room.events('GET a'), ['expired 3:a', 'keymiss 3:a']);
  t.same(room.events('SET b 1'), ['expired 3:b', 'new 3:b', 'set 3:b']);
  room.messages();
  reap(room.server.databases[3].space, 0, 1000);
  t.same(room.events(), ['expired 3:c']);
  t.equal(room.server.stats.expiredKeys, 3);
  t.end();
});

t.test('fields of a hash', (t) => {
  const room = new Room('KEA');
  const rows: [string, string[]][] = [
    ['HSET h a 1 b 2 c 3 d 4', ['hset']],
    ['HEXPIRE h 100 FIELDS 1 a', ['hexpire']],
    ['HEXPIRE h 100 NX FIELDS 1 a', []],
    ['HEXPIRE h 100 FIELDS 1 none', []],
    ['HEXPIRE none 100 FIELDS 1 a', []],
    ['HPERSIST h FIELDS 2 a b', ['hpersist']],
    ['HPERSIST h FIELDS 2 a b', []],
    ['HEXPIRE h 0 FIELDS 1 a', ['hdel']],
    ['HGETEX h FIELDS 1 b', []],
    ['HGETEX h EX 100 FIELDS 1 b', ['hexpire']],
    ['HGETEX h PERSIST FIELDS 1 b', ['hpersist']],
    ['HGETEX h PXAT 1 FIELDS 1 b', ['hdel']],
    ['HSETEX h FIELDS 1 e 1', ['hset']],
    ['HSETEX h EX 100 FIELDS 1 e 1', ['hset', 'hexpire']],
    ['HSETEX h FNX FIELDS 1 e 1', []],
    ['HSETEX h PXAT 1 FIELDS 1 e 1', ['hdel']],
    ['HSETEX none PXAT 1 FIELDS 1 e 1', []],
    ['HGETDEL h FIELDS 1 none', []],
    ['HGETDEL h FIELDS 1 c', ['hdel']],
    ['HSETEX h PXAT 1 FIELDS 1 d 1', ['hdel', 'del']],
    ['HSET h a 1', ['hset']],
    ['HGETDEL h FIELDS 1 a', ['hdel', 'del']],
    ['HSET h a 1 b 2', ['hset']],
    ['HPEXPIRE h 10 FIELDS 2 a b', ['hexpire']],
  ];
  for (const [line, events] of rows)
    t.same(
      room.events(line),
      events.map((event) => `${event} 0:h`),
      line,
    );
  room.now += 10;
  t.same(room.events('HGET h a'), ['hexpired 0:h', 'del 0:h'], 'one event for all of them');
  t.end();
});

t.test('what is not asked for is not told', (t) => {
  const rows: [string, string[]][] = [
    ['K$', ['__keyspace@0__:k set']],
    ['E$', ['__keyevent@0__:set k']],
    ['KEx', []],
    ['KEn', ['__keyspace@0__:k new', '__keyevent@0__:new k']],
    ['Kg$', ['__keyspace@0__:k set', '__keyspace@0__:k expire']],
    ['A', []],
    ['KE', []],
    ['', []],
  ];
  for (const [flags, messages] of rows) {
    const room = new Room(flags);
    t.same(room.messages('SET k v EX 10'), messages, flags);
    t.equal(room.server.attention !== 0, /[KE]/.test(flags) && /[^KE]/.test(flags), `${flags}: asked for anything`);
  }
  t.end();
});

t.test('the setting may change at any time', (t) => {
  const room = new Room('');
  const { settings } = room.server;
  const change = (text: string): void => {
    settings.notifyKeyspaceEvents = parseNotifyFlags(text)!;
    applyNotify(room.server);
  };
  t.same(room.messages('SET k 1'), []);
  change('KEAnm');
  t.same(room.events('SET k 2'), ['set 0:k']);
  t.same(room.events('GET none'), ['keymiss 0:none']);
  room.run(room.client, 'FLUSHALL');
  t.same(room.events('SET k 2'), ['new 0:k', 'set 0:k'], 'after FLUSHALL too');
  change('KEA');
  t.same(room.events('GET none'), []);
  t.same(room.events('SET j 2'), ['set 0:j']);
  change('');
  t.same(room.messages('SET k 3'), []);
  t.equal(room.server.attention, 0);
  room.server.onEvent(() => {});
  change('');
  t.not(room.server.attention, 0, 'a listener of this process is still told');
  t.end();
});

t.test('names that are long, binary, or of high databases', (t) => {
  const room = new Room('KEe');
  const key = Bytes.from(`\xff\x00${'x'.repeat(100_000)}`);
  room.messages();
  room.server.notify(room.server.databases[15], key, NOTIFY_EVICTED, 'evicted');
  t.same(room.messages(), [`__keyspace@15__:${key} evicted`, `__keyevent@15__:evicted ${key}`]);
  room.server.notify(room.server.databases[0], Bytes.from(''), NOTIFY_EVICTED, 'evicted');
  t.same(room.messages(), ['__keyspace@0__: evicted', '__keyevent@0__:evicted ']);
  t.end();
});

t.test('letters and bits', (t) => {
  // Given, and as CONFIG GET of 7.0.15 prints it.
  const rows = [
    ['', ''],
    ['KEA', 'AKE'],
    ['K', 'K'],
    ['Eg', 'gE'],
    ['g$lshzxetd', 'A'],
    ['Kg$lshzxetdmn', 'AKm'],
    ['nmKEA', 'AKEm'],
    ['KExeg', 'gxeKE'],
    ['tmnE', 'tnEm'],
    ['dK', 'dK'],
    ['KA$', 'AK'],
  ];
  for (const [given, printed] of rows) t.equal(notifyFlagsText(parseNotifyFlags(given)!), printed, given);
  for (const wrong of ['q', 'KEq', 'k', ' ', 'KE A']) t.equal(parseNotifyFlags(wrong), undefined, wrong);
  t.end();
});
