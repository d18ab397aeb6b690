/**
 * The publish/subscribe family. A subscription answers with one message for every name it was given, not with one reply: in RESP3
 * these are pushes, in RESP2 arrays that only their order tells from others. Who listens to what is known to `server.pubsub`.
 */
import { globMatch } from '../storage/glob.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { subcommandSyntax } from './error.js';
import { help } from './help.js';
import type { pubsub } from './spec/pubsub.js';
import { CHANNEL, type Kind, PATTERN, SHARD } from './subscription.js';

export const handlers: Handlers<typeof pubsub> = {
  psubscribe: (c) => subscribe(c, PATTERN, 'psubscribe'),
  publish: (c) => c.out.int(c.server.pubsub.publish(CHANNEL, c.argv[1], c.argv[2])),
  'pubsub|channels': (c) => names(c, CHANNEL),
  'pubsub|help': help,
  'pubsub|numpat': (c) => c.out.int(c.server.pubsub.size(PATTERN)),
  'pubsub|numsub': (c) => listeners(c, CHANNEL),
  'pubsub|shardchannels': (c) => names(c, SHARD),
  'pubsub|shardnumsub': (c) => listeners(c, SHARD),
  punsubscribe: (c) => unsubscribe(c, PATTERN, 'punsubscribe'),
  spublish: (c) => c.out.int(c.server.pubsub.publish(SHARD, c.argv[1], c.argv[2])),
  ssubscribe: (c) => subscribe(c, SHARD, 'ssubscribe'),
  subscribe: (c) => subscribe(c, CHANNEL, 'subscribe'),
  sunsubscribe: (c) => unsubscribe(c, SHARD, 'sunsubscribe'),
  unsubscribe: (c) => unsubscribe(c, CHANNEL, 'unsubscribe'),
};

function subscribe(c: Client, kind: Kind, word: string): void {
  for (let i = 1; i < c.argc; i++) {
    c.server.pubsub.subscribe(c, kind, c.argv[i]);
    told(c, kind, word, c.argv[i]);
  }
}

/** Without names: from all of the kind, and one message says so even when there was none. */
function unsubscribe(c: Client, kind: Kind, word: string): void {
  const { pubsub } = c.server;
  for (let i = 1; i < c.argc; i++) {
    pubsub.unsubscribe(c, kind, c.argv[i]);
    told(c, kind, word, c.argv[i]);
  }
  if (c.argc > 1) return;
  let name = pubsub.unsubscribeOldest(c, kind);
  if (name === undefined) told(c, kind, word, undefined);
  for (; name !== undefined; name = pubsub.unsubscribeOldest(c, kind)) told(c, kind, word, name);
}

/** The message that answers for one name. Channels and patterns are counted together, shard channels apart. */
function told(c: Client, kind: Kind, word: string, name: Bytes | undefined): void {
  const { out } = c;
  const { pubsub } = c.server;
  out.push(3);
  out.bulkText(word);
  if (name === undefined) out.nil();
  else out.bulk(name);
  out.int(kind === SHARD ? pubsub.count(c, SHARD) : pubsub.count(c, CHANNEL) + pubsub.count(c, PATTERN));
}

/** PUBSUB CHANNELS and SHARDCHANNELS, with an optional pattern. O(names) */
function names(c: Client, kind: Kind): void {
  const { argv, argc, out } = c;
  if (argc > 3) throw subcommandSyntax(argv[1].toString(), 'pubsub');
  const all = c.server.pubsub.names(kind);
  const mark = out.defer();
  let n = 0;
  for (let i = 0; i < all.length; i++) {
    const { buf, start, end } = all[i];
    if (argc === 3 && !globMatch(argv[2].buf, argv[2].start, argv[2].end, buf, start, end, false)) continue;
    out.bulk(all[i]);
    n++;
  }
  out.endArray(mark, n);
}

/** PUBSUB NUMSUB and SHARDNUMSUB: each name with its number of listeners, a flat array in RESP3 too. */
function listeners(c: Client, kind: Kind): void {
  const { argv, argc, out } = c;
  out.array(2 * (argc - 2));
  for (let i = 2; i < argc; i++) {
    out.bulk(argv[i]);
    out.int(c.server.pubsub.listeners(kind, argv[i]));
  }
}
