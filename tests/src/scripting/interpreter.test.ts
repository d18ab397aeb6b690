/** The interpreter as a part of the server: it comes when it is needed, may break, and leaves nothing behind on Lua's stack. */
import net from 'node:net';
import t from 'tap';
import { NO_INTERPRETER } from '../../../commands/gates.js';
import { createServer, type SynapServer } from '../../../src/index.js';
import { Interpreter } from '../../../src/scripting/interpreter.js';
import { RawClient } from './raw-client.js';

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
/** Lua's C code, and the JavaScript stack, are too deep for this pattern. */
const BREAKS = "return string.find(string.rep('a', 300000), string.rep('a?', 300000) .. 'b')";

function interpreterOf(server: SynapServer): Interpreter {
  return (server.scripting as unknown as { interpreter: Interpreter }).interpreter;
}

t.test('a server that sees no script has no interpreter', async (t) => {
  const server = await createServer();
  const c = await RawClient.connect(server.port);
  t.equal(await c.ask('EVALSHA', 'short', 0), '-NOSCRIPT No matching script. Please use EVAL.');
  t.notOk(server.gates & NO_INTERPRETER, 'which even a command that needs none of it has loaded');
  await c.ask('SCRIPT', 'FLUSH');
  await server.close();
  const other = await createServer();
  const d = await RawClient.connect(other.port);
  t.same(await d.ask('SCRIPT', 'EXISTS', 'x'), [0]);
  await d.ask('MULTI');
  await d.ask('SET', 'k', 1);
  t.same(await d.ask('EXEC'), ['OK'], 'an EXEC without a script runs at once');
  t.equal(other.scripting.interpreterBytes, 0);
  t.ok(other.gates & NO_INTERPRETER);
  t.match(await d.ask('INFO', 'memory'), /used_memory_vm_eval:0\r\n[\s\S]*number_of_cached_scripts:0\r\n/);
  t.equal(await d.ask('EVAL', 'return 7', 0), 7);
  t.ok(other.scripting.interpreterBytes > 0);
  t.match(await d.ask('INFO', 'memory'), /number_of_cached_scripts:1\r\n/);
  d.close();
  await other.close();
});

t.test('the first commands that need it wait for it, in their order', async (t) => {
  const server = await createServer();
  const c = await RawClient.connect(server.port);
  const d = await RawClient.connect(server.port);
  const gone = net.connect(server.port, '127.0.0.1', () => gone.write('eval "return 1" 0\r\n'));
  const answers = [
    c.ask('EVAL', "return redis.call('INCR', 'n')", 0),
    c.ask('GET', 'n'),
    d.ask('MULTI'),
    d.ask('INCR', 'm'),
    d.ask('EVAL', "return redis.call('INCR', 'm')", 0),
    d.ask('EXEC'),
    d.ask('SCRIPT', 'LOAD', 'return 2'),
  ];
  while (server.scripting.interpreterBytes === 0) {
    gone.destroy();
    await tick();
  }
  t.same(await Promise.all(answers), [
    1,
    '1',
    'OK',
    'QUEUED',
    'QUEUED',
    [1, 2],
    '7f923f79fe76194c868d7e1d0820de36700eb649',
  ]);
  c.close();
  d.close();
  await server.close();
});

t.test('a server that closes while it loads', async (t) => {
  const server = await createServer();
  const c = await RawClient.connect(server.port);
  const answer = c.ask('EVAL', 'return 1', 0);
  while (server.clients.size === 0) await tick();
  await server.close();
  t.equal(await answer, 'closed');
});

t.test('without an interpreter commands are refused, and the next one tries again', async (t) => {
  const lines: string[] = [];
  const server = await createServer({ write: (line) => lines.push(line) });
  const c = await RawClient.connect(server.port);
  const { load, renew } = Interpreter;
  const missing = new Error('no such file');
  Object.assign(Interpreter, {
    load: () => Promise.reject(missing),
    renew: () => {
      throw missing;
    },
  });
  t.same(await Promise.all([c.ask('EVAL', 'return 1', 0), c.ask('SCRIPT', 'LOAD', 'return 1'), c.ask('PING')]), [
    '-ERR scripts cannot run: the interpreter could not be loaded',
    '-ERR scripts cannot run: the interpreter could not be loaded',
    'PONG',
  ]);
  t.ok(lines.some((line) => line.includes('The interpreter of scripts cannot be loaded: Error: no such file')));
  Object.assign(Interpreter, { load, renew });
  t.equal(await c.ask('EVAL', 'return 1', 0), 1);
  c.close();
  await server.close();
});

t.test('an interpreter that breaks is replaced, and the cache stays', async (t) => {
  const lines: string[] = [];
  const server = await createServer({ write: (line) => lines.push(line) });
  const c = await RawClient.connect(server.port);
  const sha = await c.ask('SCRIPT', 'LOAD', 'return KEYS[1]');
  const first = interpreterOf(server);
  t.equal(await c.ask('EVAL', BREAKS, 0), '-ERR the script broke its interpreter, which is replaced');
  t.match(lines.at(-1), /has broken its interpreter: RangeError/);
  t.equal(await c.ask('EVALSHA', String(sha), 1, 'k'), 'k');
  t.not(interpreterOf(server), first);
  await c.ask('MULTI');
  await c.ask('EVAL', BREAKS, 0);
  await c.ask('EVAL', 'return 1', 0);
  await c.ask('SET', 'k', 'v');
  t.same(
    await c.ask('EXEC'),
    ['-ERR the script broke its interpreter, which is replaced', 1, 'OK'],
    'the next one is there at once',
  );
  t.equal(await c.ask('EVAL', 'return 1', 0), 1);
  t.match(await c.ask('INFO', 'commandstats'), /cmdstat_eval:calls=4,[^\r]*failed_calls=2/);
  c.close();
  await server.close();
});

t.test('an interpreter that has grown is given up after the script', async (t) => {
  const server = await createServer();
  const c = await RawClient.connect(server.port);
  const sha = await c.ask('SCRIPT', 'LOAD', 'return KEYS[1]');
  t.equal(await c.ask('EVAL', "math.randomseed(1) return #string.rep('x', 2e8)", 0), 2e8);
  t.equal(server.scripting.interpreterBytes, 0);
  await c.ask('MULTI');
  await c.ask('EVAL', "return #string.rep('x', 2e8)", 0);
  await c.ask('SCRIPT', 'FLUSH');
  await c.ask('EVAL', 'return math.random(1000000)', 0);
  t.same(await c.ask('EXEC'), [2e8, 'OK', 41631], 'what is drawn by chance goes on');
  t.equal(await c.ask('EVALSHA', String(sha), 1, 'k'), '-NOSCRIPT No matching script. Please use EVAL.');
  t.ok(server.scripting.interpreterBytes > 0);
  c.close();
  await server.close();
});

t.test('pathological scripts end in an error', async (t) => {
  const server = await createServer();
  const c = await RawClient.connect(server.port);
  const rows: [script: string, answer: RegExp | number][] = [
    ['local function f() return pcall(f) end return f()', 1],
    ['local function f() return f() + 1 end return f()', /^-ERR user_script:1: stack overflow script: /],
    ['local function f() return coroutine.wrap(f)() end return f()', /^-ERR /],
    ["local s = string.rep('x', 1e8) while true do s = s .. s end", /^-ERR not enough memory/],
    ["return redis.call(unpack({'SADD', 'k', 'a', {}}))", /^-ERR Lua redis lib command arguments must be/],
    ['error({code = 1})', /^-ERR unknown error script: [0-9a-f]{40}, on @user_script:1\.$/],
    ['return setmetatable({}, {__index = function() error("x") end})', /^$/],
  ];
  for (const [script, answer] of rows) {
    const got = await c.ask('EVAL', script, 0);
    if (typeof answer === 'number') t.equal(got, answer, script);
    else t.match(String(got), answer, script);
    t.equal(await c.ask('EVAL', 'return 5', 0), 5, 'and the next one runs');
  }
  c.close();
  await server.close();
});

t.test('100,000 calls of each kind leave the stack as it was', async (t) => {
  const server = await createServer();
  const c = await RawClient.connect(server.port);
  await c.ask('RPUSH', 'list', 'a', 'b', 'c');
  await c.ask('EVAL', 'return 1', 0);
  const { lua, thread } = interpreterOf(server);
  const top = lua.raw._lua_gettop(lua.main);
  const bytes = lua.raw.HEAPU8.length;
  const scripts = [
    "return redis.call('LRANGE', KEYS[1], 0, -1)",
    'return {1, {2, ARGV[1]}, {err = "E x"}, {double = 1.5}, {map = {a = 1}}}',
    'return nil',
    "return redis.call('LPUSH', KEYS[1])",
    "return {pcall(function() return redis.call('INCR', KEYS[1]) end)}",
  ];
  for (const script of scripts) {
    const first = await c.ask('EVAL', script, 1, 'list', 'x');
    let last: unknown;
    for (let i = 0; i < 20; i++) {
      const all: Promise<unknown>[] = [];
      for (let k = 0; k < 1000; k++) all.push(c.ask('EVAL', script, 1, 'list', 'x'));
      last = (await Promise.all(all)).at(-1);
    }
    t.same(last, first, script);
  }
  t.equal(lua.raw._lua_gettop(lua.main), top);
  t.equal(lua.raw._lua_gettop(interpreterOf(server).thread), 0);
  t.ok(thread > 0);
  t.equal(lua.raw.HEAPU8.length, bytes, 'no memory was needed');
  c.close();
  await server.close();
});
