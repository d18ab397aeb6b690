/** Topics: all of the database (structures.js), and the chosen one (topic-view.js). */
import { pairsOf } from './api.js';
import { number, size } from './format.js';
import { structuresScreen } from './structures.js';
import { topicView } from './topic-view.js';

/** The sum of a field over the partitions. */
function sum(info, field) {
  return info
    .of('partitions')
    .map(pairsOf)
    .reduce((n, partition) => n + partition.of(field), 0);
}

const TOPICS = {
  name: 'topic',
  figures: [
    ['Partitions', (info) => number(info.of('partitions').length)],
    ['Events', (info) => number(sum(info, 'events'))],
    ['Memory', (info) => size(sum(info, 'bytes'))],
    ['Published', (info) => number(info.of('published'))],
    ['Groups', (info) => number(info.of('groups').length)],
  ],
  options: [
    ['PARTITIONS', 'Partitions (empty: 1)'],
    ['RETENTION', 'Milliseconds that events are kept (empty: for ever)'],
    ['MAXBYTES', 'Most bytes of a partition (empty: no limit)'],
    ['MAXLEN', 'Most events of a partition (empty: no limit)'],
  ],
  loses: 'events and groups',
  view: topicView,
};

export function topicsScreen(root, context) {
  structuresScreen(root, context, TOPICS);
}
