/** Who one is on a connection: AUTH, HELLO, RESET, QUIT, and what is refused before a login. As redis-server 7.0.15, but where said. */
import net from 'node:net';
import t from 'tap';
import { createServer } from '../../src/index.js';

/** Sends `input` at once and gives all that comes back until the server closes. */
function raw(port: number, input: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(input, 'latin1'));
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

const NOAUTH = '-NOAUTH Authentication required.';
const WRONGPASS = '-WRONGPASS invalid username-password pair or user is disabled.';
const OK = '+OK';

/** Runs lines one after the other on one connection; asks for exactly these lines of reply, and a QUIT at the end. */
async function lines(t: Judge, port: number, rows: readonly (readonly [string, string])[]): Promise<void> {
  const answer = await raw(port, `${rows.map(([line]) => `${line}\r\n`).join('')}quit\r\n`);
  t.same(answer.split('\r\n'), [...rows.map(([, reply]) => reply), OK, '']);
}

type Judge = Pick<typeof t, 'same'>;

t.test('without a password', async (t) => {
  const server = await createServer();
  await lines(t, server.port, [
    [
      'auth x',
      '-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    ],
    ['auth default anything', OK],
    ['auth nobody x', WRONGPASS],
    ['auth a b c', '-ERR syntax error'],
    ['auth', "-ERR wrong number of arguments for 'auth' command"],
    ['hello x', '-ERR Protocol version is not an integer or out of range'],
    ['hello 2.5', '-ERR Protocol version is not an integer or out of range'],
    ['hello 9223372036854775808', '-ERR Protocol version is not an integer or out of range'],
    ['hello 9223372036854775807', '-NOPROTO unsupported protocol version'],
    ['hello -3', '-NOPROTO unsupported protocol version'],
    ['hello 1', '-NOPROTO unsupported protocol version'],
    ['hello 4 foo', '-NOPROTO unsupported protocol version'],
    ['hello 2 foo', "-ERR Syntax error in HELLO option 'foo'"],
    ['hello 2 setname', "-ERR Syntax error in HELLO option 'setname'"],
    ['hello 2 auth default', "-ERR Syntax error in HELLO option 'auth'"],
    ['hello 2 AUTH default x SETNAME', "-ERR Syntax error in HELLO option 'SETNAME'"],
    ['hello 2 setname "a b"', '-ERR Client names cannot contain spaces, newlines or special characters.'],
    ['hello 2 auth nobody x', WRONGPASS],
    ['hello 3 auth default x auth nobody y', WRONGPASS],
    ['client getname', '$-1'],
    ['reset x', "-ERR wrong number of arguments for 'reset' command"],
  ]);
  await server.close();
});

t.test('HELLO: options in any order, the last of each counts; it tells what was chosen', async (t) => {
  const server = await createServer();
  const described = (proto: number, id: number): string =>
    `${proto === 3 ? '%7' : '*14'}|$6|server|$5|redis|$7|version|$5|7.2.4|$5|proto|:${proto}|$2|id|:${id}|$4|mode|` +
    '$10|standalone|$4|role|$6|master|$7|modules|*0|';
  const ask = async (...input: string[]): Promise<string> =>
    (await raw(server.port, input.map((line) => `${line}\r\n`).join(''))).replaceAll('\r\n', '|');
  t.equal(await ask('hello', 'quit'), `${described(2, 1)}+OK|`);
  t.equal(await ask('hello 3', 'hello', 'get k', 'quit'), `${described(3, 2).repeat(2)}_|+OK|`);
  t.equal(await ask('hello 3 setname a setname b', 'client getname', 'quit'), `${described(3, 3)}$1|b|+OK|`);
  t.equal(await ask('hello 2 setname c auth default y', 'client getname', 'quit'), `${described(2, 4)}$1|c|+OK|`);
  t.equal(await ask('multi', 'hello 3', 'get k', 'exec', 'quit'), `+OK|+QUEUED|+QUEUED|*2|${described(3, 5)}_|+OK|`);
  await server.close();
});

t.test('before the login: what is known and well-formed is refused, the rest has its own error', async (t) => {
  const server = await createServer({ requirepass: 'pw' });
  const helloRefused =
    '-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option ' +
    'can be used to authenticate the client and select the RESP protocol version at the same time';
  await lines(t, server.port, [
    ['ping', NOAUTH],
    ['get k', NOAUTH],
    ['get', "-ERR wrong number of arguments for 'get' command"],
    ['nosuch', "-ERR unknown command 'nosuch', with args beginning with: "],
    ['client nosuch', "-ERR unknown subcommand 'nosuch'. Try CLIENT HELP."],
    ['client id', NOAUTH],
    ['multi', NOAUTH],
    ['auth', "-ERR wrong number of arguments for 'auth' command"],
    ['auth wrong', WRONGPASS],
    ['auth default wrong', WRONGPASS],
    ['auth nobody pw', WRONGPASS],
    ['hello', helloRefused],
    ['hello 3 setname x', helloRefused],
    ['hello 3 auth default wrong', WRONGPASS],
    ['hello 4', '-NOPROTO unsupported protocol version'],
    ['reset', '+RESET'],
    ['ping', NOAUTH],
    ['auth default pw', OK],
    ['ping', '+PONG'],
    ['auth wrong', WRONGPASS],
    ['ping', '+PONG'],
    ['reset', '+RESET'],
    ['ping', NOAUTH],
    ['auth pw', OK],
    ['ping', '+PONG'],
  ]);
  t.equal(server.stats.errors.get('NOAUTH'), 8);
  await server.close();
});

t.test('a HELLO that fails has done nothing, not even the part before its error (Redis 7.2)', async (t) => {
  const server = await createServer({ requirepass: 'pw' });
  await lines(t, server.port, [
    [
      'hello 2 auth default pw setname "a b"',
      '-ERR Client names cannot contain spaces, newlines or special characters.',
    ],
    ['ping', NOAUTH],
    ['auth pw', OK],
    ['hello 3 setname n foo', "-ERR Syntax error in HELLO option 'foo'"],
    ['client getname', '$-1'],
  ]);
  await server.close();
});

t.test('before the login requests must be small; what follows it in one write need not be', async (t) => {
  const server = await createServer({ requirepass: 'pw' });
  const { port } = server;
  const many = `*12\r\n$3\r\ndel\r\n${'$1\r\nk\r\n'.repeat(11)}`;
  const long = `*2\r\n$4\r\necho\r\n$20000\r\n${'x'.repeat(20_000)}\r\n`;
  const tooMany = '-ERR Protocol error: unauthenticated multibulk length\r\n';
  t.equal(await raw(port, '*11\r\n'), tooMany);
  t.equal(await raw(port, '*1\r\n$16385\r\n'), '-ERR Protocol error: unauthenticated bulk length\r\n');
  t.equal(await raw(port, `*10\r\n$3\r\ndel\r\n${'$1\r\nk\r\n'.repeat(9)}quit\r\n`), `${NOAUTH}\r\n+OK\r\n`);
  t.equal(await raw(port, `auth pw\r\n${many}quit\r\n`), '+OK\r\n:0\r\n+OK\r\n');
  t.equal((await raw(port, `auth pw\r\n${long}quit\r\n`)).length, 5 + 20_010 + 5);
  t.equal(await raw(port, `auth pw\r\nreset\r\n${many}`), `+OK\r\n+RESET\r\n${tooMany}`);
  await server.close();
});

t.test('proto-max-bulk-len holds as it is now; a muted client is not told of its protocol error', async (t) => {
  const server = await createServer();
  server.settings.protoMaxBulkLen = 1_000_000;
  t.equal(await raw(server.port, '*1\r\n$1000001\r\n'), '-ERR Protocol error: invalid bulk length\r\n');
  t.equal(await raw(server.port, 'client reply off\r\n*1\r\n$x\r\n'), '');
  t.equal(await raw(server.port, 'ping\r\nclient reply skip\r\nping\r\nping\r\nquit\r\n'), '+PONG\r\n+PONG\r\n+OK\r\n');
  await server.close();
});

t.test('QUIT and what follows it', async (t) => {
  const server = await createServer();
  t.equal(await raw(server.port, 'set k v\r\nquit now\r\nset k w\r\n'), '+OK\r\n+OK\r\n');
  t.equal(await raw(server.port, 'get k\r\nmulti\r\nquit\r\nget k\r\n'), '$1\r\nv\r\n+OK\r\n+OK\r\n');
  await server.close();
});
