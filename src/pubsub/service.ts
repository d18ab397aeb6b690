/**
 * PubSubService: sends messages to whoever listens. A message is written straight into the listener's output; when several get the
 * same, it is encoded once for each version of the protocol and copied. The outputs are sent at the end of the turn.
 *
 *   publish -> Topics[channel].find -> listeners ---+--> client.out, link.schedule()
 *           -> patterns that match  -> listeners ---+--> while the client's own command runs: deferred[client] --settle--> client.out
 *
 * No string and, but for what is deferred, no object is made for a message. Read next: topics.ts, keyspace-events.ts.
 */
import { ATTEND_PUSHES } from '../../commands/attention.js';
import type { Client } from '../../commands/client.js';
import { SUBSCRIBER } from '../../commands/gates.js';
import { CHANNEL, type Kind, PATTERN, type PubSub, SHARD } from '../../commands/subscription.js';
import { Reply, type ReplyPool } from '../../protocol/reply.js';
import { globMatch } from '../../storage/glob.js';
import type { Bytes } from '../../storage/memory/bytes.js';
import { type Listener, type Topic, Topics } from './topics.js';

/** What one client listens to, by kind, in order of subscription. */
type Subscriptions = readonly [Map<Topic, Listener>, Map<Topic, Listener>, Map<Topic, Listener>];

/** What the service needs of its server. */
export interface Host {
  attention: number;
  readonly replies: ReplyPool;
}

export class PubSubService implements PubSub {
  private readonly topics: readonly [Topics, Topics, Topics] = [new Topics(), new Topics(), new Topics()];
  private readonly subscribers = new Map<Client, Subscriptions>();
  /** Messages to clients whose command runs just now. */
  private readonly deferred = new Map<Client, Reply>();
  /** Where a message to several clients is encoded; empty between two messages. */
  private readonly scratch: Reply;
  private readonly server: Host;

  constructor(server: Host) {
    this.server = server;
    this.scratch = new Reply(server.replies);
  }

  // ---- who listens --------------------------------------------------------------------------------------------------------------

  subscribe(c: Client, kind: Kind, name: Bytes): void {
    let own = this.subscribers.get(c);
    if (own === undefined) {
      own = [new Map(), new Map(), new Map()];
      this.subscribers.set(c, own);
    }
    const topic = this.topics[kind].find(name) ?? this.topics[kind].add(name);
    if (own[kind].has(topic)) return;
    own[kind].set(topic, topic.add(c));
    c.subscriptions++;
    c.gates |= SUBSCRIBER;
  }

  unsubscribe(c: Client, kind: Kind, name: Bytes): void {
    const own = this.subscribers.get(c);
    const topic = this.topics[kind].find(name);
    if (own !== undefined && topic !== undefined && own[kind].has(topic)) this.remove(c, own, kind, topic);
  }

  unsubscribeOldest(c: Client, kind: Kind): Bytes | undefined {
    const own = this.subscribers.get(c);
    if (own === undefined) return undefined;
    for (const topic of own[kind].keys()) {
      this.remove(c, own, kind, topic);
      return topic.name;
    }
    return undefined;
  }

  private remove(c: Client, own: Subscriptions, kind: Kind, topic: Topic): void {
    topic.remove(own[kind].get(topic)!);
    if (topic.listeners.length === 0) this.topics[kind].remove(topic);
    own[kind].delete(topic);
    c.subscriptions--;
    if (c.subscriptions > 0) return;
    c.gates &= ~SUBSCRIBER;
    this.subscribers.delete(c);
  }

  forget(c: Client): void {
    const own = this.subscribers.get(c);
    if (own === undefined) return;
    for (const kind of [CHANNEL, PATTERN, SHARD] as const)
      for (const topic of own[kind].keys()) this.remove(c, own, kind, topic);
  }

  count(c: Client, kind: Kind): number {
    return this.subscribers.get(c)?.[kind].size ?? 0;
  }

  listeners(kind: Kind, name: Bytes): number {
    return this.topics[kind].find(name)?.listeners.length ?? 0;
  }

  size(kind: Kind): number {
    return this.topics[kind].all.length;
  }

  names(kind: Kind): Bytes[] {
    return this.topics[kind].all.map((topic) => topic.name);
  }

  // ---- messages -----------------------------------------------------------------------------------------------------------------

  publish(kind: typeof CHANNEL | typeof SHARD, channel: Bytes, message: Bytes): number {
    let receivers = 0;
    const topic = this.topics[kind].find(channel);
    if (topic !== undefined) receivers = this.send(topic, kind, channel, message);
    if (kind === SHARD) return receivers;
    const patterns = this.topics[PATTERN].all;
    for (let i = 0; i < patterns.length; i++) {
      const { buf, start, end } = patterns[i].name;
      if (globMatch(buf, start, end, channel.buf, channel.start, channel.end, false))
        receivers += this.send(patterns[i], PATTERN, channel, message);
    }
    return receivers;
  }

  private send(topic: Topic, kind: Kind, channel: Bytes, message: Bytes): number {
    const { listeners } = topic;
    if (listeners.length === 1) {
      const { client } = listeners[0];
      if (!client.closing) writeMessage(this.outputOf(client), topic, kind, channel, message);
    } else this.copyToAll(topic, kind, channel, message);
    return listeners.length;
  }

  private copyToAll(topic: Topic, kind: Kind, channel: Bytes, message: Bytes): void {
    const { scratch } = this;
    const { listeners } = topic;
    let resp2: Uint8Array | undefined;
    let resp3: Uint8Array | undefined;
    for (let i = 0; i < listeners.length; i++) {
      const { client } = listeners[i];
      if (client.closing) continue;
      const { resp } = client.out;
      let bytes = resp === 3 ? resp3 : resp2;
      if (bytes === undefined) {
        scratch.resp = resp;
        scratch.pos = 0;
        writeMessage(scratch, topic, kind, channel, message);
        bytes = scratch.buf.slice(0, scratch.pos);
        if (resp === 3) resp3 = bytes;
        else resp2 = bytes;
      }
      this.outputOf(client).raw(bytes, 0, bytes.length);
    }
    scratch.taken(false);
  }

  /** Where a message to `client` is written: its output, unless a reply to it has begun and not ended. */
  private outputOf(client: Client): Reply {
    if (!client.running && !client.inExec) {
      client.link?.schedule();
      return client.out;
    }
    let out = this.deferred.get(client);
    if (out === undefined) {
      out = new Reply(this.server.replies);
      out.resp = client.out.resp;
      this.deferred.set(client, out);
      this.server.attention |= ATTEND_PUSHES;
    }
    return out;
  }

  settle(): void {
    for (const [client, messages] of this.deferred) {
      if (client.running || client.inExec) continue;
      if (!client.closing) {
        client.out.raw(messages.buf, 0, messages.pos);
        client.link?.schedule();
      }
      messages.taken(false);
      this.deferred.delete(client);
    }
    if (this.deferred.size === 0) this.server.attention &= ~ATTEND_PUSHES;
  }
}

const WORDS = ['message', 'pmessage', 'smessage'] as const;

function writeMessage(out: Reply, topic: Topic, kind: Kind, channel: Bytes, message: Bytes): void {
  out.push(kind === PATTERN ? 4 : 3);
  out.bulkText(WORDS[kind]);
  if (kind === PATTERN) out.bulk(topic.name);
  out.bulk(channel);
  out.bulk(message);
}
