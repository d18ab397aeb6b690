/**
 * Plays one case against one server and writes down what came back: the bytes of each step, and the keyspace at the end. Knows
 * nothing of what is right. What a step gets is all that arrives until the answer to a PING sent behind it, but inside MULTI, where a
 * PING would be queued: there it is one reply. Read next: case.ts, wire/connection.ts.
 */
import type { Case, Resp, Step } from './case.js';
import { CLOSED, Connection, TIMEOUT } from './wire/connection.js';
import { bulkText, elements } from './wire/reply-frame.js';

const MARK = 'end-of-reply-3f9c';
const MARK_REPLIES = [
  `$${MARK.length}\r\n${MARK}\r\n`,
  `*2\r\n$4\r\npong\r\n$${MARK.length}\r\n${MARK}\r\n`, // to a subscriber in RESP2
  '-NOAUTH Authentication required.\r\n',
];

/** The results of the steps in their order, and one more: the keyspace as text. The server on `port` is emptied first. */
export async function play(port: number, one: Case, resp: Resp): Promise<string[]> {
  const player = await Player.begin(port, resp);
  const results: string[] = [];
  try {
    for (const step of one.steps) results.push(await player.result(step));
    results.push(await player.keyspace());
  } finally {
    player.close();
  }
  return results;
}

/** A connection of a case, whether it is inside MULTI, and the database that it has selected. */
interface Peer {
  connection: Connection;
  inMulti: boolean;
  database: string;
}

export class Player {
  private readonly peers = new Map<string, Peer>();

  private constructor(
    private readonly port: number,
    private readonly resp: Resp,
    private inspector: Connection,
  ) {}

  /** Empties the server on `port`. */
  static async begin(port: number, resp: Resp): Promise<Player> {
    const inspector = await Connection.open(port);
    await inspector.ask(['FLUSHALL']);
    return new Player(port, resp, inspector);
  }

  close(): void {
    for (const { connection } of this.peers.values()) connection.close();
    this.inspector.close();
  }

  /** All connections anew, to a server that was restarted on the same port: each in its protocol and its database. */
  async reconnect(): Promise<void> {
    this.close();
    this.inspector = await Connection.open(this.port);
    for (const peer of this.peers.values()) {
      peer.connection = await this.connection();
      if (peer.database !== '0') await peer.connection.ask(['SELECT', peer.database]);
    }
  }

  /** All keys of database 0 as text. */
  keyspace(): Promise<string> {
    return keyspace(this.inspector);
  }

  async result(step: Step): Promise<string> {
    const peer = await this.peer(step.connection);
    const { connection } = peer;
    const line = step.act === 'receive' ? '' : `${step.text}\r\n`;
    const verb = step.words[0]?.toLowerCase() ?? '';
    const marked = step.act === 'receive' || (step.act === 'ask' && !peer.inMulti && verb !== 'multi');
    connection.write(Buffer.from(marked ? `${line}PING ${MARK}\r\n` : line, 'latin1'));
    if (step.act === 'send') {
      // Two turns of the server's loop: in the first of them at the latest it has read what was sent before.
      await this.inspector.ask(['PING']);
      await this.inspector.ask(['PING']);
      return '';
    }
    if (marked) {
      const result = await untilMark(connection);
      if (verb === 'select' && result === '+OK\r\n') peer.database = step.words[1];
      return result;
    }
    const reply = await connection.answer();
    if (verb === 'multi') peer.inMulti ||= reply === '+OK\r\n';
    else if (/^(exec|discard|reset|quit)$/.test(verb)) peer.inMulti = false;
    return reply;
  }

  private async peer(name: string): Promise<Peer> {
    let peer = this.peers.get(name);
    if (peer === undefined)
      this.peers.set(name, (peer = { connection: await this.connection(), inMulti: false, database: '0' }));
    return peer;
  }

  private async connection(): Promise<Connection> {
    const connection = await Connection.open(this.port);
    if (this.resp === '3') await connection.ask(['HELLO', '3']);
    return connection;
  }
}

async function untilMark(connection: Connection): Promise<string> {
  let seen = '';
  for (;;) {
    const reply = await connection.next();
    if (MARK_REPLIES.includes(reply) && (seen !== '' || reply[0] !== '-')) return seen;
    seen += reply;
    if (reply === TIMEOUT || reply === CLOSED || reply[0] === '<') return seen;
  }
}

const CONTENT: Readonly<Record<string, readonly string[]>> = {
  string: ['GET'],
  list: ['LRANGE', '0', '-1'],
  set: ['SMEMBERS'],
  zset: ['ZRANGE', '0', '-1'],
  hash: ['HGETALL'],
};

/** All keys of database 0 as text: a line a key, sorted, with type, whether it expires, and content. */
async function keyspace(inspector: Connection): Promise<string> {
  const keys = elements(await inspector.ask(['KEYS', '*'])).map(bulkText);
  const lines: string[] = [];
  for (const key of keys.sort()) {
    const type = (await inspector.ask(['TYPE', key])).slice(1, -2);
    const ttl = Number((await inspector.ask(['PTTL', key])).slice(1));
    const [verb, ...rest] = CONTENT[type] ?? ['EXISTS'];
    const reply = await inspector.ask([verb, key, ...rest]);
    let parts = elements(reply).map(bulkText);
    if (type === 'hash') parts = parts.flatMap((part, i) => (i % 2 === 0 ? [`${part}=${parts[i + 1]}`] : []));
    if (type === 'hash' || type === 'set') parts.sort();
    lines.push(`${key} ${type}${ttl < 0 ? '' : ' expires'} ${parts.length > 0 ? parts.join(' ') : bulkText(reply)}`);
  }
  return lines.join('\n');
}
