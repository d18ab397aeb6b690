/** A typed reply as a tree: what redis-cli shows by numbers and indentation, here to be opened and closed. */
import { Bytes } from './api.js';
import { h } from './dom.js';
import { quote } from './words.js';

/** Items of an aggregate that are drawn. */
const SHOWN = 1000;

/** The tree of a reply. */
export function tree(reply) {
  return h('ul', { class: 'tree top mono' }, h('li', {}, node(reply)));
}

function node(reply) {
  switch (reply.type) {
    case 'array':
    case 'set':
    case 'push':
      return aggregate(
        reply,
        reply.items.map((item, i) => [`${i + 1}) `, item]),
      );
    case 'map':
      return aggregate(
        reply,
        reply.entries.map(([name, value]) => [`${plain(name)} → `, value]),
      );
    case 'verbatim':
      return h('pre', {}, reply.value);
    case 'error':
      return h('span', { class: 'bad' }, `(error) ${reply.value}`);
    case 'status':
      return reply.value;
    default:
      return h('pre', {}, plain(reply));
  }
}

/** A reply that is one value, on one line. */
function plain(reply) {
  const more = reply.length === undefined ? '' : `… (${reply.length} bytes)`;
  switch (reply.type) {
    case 'string':
    case 'verbatim':
      return quote(reply.value) + more;
    case 'bytes':
      return `"${new Bytes(reply.value)}"${more}`;
    case 'null':
      return '(nil)';
    case 'integer':
    case 'double':
    case 'boolean':
      return `(${reply.type}) ${reply.value}`;
    case 'bignumber':
      return `(big number) ${reply.value}`;
    case 'status':
    case 'error':
      return reply.value;
    default:
      return `(${reply.type})`;
  }
}

function aggregate(reply, pairs) {
  const count = pairs.length + (reply.more ?? 0);
  if (count === 0) return `(empty ${reply.type})`;
  const left = count - Math.min(pairs.length, SHOWN);
  return h(
    'details',
    { open: count <= 100 },
    h('summary', {}, `${reply.type} of ${count}`),
    h(
      'ul',
      { class: 'tree' },
      pairs.slice(0, SHOWN).map(([label, item]) => h('li', {}, h('span', { class: 'soft' }, label), node(item))),
      left > 0 ? h('li', { class: 'soft' }, `… ${left} more`) : null,
    ),
  );
}
