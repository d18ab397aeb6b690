/** A new key of any type, with its first content. */
import { run } from './api.js';
import { ask } from './dialog.js';

const NAME = { name: 'key', label: 'Name', required: true };
const VALUE = { name: 'value', label: 'Value', kind: 'area' };

/** By type: what is asked for, the command that makes it. A key that is there already is refused or added to, as the command does. */
const TYPES = {
  string: { fields: [VALUE], words: ({ key, value }) => ['SET', key, value, 'NX'] },
  hash: {
    fields: [{ name: 'field', label: 'Field', required: true }, VALUE],
    words: ({ key, field, value }) => ['HSET', key, field, value],
  },
  list: { fields: [{ ...VALUE, label: 'First element' }], words: ({ key, value }) => ['RPUSH', key, value] },
  set: { fields: [{ ...VALUE, label: 'First member' }], words: ({ key, value }) => ['SADD', key, value] },
  zset: {
    fields: [
      { ...VALUE, label: 'First member' },
      { name: 'score', label: 'Score', kind: 'number', value: '0', required: true },
    ],
    words: ({ key, value, score }) => ['ZADD', key, score, value],
  },
  queue: { needs: 'QUEUE.CREATE', fields: [], words: ({ key }) => ['QUEUE.CREATE', key] },
  topic: {
    needs: 'TOPIC.CREATE',
    fields: [{ name: 'partitions', label: 'Partitions', kind: 'number', value: '1', required: true }],
    words: ({ key, partitions }) => ['TOPIC.CREATE', key, 'PARTITIONS', partitions],
  },
};

/** @param made is given the name of the new key */
export async function createKey({ has }, made) {
  const options = Object.keys(TYPES).filter((type) => TYPES[type].needs === undefined || has(TYPES[type].needs));
  let type;
  const chosen = await ask({
    title: 'New key',
    fields: [{ name: 'type', label: 'Type', kind: 'select', value: 'string', options }],
    submit: 'Next',
    action: async (values) => {
      type = values.type;
    },
  });
  if (!chosen) return;
  let key;
  const done = await ask({
    title: `New ${type}`,
    fields: [NAME, ...TYPES[type].fields],
    submit: 'Create',
    action: async (values) => {
      key = values.key;
      const existed = await run('EXISTS', key);
      if (existed > 0) throw new Error('There is a key of that name');
      await run(...TYPES[type].words(values));
    },
  });
  if (done) made(key);
}
