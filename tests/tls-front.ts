/** A TLS endpoint in front of a server, and certificates for it, which openssl makes for each test. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';

export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

/** Files. */
export interface Certificates {
  readonly ca: string;
  /** Of `localhost`, `synap.test` and 127.0.0.1. */
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** An authority that has signed nothing. */
  readonly otherCa: string;
}

/** @param directory where they are written, and nothing else is */
export function certificates(directory: string): Certificates {
  const file = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = (name: string): void =>
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.crt`),
    );
  const signed = (name: string, names: string): void => {
    openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`));
    writeFileSync(file(`${name}.ext`), `subjectAltName=${names}\n`);
    const by = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl(
      'x509',
      '-req',
      '-in',
      file(`${name}.csr`),
      ...by,
      '-extfile',
      file(`${name}.ext`),
      '-out',
      file(`${name}.crt`),
    );
  };
  authority('ca');
  authority('other');
  signed('server', 'DNS:localhost,DNS:synap.test,IP:127.0.0.1');
  signed('client', 'DNS:client.test');
  return {
    ca: file('ca.crt'),
    cert: file('server.crt'),
    key: file('server.key'),
    clientCert: file('client.crt'),
    clientKey: file('client.key'),
    otherCa: file('other.crt'),
  };
}

export interface TlsFront {
  readonly port: number;
  /** The name that the last client has asked for; false when for none, null when there was no client. */
  readonly asked: () => string | false | null;
  close(): Promise<void>;
}

/** Passes on what comes to the server at `port`. @param demands whether clients must have a certificate of the authority */
export async function tlsFront(port: number, files: Certificates, demands = false): Promise<TlsFront> {
  let asked: string | false | null = null;
  const sockets = new Set<net.Socket>();
  const server = tls.createServer(
    {
      ca: readFileSync(files.ca),
      cert: readFileSync(files.cert),
      key: readFileSync(files.key),
      requestCert: demands,
      rejectUnauthorized: demands,
    },
    (socket) => {
      asked = socket.servername;
      const plain = net.connect(port, '127.0.0.1');
      for (const one of [socket, plain]) {
        sockets.add(one);
        one.on('error', () => {});
      }
      socket.pipe(plain).pipe(socket);
    },
  );
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    asked: () => asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
