/**
 * Plays a script of several clients against a server, line by line, so that a test of what clients do to each other reads as what
 * happens. A client is connected when its letter first occurs. Arguments and replies contain no blanks; "" is the empty string.
 *
 *   A> BLPOP k 0        A sends; the script goes on once the server has seen it
 *   A< [k,1]            the next reply to A: a bulk's text, :3, +OK, -ERR..., [a,b]; nil is $-1, nil[] is *-1, null is RESP3's _
 *   A  PING => +PONG    both at once
 *   A?                  A has received nothing that the script did not mention
 *   A!                  A disconnects
 *   A3                  A speaks RESP3 from now on: %{k,v} is a map, ~{a,b} a set, >{a,b} a push
 *   # ...               a comment
 */
import net from 'node:net';

class Peer {
  private received = '';
  private wake: () => void = () => {};

  private constructor(private readonly socket: net.Socket) {
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.wake();
    });
    socket.on('error', () => {});
  }

  static async connect(port: number): Promise<Peer> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Peer(socket);
  }

  send(line: string): void {
    const args = line.split(/ +/).map((arg) => (arg === '""' ? '' : arg));
    const bulks = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
    this.socket.write(`*${args.length}\r\n${bulks.join('')}`, 'latin1');
  }

  get pending(): string {
    return this.received;
  }

  async reply(): Promise<string> {
    for (;;) {
      const [text, length] = parse(this.received, 0);
      if (length > 0) {
        this.received = this.received.slice(length);
        return text;
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

/** The reply that begins at `at` as text, and where it ends; 0 when it is not complete. */
function parse(s: string, at: number): [text: string, end: number] {
  const eol = s.indexOf('\r\n', at);
  if (eol < 0) return ['', 0];
  const line = s.slice(at + 1, eol);
  const type = s[at];
  if (type === '_') return ['null', eol + 2];
  if (line === '-1' && (type === '$' || type === '*')) return [type === '$' ? 'nil' : 'nil[]', eol + 2];
  if (type === '$') {
    const end = eol + 2 + Number(line);
    return s.length < end + 2 ? ['', 0] : [line === '0' ? '""' : s.slice(eol + 2, end), end + 2];
  }
  if (!'*%~>'.includes(type)) return [type + line, eol + 2];
  const items: string[] = [];
  let end = eol + 2;
  for (let i = type === '%' ? -Number(line) : 0; i < Number(line); i++) {
    const [text, next] = parse(s, end);
    if (next === 0) return ['', 0];
    items.push(text);
    end = next;
  }
  return [type === '*' ? `[${items.join(',')}]` : `${type}{${items.join(',')}}`, end];
}

/** @returns a complaint for every line that went otherwise */
export async function play(port: number, script: string): Promise<string[]> {
  const peers = new Map<string, Peer>();
  const control = await Peer.connect(port);
  const complaints: string[] = [];
  const sync = async (): Promise<void> => {
    for (let i = 0; i < 2; i++) {
      control.send('PING');
      await control.reply();
    }
  };
  for (const raw of script.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const name = line[0];
    const peer = peers.get(name) ?? (await Peer.connect(port));
    peers.set(name, peer);
    const [command, expected] = line.slice(2).trim().split(' => ');
    if (line[1] === '!') {
      peer.close();
      peers.delete(name);
      await sync();
    } else if (line[1] === '?') {
      await sync();
      if (peer.pending !== '') complaints.push(`${line} got ${JSON.stringify(peer.pending)}`);
    } else if (line[1] === '3') {
      peer.send('HELLO 3');
      await peer.reply();
    } else if (line[1] === '<') {
      const got = await peer.reply();
      if (got !== command) complaints.push(`${line} got ${got}`);
    } else {
      peer.send(command);
      if (line[1] === '>') await sync();
      else {
        const got = await peer.reply();
        if (got !== expected) complaints.push(`${line} got ${got}`);
      }
    }
  }
  control.close();
  for (const peer of peers.values()) peer.close();
  return complaints;
}
