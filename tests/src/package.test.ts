/** The package as it is delivered, by the names of package.json: what `import 'synap'` gives, what its program says. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import t from 'tap';
import { VERSION } from '../../src/version.js';

const ROOT = new URL('../../../', import.meta.url);
const description = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));

t.test('the version is the one that package.json states', async (t) => {
  t.equal(VERSION, description.version);
});

t.test('importing the package gives a server that works', async (t) => {
  const file = createRequire(import.meta.url).resolve('synap');
  t.equal(file, new URL(description.exports['.'].default, ROOT).pathname);
  const { createServer } = (await import(file)) as typeof import('../../src/index.js');
  const server = await createServer();
  const client = new Redis(server.port);
  t.equal(await client.set('key', 'value'), 'OK');
  t.match(await client.info('server'), `synap_version:${VERSION}\r\n`);
  client.disconnect();
  await server.close();
  t.ok(existsSync(new URL(description.types, ROOT)), 'its types are there');
});

t.test('its program runs', async (t) => {
  const program = new URL(description.bin.synap, ROOT).pathname;
  const { status, stdout } = spawnSync(process.execPath, [program, '--version'], { encoding: 'utf8' });
  t.equal(status, 0);
  t.match(stdout, VERSION);
});
