/** Sets and sorted sets: members, with their scores in order. */
import { editable, must, run, runAll, typedLike } from './api.js';
import { collection } from './collection.js';

const PAGE = 100;
const MEMBER = { name: 'member', label: 'Member', kind: 'area' };
const SCORE = { name: 'score', label: 'Score', kind: 'number', required: true };

export function setView(key, { editing }, after) {
  const load = async (cursor = '0') => {
    const [page, total] = await runAll([
      ['SSCAN', key, cursor, 'COUNT', String(PAGE)],
      ['SCARD', key],
    ]);
    const [next, members] = must(page);
    return { rows: members.map((member) => ({ member })), total: must(total), next: next === '0' ? undefined : next };
  };
  return collection({
    name: 'Members',
    editing,
    load,
    after,
    columns: [{ label: 'Member', cell: ({ member }) => member, value: true }],
    adders: [{ label: 'Add member', fields: [MEMBER], action: ({ member }) => run('SADD', key, member) }],
    edit: ({ member }) => ({
      title: 'Member',
      fields: [{ ...MEMBER, value: editable(member) }],
      action: async (values) => {
        if (values.member === String(member)) return;
        // Added first: a set that is empty in between would be gone, and its expiry with it.
        for (const reply of await runAll([
          ['SADD', key, typedLike(member, values.member)],
          ['SREM', key, member],
        ]))
          must(reply);
      },
    }),
    actions: [
      {
        label: 'Remove',
        danger: true,
        text: ({ member }) => `The member ${String(member).slice(0, 80)} is removed.`,
        run: ({ member }) => run('SREM', key, member),
      },
    ],
  });
}

export function zsetView(key, { editing }, after) {
  const load = async (start = 0) => {
    const [page, total] = await runAll([
      ['ZRANGE', key, String(start), String(start + PAGE - 1), 'WITHSCORES'],
      ['ZCARD', key],
    ]);
    const rows = must(page).map(([member, score]) => ({ member, score }));
    return { rows, total: must(total), next: start + PAGE < must(total) ? start + PAGE : undefined };
  };
  return collection({
    name: 'Members',
    editing,
    load,
    after,
    columns: [
      { label: 'Member', cell: ({ member }) => member, value: true },
      { label: 'Score', cell: ({ score }) => String(score), number: true },
    ],
    adders: [
      {
        label: 'Add member',
        fields: [MEMBER, { ...SCORE, value: '0' }],
        action: async ({ member, score }) => {
          if ((await run('ZADD', key, 'NX', score, member)) !== 1) throw new Error('There is such a member');
        },
      },
    ],
    edit: ({ member, score }) => ({
      title: `Score of ${String(member).slice(0, 80)}`,
      fields: [{ ...SCORE, value: String(score) }],
      action: (values) => run('ZADD', key, 'XX', values.score, member),
    }),
    actions: [
      {
        label: 'Remove',
        danger: true,
        text: ({ member }) => `The member ${String(member).slice(0, 80)} is removed.`,
        run: ({ member }) => run('ZREM', key, member),
      },
    ],
  });
}
