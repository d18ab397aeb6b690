/**
 * The compatibility suite: sends the commands of cases/*.txt, a line each, to Synap and to a real redis-server over raw sockets, in
 * RESP2 and RESP3, and compares the reply bytes. A black box: imports nothing of the server.
 *
 *   node dist/compat-suite/run.js        last line: `N passed, N failed`; exit code 1 when something differs
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';

const CASES = new URL('../../compat-suite/cases/', import.meta.url);
const TARGET = ['node', new URL('../bin/synap.js', import.meta.url).pathname];
const END = 'end-of-reply-3f9c';

/** One socket on which a command's reply is everything before the echo that follows it. */
class Peer {
  private received = '';
  private wake: () => void = () => {};

  constructor(private readonly socket: net.Socket) {
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.wake();
    });
  }

  static async connect(port: number): Promise<Peer> {
    for (let attempt = 0; ; attempt++) {
      const socket = net.connect(port, '127.0.0.1');
      const open = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      if (open) return new Peer(socket);
      if (attempt === 100) throw new Error(`nothing listens on port ${port}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /**
   * The reply bytes of an inline command line, up to and with those of the echo behind it. Inside MULTI the echo is only queued: the
   * end is then one line of reply and a +QUEUED after it, never a +QUEUED alone, which may be the command's own.
   */
  async ask(line: string): Promise<string> {
    this.received = '';
    this.socket.write(`${line}\r\necho ${END}\r\n`, 'latin1');
    while (!this.received.includes(`${END}\r\n`) && !/^[^\r\n]*\r\n\+QUEUED\r\n$/.test(this.received))
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    return this.received;
  }

  close(): void {
    this.socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function start(command: readonly string[], port: number): ChildProcess {
  const args = [...command.slice(1), '--port', String(port), '--save', '', '--appendonly', 'no'];
  return spawn(command[0], args, { stdio: 'ignore' });
}

const ports = [await freePort(), await freePort()];
const servers = [start(TARGET, ports[0]), start(['redis-server'], ports[1])];
let passed = 0;
let failed = 0;
try {
  for (const file of readdirSync(CASES).sort()) {
    const lines = readFileSync(new URL(file, CASES), 'latin1')
      .split('\n')
      .filter((line) => line !== '');
    for (const version of [2, 3]) {
      const ours = await Peer.connect(ports[0]);
      const theirs = await Peer.connect(ports[1]);
      for (const peer of [ours, theirs]) {
        if (version === 3) await peer.ask('hello 3');
        await peer.ask('flushall');
      }
      let matched = 0;
      for (const line of lines) {
        const [a, b] = [await ours.ask(line), await theirs.ask(line)];
        if (a === b) matched++;
        else
          console.log(`${file} RESP${version}: ${line}\n  synap: ${JSON.stringify(a)}\n  redis: ${JSON.stringify(b)}`);
      }
      ours.close();
      theirs.close();
      passed += matched;
      failed += lines.length - matched;
      console.log(`${file.replace('.txt', '').padEnd(14)} RESP${version}  ${matched} / ${lines.length}`);
    }
  }
} finally {
  for (const server of servers) server.kill('SIGKILL');
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
