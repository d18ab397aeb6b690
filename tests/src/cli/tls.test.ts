/** synap-cli over TLS: what is trusted and what is not, own certificates, names; the same as redis-cli does where that can be told. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { createServer } from '../../../src/index.js';
import { certificates, HAS_OPENSSL, tlsFront } from '../../tls-front.js';
import { HAS_REDIS_CLI, redisCli, synapCli } from './started.js';

t.test('over TLS', { skip: HAS_OPENSSL ? false : 'openssl is not installed' }, async (t) => {
  const directory = t.testdir();
  const files = certificates(directory);
  const server = await createServer();
  const front = await tlsFront(server.port, files);
  const strict = await tlsFront(server.port, files, true);
  const run = (port: number, ...args: string[]) => synapCli(['-p', String(port), '--tls', ...args, 'ping']);
  const own = ['--cert', files.clientCert, '--key', files.clientKey];
  const cacert = ['--cacert', files.ca];
  const authorities = join(directory, 'authorities');
  mkdirSync(authorities);
  copyFileSync(files.ca, join(authorities, 'ca.pem'));
  const noKey = join(directory, 'no-key.pem');
  writeFileSync(noKey, 'nothing\n');
  const fine = { out: 'PONG\n', err: '', code: 0 };
  const failed = /^Could not connect to Redis at 127\.0\.0\.1:\d+: SSL_connect failed: certificate verify failed/;

  t.same(await run(front.port, ...cacert), fine);
  t.equal(front.asked(), false, 'an address is no name to ask by');
  t.same(await run(front.port, '--cacertdir', authorities), fine);
  t.same(await run(front.port, '--insecure'), fine);
  t.same(await run(front.port, ...cacert, '--sni', 'synap.test'), fine);
  t.equal(front.asked(), 'synap.test');
  t.same(await run(front.port, ...cacert, '--tls-ciphersuites', 'TLS_AES_128_GCM_SHA256'), fine);
  t.same(await synapCli(['-h', 'localhost', '-p', String(front.port), '--tls', ...cacert, 'ping']), fine);
  t.equal(front.asked(), 'localhost');
  t.same(await synapCli(['-u', `rediss://127.0.0.1:${front.port}/3`, ...cacert, 'set', 'k', 'v']), {
    ...fine,
    out: 'OK\n',
  });
  t.same(await synapCli(['-p', String(server.port), '-n', '3', 'get', 'k']), { ...fine, out: 'v\n' });

  const lines = `ping\nconnect localhost ${front.port}\nping\n`;
  t.same(await synapCli(['-p', String(strict.port), '--tls', ...cacert, ...own], lines), {
    ...fine,
    out: 'PONG\nPONG\n',
  });
  t.equal(front.asked(), 'localhost', 'another server is asked by its own name');

  for (const wrong of [[], ['--cacert', files.otherCa], [...cacert, '--sni', 'elsewhere.test']])
    t.match(await run(front.port, ...wrong), { out: '', err: failed, code: 1 }, wrong.join(' '));
  t.same(await run(strict.port, ...cacert, ...own), fine, 'with a certificate of its own');
  t.match(await run(strict.port, ...cacert), { out: '', err: /certificate required|closed/i, code: 1 });
  const plain = net.createServer((socket) => socket.on('error', () => {}).end('-ERR what is that?\r\n'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  t.match(
    await run((plain.address() as net.AddressInfo).port, '--insecure'),
    { out: '', err: /SSL_connect failed: /, code: 1 },
    'a server without TLS',
  );
  plain.close();
  t.match(await run(1, '--insecure'), {
    err: 'Could not connect to Redis at 127.0.0.1:1: Connection refused\n',
    code: 1,
  });
  for (const [args, message] of [
    [['--cacert', '/nonexistent'], 'Cannot read /nonexistent: No such file or directory\n'],
    [['--cacertdir', join(directory, 'ca.crt')], `Cannot read ${join(directory, 'ca.crt')}: Not a directory\n`],
    [['--cert', files.clientCert], 'A client certificate and its key belong together\n'],
    [['--cert', files.clientCert, '--key', noKey], /./],
    [['--tls-ciphers', 'nosuch'], /cipher/i],
  ] as const)
    t.match(await run(front.port, ...args), { out: '', err: message, code: 1 }, args.join(' '));
  t.match(await synapCli([...cacert, 'ping']), { err: 'certificates, names and ciphers belong to --tls\n', code: 1 });

  if (HAS_REDIS_CLI)
    for (const args of [cacert, ['--insecure'], [...cacert, ...own], ['--cacert', files.otherCa], []])
      for (const port of [front.port, strict.port]) {
        const line = ['-p', String(port), '--tls', ...args, 'ping'];
        const [ours, real] = await Promise.all([synapCli(line), redisCli(line)]);
        t.same([ours.out, ours.code], [real.out, real.code], line.join(' '));
        if (failed.test(real.err)) t.match(ours.err, failed);
      }
  await Promise.all([front.close(), strict.close()]);
  await server.close();
});
