/** What the tests of the dashboard look at: keys of every type, and a plain connection that sees what has become of them. */
import net from 'node:net';
import { ReplyError, ReplyReader, type ReplyValue } from '../../../protocol/reply-reader.js';
import { commandMap } from '../../../src/gateway/commands.js';

/** Whether the server has Synap's own types. */
export const OWN = commandMap().has('queue.create') && commandMap().has('topic.create');

type Word = string | Uint8Array;

/** Sends commands on a connection of its own. @returns their replies; strings as text */
export function commands(port: number, all: readonly (readonly Word[])[]): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    const reader = new ReplyReader();
    const replies: unknown[] = [];
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      reader.feed(chunk);
      for (let value = reader.next(); value !== undefined; value = reader.next()) replies.push(textual(value));
      if (replies.length < all.length) return;
      socket.destroy();
      resolve(replies);
    });
    for (const words of all) {
      socket.write(`*${words.length}\r\n`);
      for (const word of words) {
        socket.write(`$${Buffer.byteLength(word)}\r\n`);
        socket.write(word);
        socket.write('\r\n');
      }
    }
  });
}

export async function command(port: number, ...words: Word[]): Promise<unknown> {
  return (await commands(port, [words]))[0];
}

function textual(value: ReplyValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return Array.isArray(value) ? value.map(textual) : value;
}

const DATA: readonly (readonly Word[])[] = [
  ['SET', 'greeting', 'hello', 'EX', '86400'],
  ['SET', 'json', '{"a":[1,2,{"deep":true}]}'],
  ['HSET', 'user:1', 'name', 'ann', 'visits', '3'],
  ['HEXPIRE', 'user:1', '5000', 'FIELDS', '1', 'visits'],
  ['HSET', 'bytes', Buffer.from([0xff, 0]), Buffer.from([0xfe, 0x42])],
  ['RPUSH', 'jobs', 'a', 'b', 'c'],
  ['SADD', 'tags', 'x', 'y'],
  ['ZADD', 'board', '10', 'ann', '7.5', 'bob'],
  ['SET', 'session:4f1c', 'open', 'EX', '1800'],
  ['SET', 'visits', '1204'],
];

const OWN_DATA: readonly (readonly Word[])[] = [
  ['QUEUE.CREATE', 'mail', 'RETRIES', '0'],
  ['QUEUE.PUBLISH', 'mail', '{"to":"carl@example.org"}', 'HEADERS', '1', 'trace', '7f3a'],
  ['QUEUE.CONSUME', 'mail', 'worker-1'],
  ['QUEUE.NACK', 'mail', 'DEAD', '1'],
  ['QUEUE.PUBLISH', 'mail', '{"to":"ann@example.org"}', 'PRIORITY', '7'],
  ['QUEUE.PUBLISH', 'mail', '{"to":"bob@example.org"}'],
  ['QUEUE.PUBLISH', 'mail', '{"to":"dora@example.org"}', 'DELAY', '600000'],
  ['QUEUE.CREATE', 'thumbnails', 'MAXDEPTH', '10000'],
  ['QUEUE.PUBLISH', 'thumbnails', 'cat.png'],
  ['QUEUE.CONSUME', 'thumbnails', 'worker-2', 'DEADLINE', '3600000'],
  ['TOPIC.CREATE', 'events', 'PARTITIONS', '2'],
  ['TOPIC.PUBLISH', 'events', 'signed up', 'KEY', 'ann'],
  ['TOPIC.PUBLISH', 'events', 'signed in', 'KEY', 'ann'],
  ['TOPIC.PUBLISH', 'events', 'signed up', 'KEY', 'bob'],
  ['TOPIC.GROUP.CREATE', 'events', 'mailer'],
  ['TOPIC.GROUP.JOIN', 'events', 'mailer', 'worker-1'],
];

/** Fills a server with keys of every type that it has. */
export async function seed(port: number, password?: string): Promise<void> {
  const login = password === undefined ? [] : [['AUTH', password]];
  const replies = await commands(port, [...login, ...DATA, ...(OWN ? OWN_DATA : [])]);
  for (const reply of replies) if (reply instanceof ReplyError) throw new Error(reply.text);
}
