/** A hash: fields, values, and how long a field lives where the server knows that. */
import { editable, must, run, runAll, typedLike } from './api.js';
import { collection } from './collection.js';
import { duration } from './format.js';

const PAGE = '100';

export function hashView(key, { editing, has }, after) {
  const lives = has('HPTTL');
  const load = async (cursor = '0') => {
    const [page, total] = await runAll([
      ['HSCAN', key, cursor, 'COUNT', PAGE],
      ['HLEN', key],
    ]);
    const [next, flat] = must(page);
    const rows = [];
    for (let i = 0; i < flat.length; i += 2) rows.push({ field: flat[i], value: flat[i + 1], ttl: -1 });
    if (lives && rows.length > 0) {
      const ttls = await run('HPTTL', key, 'FIELDS', String(rows.length), ...rows.map(({ field }) => field));
      rows.forEach((row, i) => {
        row.ttl = ttls?.[i] ?? -1;
      });
    }
    return { rows, total: must(total), next: next === '0' ? undefined : next };
  };
  const expire = (row, { seconds }) =>
    seconds.trim() === ''
      ? run('HPERSIST', key, 'FIELDS', '1', row.field)
      : run('HEXPIRE', key, seconds.trim(), 'FIELDS', '1', row.field);
  return collection({
    name: 'Fields',
    editing,
    load,
    after,
    columns: [
      { label: 'Field', cell: ({ field }) => field },
      { label: 'Value', cell: ({ value }) => value, value: true },
      ...(lives ? [{ label: 'Lives', cell: ({ ttl }) => (ttl < 0 ? '' : duration(ttl)), number: true }] : []),
    ],
    adders: [
      {
        label: 'Add field',
        fields: [
          { name: 'field', label: 'Field', required: true },
          { name: 'value', label: 'Value', kind: 'area' },
        ],
        action: async ({ field, value }) => {
          if ((await run('HSETNX', key, field, value)) !== 1) throw new Error('There is such a field');
        },
      },
    ],
    edit: ({ field, value }) => ({
      title: `Field ${field}`,
      text: lives ? 'A field that is set lives for ever, until it is given an expiry again.' : undefined,
      fields: [{ name: 'value', label: 'Value', kind: 'area', value: editable(value) }],
      action: (values) => run('HSET', key, field, typedLike(value, values.value)),
    }),
    actions: [
      ...(lives && has('HEXPIRE')
        ? [
            {
              label: 'Expiry',
              run: expire,
              fields: ({ ttl }) => [
                {
                  name: 'seconds',
                  label: 'Seconds to live',
                  kind: 'number',
                  value: ttl > 0 ? String(Math.ceil(ttl / 1000)) : '',
                  hint: 'Empty: for ever.',
                },
              ],
            },
          ]
        : []),
      {
        label: 'Remove',
        danger: true,
        text: ({ field }) => `The field ${field} is removed.`,
        run: ({ field }) => run('HDEL', key, field),
      },
    ],
  });
}
