/**
 * Topics: the names of one kind that somebody listens to. A name stays only while it has listeners.
 *
 *   byHash: hash of name -> Topic { name, listeners: [Listener, ...] } -> ... same hash
 *   all:    [Topic, ...], each of which knows its index
 *
 * Both arrays are without order and without holes: who leaves is replaced by the last. Knows nothing of messages: service.ts.
 */
import type { Client } from '../../commands/client.js';
import type { Bytes } from '../../storage/memory/bytes.js';

/** One client that listens to one topic. */
export class Listener {
  /** Its index in the topic's listeners. */
  at: number;

  constructor(
    readonly client: Client,
    at: number,
  ) {
    this.at = at;
  }
}

export class Topic {
  readonly listeners: Listener[] = [];
  /** Its index in `Topics.all`. */
  at: number;
  /** Another topic whose name has the same hash. */
  next: Topic | undefined = undefined;

  constructor(
    readonly name: Bytes,
    at: number,
  ) {
    this.at = at;
  }

  add(client: Client): Listener {
    const listener = new Listener(client, this.listeners.length);
    this.listeners.push(listener);
    return listener;
  }

  remove(listener: Listener): void {
    const last = this.listeners.pop()!;
    if (last === listener) return;
    this.listeners[listener.at] = last;
    last.at = listener.at;
  }
}

export class Topics {
  readonly all: Topic[] = [];
  private readonly byHash = new Map<number, Topic>();

  /** The topic called `name`; undefined when nobody listens to it. O(1). */
  find(name: Bytes): Topic | undefined {
    let topic = this.byHash.get(name.hash());
    while (topic !== undefined && !topic.name.equals(name)) topic = topic.next;
    return topic;
  }

  /** Makes the topic `name`, which `find` has just missed. */
  add(name: Bytes): Topic {
    const topic = new Topic(name.copy(), this.all.length);
    topic.next = this.byHash.get(name.hash());
    this.byHash.set(name.hash(), topic);
    this.all.push(topic);
    return topic;
  }

  /** Takes out a topic that nobody listens to any more. */
  remove(topic: Topic): void {
    const last = this.all.pop()!;
    if (last !== topic) {
      this.all[topic.at] = last;
      last.at = topic.at;
    }
    const hash = topic.name.hash();
    const first = this.byHash.get(hash)!;
    if (first !== topic) {
      let before = first;
      while (before.next !== topic) before = before.next!;
      before.next = topic.next;
    } else if (topic.next !== undefined) this.byHash.set(hash, topic.next);
    else this.byHash.delete(hash);
  }
}
