/**
 * Listeners: the sockets that the server accepts on: TCP on every address of `bind` (a leading `-` allows an address to be
 * missing), and a Unix socket. Admits or turns away who connects.
 */
import { chmodSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import type { SynapServer } from '../server.js';
import { systemReason } from '../system-error.js';
import { accept } from './accept.js';

/** Redis's text (7.0), its slip of the pen included: it is a reply, and clients look for it. */
const PROTECTED =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the ' +
  'default user. In this mode connections are only accepted from the loopback interface. If you want to connect ' +
  'from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected ' +
  "mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis " +
  'from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet ' +
  'if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the ' +
  "protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and " +
  'then restarting the server. 3) If you started the server manually just for testing, restart it with the ' +
  "'--protected-mode no' option. 4) Setup a an authentication password for the default user. NOTE: You only " +
  'need to do one of the above things in order for the server to start accepting connections from the outside.\r\n';

export class Listeners {
  private readonly server: SynapServer;
  private readonly open_: net.Server[] = [];

  constructor(server: SynapServer) {
    this.server = server;
  }

  /** Opens everything that the settings name. @throws the first error; nothing stays open then */
  async open(): Promise<void> {
    const { settings } = this.server;
    try {
      if (settings.port >= 0 && !settings.noTcp) await this.openTcp();
      if (settings.unixsocket !== '') await this.openUnix(settings.unixsocket, settings.unixsocketperm);
    } catch (e) {
      await this.close();
      throw e;
    }
  }

  private async openTcp(): Promise<void> {
    const { settings } = this.server;
    let port = settings.port;
    for (const address of settings.bind) {
      const optional = address.startsWith('-');
      const host = optional ? address.slice(1) : address;
      try {
        const options = {
          port,
          backlog: settings.tcpBacklog,
          host: host === '*' ? '0.0.0.0' : host === '::*' ? '::' : host,
          ipv6Only: true, // as Redis: `*` is all of IPv4, `::*` all of IPv6
        };
        const listener = await this.listen(options, 'tcp', '');
        if (port === 0) port = (listener.address() as net.AddressInfo).port;
      } catch (e) {
        const code = (e as NodeJS.ErrnoException).code;
        if (optional && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue;
        this.server.log.warning(
          `Warning: Could not create server TCP listening socket ${host}:${port}: bind: ${systemReason(e)}`,
        );
        throw e;
      }
    }
  }

  private async openUnix(path: string, permissions: number): Promise<void> {
    try {
      unlinkSync(path);
    } catch {
      // Nothing stood there.
    }
    await this.listen({ path }, 'unix', path);
    if (permissions !== 0) chmodSync(path, permissions);
  }

  private listen(options: net.ListenOptions, kind: 'tcp' | 'unix', path: string): Promise<net.Server> {
    const listener = net.createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
      this.admit(socket, kind, path),
    );
    return new Promise((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(options, () => {
        listener.off('error', reject);
        listener.on('error', (e) => this.server.log.warning(`Accepting client connection: ${e.message}`));
        this.open_.push(listener);
        resolve(listener);
      });
    });
  }

  private admit(socket: net.Socket, kind: 'tcp' | 'unix', path: string): void {
    const { server } = this;
    const { settings } = server;
    if (server.clients.size >= settings.maxclients) {
      server.stats.rejectedConnections++;
      return turnAway(socket, '-ERR max number of clients reached\r\n');
    }
    if (kind === 'tcp' && settings.protectedMode && settings.requirepass === '' && !isLoopback(socket.remoteAddress)) {
      server.stats.rejectedConnections++;
      return turnAway(socket, PROTECTED);
    }
    if (settings.tcpKeepalive > 0) socket.setKeepAlive(true, settings.tcpKeepalive * 1000);
    server.connected(accept(server, socket, kind, path));
  }

  /** How many sockets are listened on. */
  get size(): number {
    return this.open_.length;
  }

  tcpAddress(): net.AddressInfo | undefined {
    for (const listener of this.open_) {
      const address = listener.address();
      if (address !== null && typeof address === 'object') return address;
    }
    return undefined;
  }

  async close(): Promise<void> {
    const closing = this.open_.map((listener) => new Promise((resolve) => listener.close(resolve)));
    this.open_.length = 0;
    await Promise.all(closing);
  }
}

function turnAway(socket: net.Socket, message: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(message, 'latin1', () => socket.destroySoon());
}

function isLoopback(address: string | undefined): boolean {
  return address === undefined || address === '::1' || /^(::ffff:)?127\./.test(address);
}
