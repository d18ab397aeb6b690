/**
 * TLS as a client of a server has it: synap-cli's options and the gateway's `rediss://`. The names are redis-cli's. Unlike redis-cli the
 * certificate must not only be trusted but be that of the server: of `sni` where it is given, else of the host that is connected to.
 */
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { systemReason } from './system-error.js';

/** What one can be told. Files are PEM. */
export interface ClientTls {
  /** Certificates of authorities that are trusted, in place of the system's. */
  readonly cacert?: string;
  /** A directory of such files. */
  readonly cacertdir?: string;
  /** The client's own certificate, and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** Trusts any certificate. */
  readonly insecure?: boolean;
  /** The name that the server is asked by, and that its certificate must have. Default: the host, unless that is an address. */
  readonly sni?: string;
  /** OpenSSL's lists: of TLS 1.2 and before, and of TLS 1.3. */
  readonly ciphers?: string;
  readonly ciphersuites?: string;
}

/** What tls.connect takes, but for where. */
export type TlsOptions = Readonly<tls.ConnectionOptions>;

/**
 * Reads the files.
 * @param host that is connected to; empty for a Unix socket
 * @throws Error on a file that cannot be read, on a certificate without its key or the reverse, on what is no certificate, key or cipher
 */
export function clientTls(given: ClientTls, host: string): TlsOptions {
  const { cacert, cacertdir, cert, key, insecure, sni, ciphers, ciphersuites } = given;
  if ((cert === undefined) !== (key === undefined)) throw new Error('A client certificate and its key belong together');
  const trusted = [...(cacert === undefined ? [] : [read(cacert)]), ...(cacertdir === undefined ? [] : all(cacertdir))];
  const name = sni ?? (net.isIP(host) === 0 ? host : '');
  const options: tls.ConnectionOptions = {
    ...(trusted.length > 0 ? { ca: trusted } : {}),
    ...(cert === undefined ? {} : { cert: read(cert), key: read(key!) }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
    ...(name === '' ? {} : { servername: name }),
    ...(ciphers === undefined && ciphersuites === undefined ? {} : { ciphers: cipherList(ciphers, ciphersuites) }),
  };
  // What is no certificate or key is told now, not when the first connection is made, and read once.
  return { ...options, secureContext: tls.createSecureContext(options) };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (e) {
    throw new Error(`Cannot read ${file}: ${systemReason(e)}`);
  }
}

function all(directory: string): Buffer[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (e) {
    throw new Error(`Cannot read ${directory}: ${systemReason(e)}`);
  }
  const files = names.filter((name) => /\.(pem|crt|cer|\d+)$/.test(name)).map((name) => read(join(directory, name)));
  if (files.length === 0) throw new Error(`There are no certificates in ${directory}`);
  return files;
}

/** Node has one list for both; what is not said stays as it is. */
function cipherList(ciphers: string | undefined, suites: string | undefined): string {
  const usual = tls.DEFAULT_CIPHERS.split(':');
  const ofTls13 = (name: string): boolean => name.startsWith('TLS_');
  return [suites ?? usual.filter(ofTls13).join(':'), ciphers ?? usual.filter((name) => !ofTls13(name)).join(':')].join(
    ':',
  );
}
