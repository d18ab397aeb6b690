/** Transactions of users of a real redis-server that may not call MULTI, or EXEC: nothing runs, and nothing is left for the next one. */
import { spawn, spawnSync } from 'node:child_process';
import t from 'tap';
import { Access } from '../../../src/gateway/access.js';
import { commandMap } from '../../../src/gateway/commands.js';
import { Failure } from '../../../src/gateway/failure.js';
import { LinkPool } from '../../../src/gateway/link-pool.js';
import { settings } from '../../../src/gateway/options.js';
import { Session } from '../../../src/gateway/session.js';
import { freePort } from '../../free-port.js';

const installed = spawnSync('redis-server', ['--version']).status === 0;

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (e) => (e instanceof Failure ? e.code : String(e)),
  );
}

t.test('a refused transaction', { skip: installed ? false : 'redis-server is not installed' }, async (t) => {
  const port = await freePort();
  const options = ['--port', String(port), '--save', '', '--dir', t.testdir(), '--bind', '127.0.0.1'];
  const redis = spawn('redis-server', options, { stdio: 'ignore' });
  const pool = new LinkPool(settings({ url: `redis://127.0.0.1:${port}` }).target, 10);
  const commands = commandMap();
  const session = (username?: string, password?: string): Session =>
    new Session(commands, pool, new Access({}), { username, password, db: 0 }, () => () => {});
  while ((await code(session().run(['PING']))) !== 'none');
  // ACL is no command of the table.
  const operator = new Session(commands, pool, new Access({}), { db: 0 }, () => () => {}, { foreign: true });
  for (const name of ['multi', 'exec'])
    await operator.run(['ACL', 'SETUSER', `no-${name}`, 'on', '>secret', '~*', '+@all', `-${name}`]);
  const refusals = [
    ['multi', 'NOPERM'],
    ['exec', 'EXECABORT'],
  ] as const;
  for (const [name, refusal] of refusals) {
    const user = (): Session => session(`no-${name}`, 'secret');
    t.equal(await code(user().transaction([['SET', 'k', name]])), refusal);
    t.equal(await session().run(['GET', 'k']), null, `without ${name} nothing has run`);
    const taken = user().call(['BLPOP', 'list', '1']);
    await session().run(['RPUSH', 'list', 'item']);
    t.same(
      (await taken) as Uint8Array[],
      ['list', 'item'].map((text) => Buffer.from(text)),
      'the next one gets its own reply',
    );
  }
  await operator.run(['ACL', 'SETUSER', 'no-exec', '+exec']);
  t.same(await session('no-exec', 'secret').transaction([['DBSIZE']]), [0]);
  pool.close();
  redis.kill();
});
