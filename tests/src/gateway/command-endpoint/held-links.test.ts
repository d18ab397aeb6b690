/** What a client keeps between its requests: by name and user, for a time, within a bound, and gone with its connection. */
import t from 'tap';
import { Access } from '../../../../src/gateway/access.js';
import { HeldLinks } from '../../../../src/gateway/command-endpoint/held-links.js';
import { commandMap } from '../../../../src/gateway/commands.js';
import { LinkPool } from '../../../../src/gateway/link-pool.js';
import { settings } from '../../../../src/gateway/options.js';
import { Session } from '../../../../src/gateway/session.js';
import { createServer } from '../../../../src/index.js';

async function world(limit = 10) {
  const server = await createServer();
  const pool = new LinkPool(settings({ url: `redis://127.0.0.1:${server.port}` }).target, limit);
  const session = (db = 0): Session =>
    new Session(commandMap(), pool, new Access({}), { username: undefined, password: undefined, db }, () => () => {});
  const close = async (): Promise<void> => {
    pool.close();
    await server.close();
  };
  return { session, close };
}

const tick = (ms = 1): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < 2000 && !(await what()); i++) await tick();
  return what();
}

t.test('one for each name, user and database', async (t) => {
  const { session, close } = await world();
  const held = new HeldLinks<number>(60_000);
  let n = 0;
  const make = () => ++n;
  const [one, same] = await Promise.all([held.open(session(), 'a', make), held.open(session(), 'a', make)]);
  t.equal(one, same, 'also when both come at once');
  t.equal((await held.open(session(), 'b', make)).about, 2);
  t.equal((await held.open(session(1), 'a', make)).about, 3);
  t.equal(await held.find(session(1), 'b'), undefined);
  held.drop(session(), 'a');
  held.drop(session(), 'never');
  t.equal(await held.find(session(), 'a'), undefined);
  t.ok(one.link.closed);
  const release = held.take(session(), 'b');
  t.equal(await held.find(session(), 'b'), undefined, 'the name is free');
  release();
  held.close();
  t.equal(await held.find(session(1), 'a'), undefined);
  await close();
});

t.test('what nobody uses is closed', async (t) => {
  const { session, close } = await world();
  const held = new HeldLinks<null>(150);
  const { link } = await held.open(session(), 'a', () => null);
  for (let i = 0; i < 4; i++) {
    await tick(60);
    t.equal((await held.find(session(), 'a'))?.link, link, 'its time begins again');
  }
  t.ok(await until(() => link.closed));
  t.equal(await held.find(session(), 'a'), undefined);
  await close();
});

t.test('no more than the gateway lends', async (t) => {
  const { session, close } = await world(1);
  const held = new HeldLinks<null>(60_000);
  await held.open(session(), 'a', () => null);
  await t.rejects(
    held.open(session(), 'b', () => null),
    { code: 'BUSY' },
  );
  t.equal(await held.find(session(), 'b'), undefined, 'nothing is left of it');
  held.drop(session(), 'a');
  await held.open(session(), 'b', () => null);
  held.close();
  await close();
});

t.test('a connection that the server closes is told once', async (t) => {
  const { session, close } = await world();
  const held = new HeldLinks<null>(60_000);
  const { link } = await held.open(session(), 'a', () => null);
  const id = await link.call(['CLIENT', 'ID']);
  await session().run(['CLIENT', 'KILL', 'ID', String(id)]);
  t.ok(await until(() => link.closed));
  await t.rejects(held.find(session(), 'a'), { code: 'UNAVAILABLE' });
  t.equal(await held.find(session(), 'a'), undefined);
  await close();
});
