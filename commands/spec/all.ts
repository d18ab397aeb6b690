/** Every family there is. Who needs one list of all commands builds it from here with catalogue(). */
import { client } from './client.js';
import { command } from './command.js';
import { config } from './config.js';
import { connection } from './connection.js';
import type { Family } from './family.js';
import { generic } from './generic.js';
import { hash } from './hash.js';
import { latency, slowlog } from './latency.js';
import { list } from './list.js';
import { memory } from './memory.js';
import { pubsub } from './pubsub.js';
import { queue } from './queue.js';
import { scripting } from './scripting.js';
import { server } from './server.js';
import { set } from './set.js';
import { string } from './string.js';
import { topic } from './topic.js';
import { transactions } from './transactions.js';
import { zset } from './zset.js';

export const FAMILIES: readonly Family<string>[] = [
  string,
  generic,
  hash,
  list,
  set,
  zset,
  queue,
  topic,
  pubsub,
  transactions,
  scripting,
  connection,
  client,
  server,
  command,
  config,
  latency,
  slowlog,
  memory,
];
