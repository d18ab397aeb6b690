/** CLIENT, RESET and the modes in which a client's commands run. The scripts run alike against redis-server 7.0.15, but where said. */
import net from 'node:net';
import t from 'tap';
import type { Client } from '../../commands/client.js';
import { describe } from '../../commands/client-list.js';
import { createServer, type SynapServer } from '../../src/index.js';
import { closeIdle } from '../../src/net/idle.js';
import { play } from '../script.js';
import { Session } from './session.js';

type Test = Pick<typeof t, 'same' | 'equal' | 'match' | 'notMatch'>;

/** Runs a script against a server of its own. */
async function scene(t: Test, script: string, options: Parameters<typeof createServer>[0] = {}): Promise<void> {
  const server = await createServer(options);
  t.same(await play(server.port, script), []);
  await server.close();
}

const SCENES: Readonly<Record<string, string>> = {
  'names are printable words; an empty one takes the name away': `
    A  CLIENT GETNAME => nil
    A  CLIENT SETNAME a-b~! => +OK
    A  CLIENT GETNAME => a-b~!
    A  CLIENT SETNAME é => -ERR Client names cannot contain spaces, newlines or special characters.
    A  CLIENT GETNAME => a-b~!
    A  CLIENT SETNAME "" => +OK
    A  CLIENT GETNAME => nil
    A3
    A  CLIENT GETNAME => null`,
  'replies are turned off, on, and off for one command': `
    A  CLIENT REPLY ON => +OK
    A> CLIENT REPLY OFF
    A> PING
    A> NOSUCH
    A> GET
    A> MULTI
    A> SET k v
    A> EXEC
    A> CLIENT REPLY SKIP
    A  CLIENT REPLY ON => +OK
    A  GET k => v
    A> CLIENT REPLY SKIP
    A> PING
    A  ECHO heard => heard
    A> CLIENT REPLY SKIP
    A> NOSUCH
    A  ECHO heard => heard
    A> CLIENT REPLY SKIP
    A> CLIENT REPLY SKIP
    A> PING
    A  ECHO heard => heard
    A> CLIENT REPLY SKIP
    A  CLIENT REPLY ON => +OK
    A  CLIENT REPLY MAYBE => -ERR syntax error
    A?`,
  'a muted client that waits is answered nothing, and heard again after it': `
    A> CLIENT REPLY SKIP
    A> BLPOP k 0
    B  RPUSH k 1 => :1
    A  ECHO heard => heard
    A> CLIENT REPLY SKIP
    A> BLPOP k 0.01
    A  ECHO heard => heard
    A> CLIENT REPLY OFF
    A> BLPOP k 0
    B  RPUSH k 1 => :1
    B  EXISTS k => :0
    A?
    A  CLIENT REPLY ON => +OK`,
  'RESET leaves MULTI, WATCH, database, name, protocol and silence behind': `
    A3
    A  SELECT 3 => +OK
    A  CLIENT SETNAME me => +OK
    A  WATCH k => +OK
    A  MULTI => +OK
    A  PING => +QUEUED
    A  RESET => +RESET
    A  EXEC => -ERR EXEC without MULTI
    A  CLIENT GETNAME => nil
    A  SET k v => +OK
    B  GET k => v
    A> CLIENT REPLY OFF
    A  RESET => +RESET
    A  PING => +PONG`,
  'UNBLOCK: as a timeout, with an error, and only who waits for a key': `
    A  CLIENT UNBLOCK 99 => :0
    A  CLIENT UNBLOCK 2 => :0
    A  CLIENT UNBLOCK x => -ERR value is not an integer or out of range
    A  CLIENT UNBLOCK 2 NOW => -ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR
    A  CLIENT UNBLOCK 2 error x => -ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT HELP.`,
  'PAUSE: its words and numbers': `
    A  CLIENT PAUSE x => -ERR timeout is not an integer or out of range
    A  CLIENT PAUSE -1 => -ERR timeout is negative
    A  CLIENT PAUSE 1 SOME => -ERR CLIENT PAUSE mode must be WRITE or ALL
    A  CLIENT PAUSE 1 ALL x => -ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP.
    A  CLIENT PAUSE 0 => +OK
    A  PING => +PONG
    A  CLIENT PAUSE 5 => +OK
    A  SET k v => +OK`,
  'PAUSE WRITE holds writes until UNPAUSE, PAUSE ALL everything until its time is up': `
    A  CLIENT PAUSE 100000 WRITE => +OK
    B> SET k v
    C> MULTI
    C> INCR n
    A  GET k => nil
    B?
    C< +OK
    C?
    A  CLIENT UNPAUSE => +OK
    B< +OK
    C< +QUEUED
    C  EXEC => [:1]
    A  GET k => v
    A  CLIENT PAUSE 30 ALL => +OK
    A  CLIENT UNPAUSE => +OK`,
  'KILL: of the client with an address, and of all that meet the filters': `
    A  CLIENT KILL 1.2.3.4:5 => -ERR No such client
    A  CLIENT KILL ID => -ERR No such client
    A  CLIENT KILL ID x => -ERR client-id should be greater than 0
    A  CLIENT KILL ID 0 => -ERR client-id should be greater than 0
    A  CLIENT KILL ID 99 => :0
    A  CLIENT KILL ID 99 ID => -ERR syntax error
    A  CLIENT KILL SOME 99 => -ERR syntax error
    A  CLIENT KILL TYPE some => -ERR Unknown client type 'some'
    A  CLIENT KILL TYPE master => :0
    A  CLIENT KILL TYPE slave => :0
    A  CLIENT KILL TYPE replica SKIPME no => :0
    A  CLIENT KILL TYPE pubsub => :0
    A  CLIENT KILL USER nobody => -ERR No such user 'nobody'
    A  CLIENT KILL SKIPME maybe => -ERR syntax error
    A  CLIENT KILL LADDR 1.2.3.4:5 ADDR 1.2.3.4:5 => :0`,
  'LIST: its words': `
    A  CLIENT LIST SOME => -ERR syntax error
    A  CLIENT LIST TYPE => -ERR syntax error
    A  CLIENT LIST TYPE some => -ERR Unknown client type 'some'
    A  CLIENT LIST TYPE normal ID 1 => -ERR syntax error
    A  CLIENT LIST ID => -ERR syntax error
    A  CLIENT LIST ID x => -ERR Invalid client ID
    A  CLIENT LIST ID 1 x => -ERR Invalid client ID
    A  CLIENT LIST ID 0 99 => ""
    A  CLIENT LIST TYPE pubsub => ""
    A  CLIENT LIST TYPE master => ""
    A  CLIENT NO-EVICT some => -ERR syntax error`,
};

for (const [name, script] of Object.entries(SCENES)) t.test(name, (t) => scene(t, script));

t.test('what came after 7.0: SETINFO, NO-TOUCH, MAXAGE, a pause that would never end', (t) =>
  scene(
    t,
    `
    A  CLIENT SETINFO LIB-NAME some-lib => +OK
    A  CLIENT SETINFO lib-ver é => -ERR lib-ver cannot contain spaces, newlines or special characters.
    A  CLIENT SETINFO LIB-AGE 3 => -ERR Unrecognized option 'LIB-AGE'
    A  CLIENT NO-TOUCH maybe => -ERR syntax error
    A  CLIENT KILL MAXAGE x => -ERR maxage is not an integer or out of range
    A  CLIENT KILL MAXAGE 0 => -ERR maxage should be greater than 0
    A  CLIENT KILL MAXAGE 1000 => :0
    A  CLIENT PAUSE 9223372036854775807 => -ERR timeout is out of range`,
  ),
);

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** The clients of a server in the order in which they came, without the one that `play` uses itself. */
function others(server: SynapServer): Client[] {
  return [...server.clients.values()].slice(1);
}

t.test('KILL and UNBLOCK find clients by id, address and age', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ clock: () => now });
  t.same(
    await play(
      server.port,
      `
      A  CLIENT ID => :2
      B  CLIENT ID => :3
      C> BLPOP k 0
      A  CLIENT UNBLOCK 4 => :1
      C< nil[]
      C> BLPOP k 0
      A  CLIENT UNBLOCK 4 ERROR => :1
      C< -UNBLOCKED client unblocked via CLIENT UNBLOCK
      A  CLIENT UNBLOCK 4 => :0
      C> BLPOP k 0
      A  CLIENT KILL ID 4 => :1
      A  RPUSH k v => :1
      A  LLEN k => :1
      A  CLIENT KILL ID 2 => :0`,
    ),
    [],
  );
  t.equal(server.blocking.clients, 0);
  for (let i = 0; i < 100 && server.clients.size > 0; i++) await tick();
  const script = play(server.port, 'A  PING => +PONG\nB  PING => +PONG\nC> BLPOP none 0\nC< nil[]');
  while (server.blocking.clients === 0) await tick();
  const [a, b, c] = others(server);
  const admin = new Session();
  const kill = (line: string): unknown => {
    admin.server.clients.clear();
    for (const [id, client] of server.clients) admin.server.clients.set(id, client);
    return admin.ask(line);
  };
  t.equal(kill(`CLIENT KILL ADDR ${a.link!.address} LADDR ${b.link!.localAddress}`), 1);
  t.equal(server.clients.has(a.id), false);
  t.equal(kill(`CLIENT KILL ${b.link!.address}`), 'OK');
  t.equal(server.clients.has(b.id), false);
  now += 9_000;
  server.beginTurn();
  t.equal(kill('CLIENT KILL MAXAGE 10'), 0);
  t.equal(server.blocking.unblock(c, false), true);
  server.endTurn();
  t.same(await script, []);
  await server.close();
});

t.test('inside MULTI a SKIP holds for the command after EXEC, an OFF from there on', (t) => {
  const session = new Session();
  const run = (...lines: string[]): string[] => lines.map((line) => session.raw(line));
  run('MULTI', 'CLIENT REPLY SKIP', 'PING');
  t.same(run('EXEC', 'PING', 'PING'), ['*2\r\n+PONG\r\n', '', '+PONG\r\n']);
  run('MULTI', 'CLIENT REPLY OFF', 'PING');
  t.same(run('EXEC', 'PING', 'CLIENT REPLY ON'), ['*2\r\n', '', '+OK\r\n']);
  t.end();
});

t.test('who kills itself is answered, then closed; in EXEC nothing more is answered', async (t) => {
  const server = await createServer();
  const ask = (input: string): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      const socket = net.connect(server.port, '127.0.0.1', () => socket.write(input));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
    });
  t.equal(await ask('ping\r\nclient kill type normal skipme no\r\nping\r\n'), '+PONG\r\n:1\r\n');
  t.equal(
    await ask('multi\r\nping\r\nclient kill type normal skipme no\r\nping\r\nexec\r\nping\r\n'),
    `+OK\r\n${'+QUEUED\r\n'.repeat(3)}*3\r\n+PONG\r\n:1\r\n`,
  );
  await server.close();
});

t.test('LIST tells what is: every field of 7.2, with watch of 7.4', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ clock: () => now });
  const script = play(
    server.port,
    `
    A  CLIENT SETNAME me => +OK
    A  CLIENT SETINFO LIB-NAME lib => +OK
    A  CLIENT SETINFO LIB-VER 1.2 => +OK
    A  CLIENT NO-EVICT ON => +OK
    A  CLIENT NO-TOUCH ON => +OK
    A  SELECT 4 => +OK
    A  WATCH k l => +OK
    A  MULTI => +OK
    A  SET key value => +QUEUED
    B3
    B> BLPOP nothing 0
    B< null`,
  );
  while (server.blocking.clients === 0) await tick();
  now += 3_500;
  server.beginTurn();
  const session = new Session();
  session.now = now;
  for (const [id, client] of server.clients) session.server.clients.set(id, client);
  const lines = String(session.ask('CLIENT LIST')).trimEnd().split('\n');
  const [, a, b] = lines.map((line) => new Map(line.split(' ').map((field) => field.split('=') as [string, string])));
  const names =
    'id addr laddr fd name age idle flags db sub psub ssub multi watch qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll omem ' +
    'tot-mem events cmd user redir resp lib-name lib-ver';
  t.equal([...a.keys()].join(' '), names);
  const told = (client: Map<string, string>, fields: string): string =>
    fields
      .split(' ')
      .map((name) => client.get(name))
      .join(' ');
  t.equal(
    told(a, 'id name age idle flags db multi watch cmd user redir resp lib-name lib-ver'),
    '2 me 3 3 xeT 4 1 2 multi default -1 2 lib 1.2',
  );
  t.equal(
    told(b, 'id name age idle flags db multi watch cmd argv-mem resp events obl'),
    '3  3 3 b 0 -1 0 blpop 13 3 r 0',
  );
  t.match(a.get('addr'), /^127\.0\.0\.1:\d+$/);
  t.equal(a.get('laddr'), `127.0.0.1:${server.port}`);
  t.ok(Number(a.get('fd')) > 2);
  t.not(a.get('fd'), b.get('fd'));
  t.ok(Number(a.get('multi-mem')) >= 11);
  t.ok(Number(a.get('tot-mem')) > Number(a.get('multi-mem')));
  t.equal(
    String(session.ask('CLIENT LIST ID 3 2 77'))
      .match(/^id=\d+/gm)
      ?.join(),
    'id=3,id=2',
  );
  t.equal(String(session.ask('CLIENT LIST TYPE normal')), `${lines.join('\n')}\n`);
  server.blocking.unblock(others(server)[1], false);
  server.endTurn();
  t.same(await script, []);
  await server.close();
});

t.test('INFO is text in RESP3 and describes who asks', async (t) => {
  const session = new Session({}, 3);
  const raw = session.raw('CLIENT INFO');
  t.match(raw, /^=\d+\r\ntxt:id=1 addr=\?:0 .* flags=N .* argv-mem=10 .* cmd=client\|info .* resp=3 .*\n\r\n$/);
  t.equal(session.ask('CLIENT ID'), 1);
  const help = session.ask('CLIENT HELP');
  t.ok(Array.isArray(help) && help.some((line) => String(line).startsWith('NO-TOUCH ')));
});

t.test('RESET ends MONITOR, which LIST shows and no idle time ends', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ clock: () => now, timeout: 10 });
  const script = play(server.port, 'A  MONITOR => +OK\nA> RESET\nA< +RESET\nA> BLPOP none 0\nA< nil[]');
  while (server.blocking.clients === 0) await tick();
  const [client] = others(server);
  t.equal(server.monitors.size, 0);
  server.blocking.unblock(client, false);
  server.endTurn();
  t.same(await script, []);
  const again = play(server.port, 'A  MONITOR => +OK\nB> BLPOP none 0\nB< nil[]');
  while (server.blocking.clients === 0) await tick();
  const [monitor, waiting] = others(server).slice(-2);
  now += 60_000;
  server.beginTurn();
  for (const other of server.clients.values()) if (other !== monitor) other.lastAt = now;
  closeIdle(server);
  t.equal(server.clients.has(monitor.id), true);
  t.match(describe(monitor, monitor), / flags=O /);
  server.blocking.unblock(waiting, false);
  server.endTurn();
  await again;
  await server.close();
});
