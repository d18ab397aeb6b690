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

/** The same, read. */
export type TlsOptions = Readonly<Pick<tls.ConnectionOptions, 'secureContext' | 'rejectUnauthorized' | 'servername'>>;

/**
 * Reads the files, once for all connections.
 * @throws Error on a file that cannot be read, on a certificate without its key or the reverse, on what is no certificate, key or cipher
 */
export function clientTls(given: ClientTls): TlsOptions {
  const { cacert, cacertdir, cert, key, insecure, sni, ciphers, ciphersuites } = given;
  if ((cert === undefined) !== (key === undefined)) throw new Error('A client certificate and its key belong together');
  const trusted = [...(cacert === undefined ? [] : [read(cacert)]), ...(cacertdir === undefined ? [] : all(cacertdir))];
  const secureContext = tls.createSecureContext({
    ...(trusted.length > 0 ? { ca: trusted } : {}),
    ...(cert === undefined ? {} : { cert: read(cert), key: read(key!) }),
    ...(ciphers === undefined && ciphersuites === undefined ? {} : { ciphers: cipherList(ciphers, ciphersuites) }),
  });
  return {
    secureContext,
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
    ...(sni === undefined ? {} : { servername: sni }),
  };
}

/** Connects; `secureConnect` tells when that is done. A server is asked by its name, and no address is one (RFC 6066, 3). */
export function connectTls(
  where: { host: string; port: number } | { path: string },
  options: TlsOptions,
): tls.TLSSocket {
  const name = 'host' in where && net.isIP(where.host) === 0 ? { servername: where.host } : {};
  return tls.connect({ ...where, ...name, ...options });
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
