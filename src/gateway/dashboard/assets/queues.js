/** Queues: all of the database (structures.js), and the chosen one (queue-view.js). */
import { number } from './format.js';
import { queueView } from './queue-view.js';
import { structuresScreen } from './structures.js';

const FIGURES = [
  ['Ready', 'ready'],
  ['Delayed', 'delayed'],
  ['In flight', 'in-flight'],
  ['Dead', 'dead'],
  ['Consumers', 'consumers'],
  ['Published', 'published'],
];

const QUEUES = {
  name: 'queue',
  figures: FIGURES.map(([head, field]) => [head, (info) => number(info.of(field))]),
  options: [
    ['MAXDEPTH', 'Most messages (empty: no limit)'],
    ['DEADLINE', 'Milliseconds to acknowledge (empty: 30000)'],
    ['RETRIES', 'Further deliveries (empty: 3; then it is a dead letter)'],
    ['PREFETCH', 'Messages a consumer holds at most (empty: no limit)'],
    ['PRIORITY', 'Priority of messages, 0 to 9 (empty: 5)'],
    ['TTL', 'Milliseconds that messages live (empty: for ever)'],
    ['DELAY', 'Milliseconds before delivery (empty: none)'],
  ],
  loses: 'messages and dead letters',
  view: queueView,
};

export function queuesScreen(root, context) {
  structuresScreen(root, context, QUEUES);
}
