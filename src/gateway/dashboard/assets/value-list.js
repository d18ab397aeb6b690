/** A list: elements by their index, from the head. */
import { editable, must, run, runAll, typedLike } from './api.js';
import { collection } from './collection.js';
import { number } from './format.js';

const PAGE = 100;

export function listView(key, { editing }, after) {
  const load = async (start = 0) => {
    const [page, total] = await runAll([
      ['LRANGE', key, String(start), String(start + PAGE - 1)],
      ['LLEN', key],
    ]);
    const rows = must(page).map((value, i) => ({ index: start + i, value }));
    return { rows, total: must(total), next: start + PAGE < must(total) ? start + PAGE : undefined };
  };
  const element = [{ name: 'value', label: 'Element', kind: 'area' }];
  return collection({
    name: 'Elements',
    editing,
    load,
    after,
    columns: [
      { label: 'Index', cell: ({ index }) => number(index), number: true },
      { label: 'Element', cell: ({ value }) => value, value: true },
    ],
    adders: [
      { label: 'Add at head', fields: element, action: ({ value }) => run('LPUSH', key, value) },
      { label: 'Add at tail', fields: element, action: ({ value }) => run('RPUSH', key, value) },
    ],
    edit: ({ index, value }) => ({
      title: `Element ${index}`,
      fields: [{ ...element[0], value: editable(value) }],
      action: (values) => run('LSET', key, String(index), typedLike(value, values.value)),
    }),
    actions: [
      {
        label: 'Remove',
        danger: true,
        text: ({ index }) => `Element ${index} is removed.`,
        // No command removes by index: the element is made unlike all others first.
        run: async ({ index, value }) => {
          if (JSON.stringify(await run('LINDEX', key, String(index))) !== JSON.stringify(value))
            throw new Error('The list has changed: refresh it first');
          const mark = `removed:${crypto.randomUUID()}`;
          for (const reply of await runAll([
            ['LSET', key, String(index), mark],
            ['LREM', key, '1', mark],
          ]))
            must(reply);
        },
      },
    ],
  });
}
