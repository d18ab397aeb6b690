/** The gateway before a server that speaks TLS. */
import { spawn } from 'node:child_process';
import t from 'tap';
import { startGateway } from '../../../src/gateway/gateway.js';
import type { GatewayOptions } from '../../../src/gateway/options.js';
import { createServer } from '../../../src/index.js';
import { certificates, HAS_OPENSSL, tlsFront } from '../../tls-front.js';

const PROGRAM = new URL('../../../bin/synap-gateway.js', import.meta.url).pathname;

t.test('rediss://', { skip: HAS_OPENSSL ? false : 'openssl is not installed' }, async (t) => {
  const files = certificates(t.testdir());
  const server = await createServer({ requirepass: 'pw' });
  const front = await tlsFront(server.port, files);
  const strict = await tlsFront(server.port, files, true);
  /** What a gateway answers to a request. */
  const asked = async (port: number, tls?: GatewayOptions['tls'], host = '127.0.0.1'): Promise<[number, string]> => {
    const url = `rediss://:pw@${host}:${port}`;
    const gateway = await startGateway({ url, port: 0, anonymous: true, ...(tls === undefined ? {} : { tls }) });
    const response = await fetch(`http://127.0.0.1:${gateway.port}/api/v1/connection/ping`, { method: 'POST' });
    const answer = [response.status, await response.text()] as [number, string];
    await gateway.close();
    return answer;
  };
  const fine = [200, '{"result":"PONG"}'];
  const own = { cert: files.clientCert, key: files.clientKey };
  t.same(await asked(front.port, { cacert: files.ca }), fine);
  t.equal(front.asked(), false);
  t.same(await asked(front.port, { cacert: files.ca }, 'localhost'), fine);
  t.equal(front.asked(), 'localhost');
  t.same(await asked(front.port, { cacert: files.ca, sni: 'synap.test' }), fine);
  t.equal(front.asked(), 'synap.test');
  t.same(await asked(front.port, { insecure: true }), fine);
  t.same(await asked(strict.port, { cacert: files.ca, ...own }), fine);
  for (const [port, tls] of [
    [front.port, undefined],
    [front.port, { cacert: files.otherCa }],
    [front.port, { cacert: files.ca, sni: 'elsewhere.test' }],
    [strict.port, { cacert: files.ca }],
  ] as const)
    t.match(await asked(port, tls), [502, /"code":"UNAVAILABLE"/], JSON.stringify(tls));
  await t.rejects(startGateway({ url: 'rediss://x', tls: { cacert: '/nonexistent' } }), { code: 'ERR' });
  await t.rejects(startGateway({ url: 'redis://x', tls: { insecure: true } }), { message: /TLS needs rediss:/ });

  // The program, by its options.
  const args = ['--url', `rediss://:pw@127.0.0.1:${strict.port}`, '--port', '0', '--cacert', files.ca];
  const child = spawn(process.execPath, [PROGRAM, ...args, '--cert', own.cert, '--key', own.key]);
  const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  const url = /http:\S+/.exec(line)![0];
  const response = await fetch(`${url}/api/v1/connection/ping`, {
    method: 'POST',
    headers: { authorization: 'Bearer pw' },
  });
  t.same([response.status, await response.text()], fine);
  child.kill();
  await new Promise((resolve) => child.once('close', resolve));
  await Promise.all([front.close(), strict.close()]);
  await server.close();
});
