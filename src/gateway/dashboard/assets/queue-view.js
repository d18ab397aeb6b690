/** One queue: settings, counts, messages that come next, dead letters; publishing, purging, putting back. */
import { must, run, runAll } from './api.js';
import { ask } from './dialog.js';
import { button, facts, fill, guarded, h, headers, problem, say, tableSection } from './dom.js';
import { cut, duration, moment, number, size } from './format.js';

/** Messages that are shown. */
const SHOWN = '50';

export function queueView(key, { editing }, changed) {
  const element = h('div', { class: 'screen' });

  async function load() {
    try {
      const replies = await runAll([
        ['QUEUE.INFO', key],
        ['QUEUE.PEEK', key, 'COUNT', SHOWN],
        ['QUEUE.DLQ.LIST', key, 'COUNT', SHOWN],
      ]);
      const [info, next, dead] = replies.map(must);
      fill(element, head(info), buttons(info), messages('Next messages', next), messages('Dead letters', dead, true));
    } catch (e) {
      fill(element, problem(e));
    }
  }

  async function after(text) {
    say(text);
    await load();
    changed();
  }

  function buttons(info) {
    if (!editing) return null;
    return h(
      'div',
      { class: 'bar' },
      button('Publish', publish),
      button('Refresh', load),
      h('span', { class: 'push' }),
      button('Purge', () => purge(info), { class: 'danger' }),
      button('Requeue all dead', async () => after(`${number(await run('QUEUE.DLQ.REQUEUE', key))} put back`), {
        disabled: info.of('dead') === 0,
      }),
      button('Purge dead', purgeDead, { class: 'danger', disabled: info.of('dead') === 0 }),
    );
  }

  async function publish() {
    let id;
    const done = await ask({
      title: 'Publish',
      fields: [
        { name: 'payload', label: 'Payload', kind: 'area' },
        { name: 'priority', label: 'Priority, 0 to 9 (empty: that of the queue)', kind: 'number' },
        { name: 'delay', label: 'Milliseconds before delivery (empty: that of the queue)', kind: 'number' },
        { name: 'headers', label: 'Headers (one a line: name: value)', kind: 'area' },
      ],
      submit: 'Publish',
      action: async ({ payload, priority, delay, headers: lines }) => {
        const options = [...option('PRIORITY', priority), ...option('DELAY', delay), ...headerWords(lines)];
        id = await run('QUEUE.PUBLISH', key, payload, ...options);
      },
    });
    if (done) await after(`Published as ${id}`);
  }

  async function remove(title, text, command) {
    let removed = 0;
    const done = await ask({
      title,
      text,
      submit: 'Purge',
      danger: true,
      action: async () => {
        removed = await run(command, key);
      },
    });
    if (done) await after(`${number(removed)} removed`);
  }

  function purge(info) {
    const waiting = number(info.of('ready') + info.of('delayed'));
    const text = `${waiting} messages that wait are removed. Those in flight stay.`;
    return remove('Purge the queue?', text, 'QUEUE.PURGE');
  }

  function purgeDead() {
    return remove('Purge the dead letters?', 'All dead letters of the queue are removed.', 'QUEUE.DLQ.PURGE');
  }

  function messages(title, all, dead = false) {
    const heads = [
      'Id',
      'Priority',
      'Deliveries',
      'Published',
      ...(dead ? ['Reason'] : []),
      'Payload',
      ...(dead && editing ? [''] : []),
    ];
    const rows = (all ?? []).map((message) => row(message, dead));
    return tableSection(title, heads, rows);
  }

  function row(message, dead) {
    const id = String(message.of('id'));
    return h(
      'tr',
      {},
      h('td', {}, id),
      h('td', {}, String(message.of('priority'))),
      h('td', {}, String(message.of('deliveries'))),
      h('td', {}, moment(message.of('published'))),
      dead ? h('td', {}, String(message.of('reason'))) : null,
      h('td', { class: 'value' }, cut(message.of('payload')), headers(message.of('headers'))),
      dead && editing
        ? h(
            'td',
            { class: 'actions' },
            button('Requeue', () => run('QUEUE.DLQ.REQUEUE', key, id).then(() => after('Put back')), {
              class: 'plain',
              'aria-label': `Requeue ${id}`,
            }),
            button('Remove', () => run('QUEUE.DLQ.PURGE', key, id).then(() => after('Removed')), {
              class: 'plain danger',
              'aria-label': `Remove ${id}`,
            }),
          )
        : null,
    );
  }

  guarded(load);
  return element;
}

function option(name, text) {
  return text.trim() === '' ? [] : [name, text.trim()];
}

/** HEADERS n name value … from lines. @throws Error on a line that is none */
export function headerWords(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const words = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`No header: ${line}`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return lines.length === 0 ? [] : ['HEADERS', String(lines.length), ...words];
}

function head(info) {
  const n = (field) => number(info.of(field));
  const limit = (field, text = number) => (info.of(field) === 0 ? 'none' : text(info.of(field)));
  return h(
    'div',
    { class: 'grid' },
    facts([
      ['Ready', n('ready')],
      ['Delayed', n('delayed')],
      ['In flight', `${n('in-flight')}, at ${n('consumers')} consumer${info.of('consumers') === 1 ? '' : 's'}`],
      ['Dead', n('dead')],
      ['Oldest', info.of('depth') === 0 ? '–' : duration(info.of('oldest-ms'))],
      ['Memory', size(info.of('bytes'))],
      ['Acknowledged', `${n('acked')} of ${n('published')} published, ${n('nacked')} given back`],
    ]),
    facts([
      ['Most messages', limit('max-depth')],
      ['Deadline', duration(info.of('deadline'))],
      ['Further deliveries', n('retries')],
      ['Prefetch', limit('prefetch')],
      ['Priority', n('priority')],
      ['Lives', info.of('ttl') === 0 ? 'for ever' : duration(info.of('ttl'))],
      ['Delay', limit('delay', duration)],
    ]),
  );
}
