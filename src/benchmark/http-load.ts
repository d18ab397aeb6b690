/**
 * HTTP load of connections that stay: each sends a request, waits for its answer, sends the next. Over plain sockets, so that the client
 * costs little beside the server. Next: gateway.ts.
 */
import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/** The bytes of a request. @param body JSON; undefined: GET */
export function requestOf(path: string, body: string | undefined): string {
  const head = `${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** One connection. Counts answers; anything but a 200 rejects. */
class Caller {
  answers = 0;
  private stopped = false;
  private rest: Buffer = Buffer.alloc(0);

  constructor(
    private readonly socket: Socket,
    private readonly next: () => string,
    private readonly failed: (error: Error) => void,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', failed);
    socket.write(next());
  }

  stop(): void {
    this.stopped = true;
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    if (this.stopped) return;
    const all = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const end = all.indexOf(HEAD_END);
    const head = all.toString('latin1', 0, Math.max(end, 0));
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (end < 0 || all.length < end + 4 + length) {
      this.rest = all;
      return;
    }
    if (!head.startsWith('HTTP/1.1 200')) return this.failed(new Error(`an answer is ${head.split('\r\n')[0]}`));
    this.rest = Buffer.alloc(0);
    this.answers++;
    this.socket.write(this.next());
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/**
 * Puts load on `port` for `ms`.
 * @param next makes each request
 * @returns answers a second
 * @throws when one is not a 200, or a connection breaks
 */
export async function httpLoad(port: number, connections: number, ms: number, next: () => string): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  let callers: Caller[] = [];
  try {
    const began = performance.now();
    await new Promise<void>((resolve, reject) => {
      callers = sockets.map((socket) => new Caller(socket, next, reject));
      setTimeout(resolve, ms);
    });
    const took = performance.now() - began;
    return (callers.reduce((sum, caller) => sum + caller.answers, 0) * 1000) / took;
  } finally {
    for (const caller of callers) caller.stop();
  }
}
