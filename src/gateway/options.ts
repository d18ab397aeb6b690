/** What a gateway can be told, with its defaults. Times are ms, sizes bytes. */
import { type ClientTls, clientTls, type TlsOptions } from '../client-tls.js';
import type { Limits } from './access.js';
import { Failure } from './failure.js';
import type { Target } from './link.js';

export interface GatewayOptions extends Limits {
  /** The server: `redis://[user:password@]host:port[/db]`, `rediss://` for TLS, `unix:///path`. Default `redis://127.0.0.1:6379`. */
  readonly url?: string;
  /** Of `rediss://`: what is trusted, and the gateway's own certificate. The login of requests stays what it is. */
  readonly tls?: ClientTls;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 15500; 0: any. */
  readonly port?: number;
  /** Requests without a login use that of the URL. Default: only when the URL has none. */
  readonly anonymous?: boolean;
  /** Names that the Host header may have beside loopback names and `host`. */
  readonly allowHosts?: readonly string[];
  /** Origins of other pages whose scripts may call. */
  readonly allowOrigins?: readonly string[];
  /** The longest body. Default 16 MiB. */
  readonly bodyLimit?: number;
  /** The most commands in one pipeline, batch or transaction. Default 1000. */
  readonly batchLimit?: number;
  /** Requests a minute for each address; 0: no limit (the default). */
  readonly rateLimit?: number;
  /** Requests at one time that wait or listen (blocking commands, transactions, subscriptions). Default 1000. */
  readonly waitingLimit?: number;
  /** Between two signs of life on a WebSocket or event stream; who takes nothing for so long is closed. Default 25000. */
  readonly heartbeat?: number;
  /** Bytes that may wait for a reader of a WebSocket or event stream; at a quarter its source is stopped. Default 4 MiB. */
  readonly backlogLimit?: number;
}

export type Settings = Required<Omit<GatewayOptions, 'families' | 'prefixes' | 'url' | 'tls'>> &
  Limits & { readonly target: Target };

const MiB = 1024 * 1024;

/**
 * @returns `options` with every default
 * @throws Failure ERR on a URL that is none, or on files of TLS that will not do
 */
export function settings(options: GatewayOptions): Settings {
  const target = targetOf(options.url ?? 'redis://127.0.0.1:6379', options.tls);
  return {
    target,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 15500,
    anonymous: options.anonymous ?? target.password === undefined,
    allowHosts: options.allowHosts ?? [],
    allowOrigins: options.allowOrigins ?? [],
    bodyLimit: options.bodyLimit ?? 16 * MiB,
    batchLimit: options.batchLimit ?? 1000,
    rateLimit: options.rateLimit ?? 0,
    waitingLimit: options.waitingLimit ?? 1000,
    heartbeat: options.heartbeat ?? 25_000,
    backlogLimit: options.backlogLimit ?? 4 * MiB,
    readOnly: options.readOnly ?? false,
    ...(options.families === undefined ? {} : { families: options.families }),
    ...(options.prefixes === undefined ? {} : { prefixes: options.prefixes }),
  };
}

function targetOf(text: string, given: ClientTls | undefined): Target {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Failure('ERR', `not a URL: ${text}`);
  }
  if (!['redis:', 'rediss:', 'unix:'].includes(url.protocol))
    throw new Failure('ERR', `not a URL of a server: ${text}`);
  const login = {
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  };
  if (given !== undefined && url.protocol !== 'rediss:') throw new Failure('ERR', `TLS needs rediss://, not ${text}`);
  if (url.protocol === 'unix:') return { host: '', port: 0, path: url.pathname, db: 0, ...login };
  const db = url.pathname.length > 1 ? Number(url.pathname.slice(1)) : 0;
  if (!Number.isInteger(db) || db < 0) throw new Failure('ERR', `not a database: ${url.pathname.slice(1)}`);
  const host = url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1';
  const plain = { host, port: Number(url.port || 6379), db, ...login };
  return url.protocol === 'rediss:' ? { ...plain, tls: tlsOf(given ?? {}) } : plain;
}

function tlsOf(given: ClientTls): TlsOptions {
  try {
    return clientTls(given);
  } catch (e) {
    throw new Failure('ERR', (e as Error).message);
  }
}
