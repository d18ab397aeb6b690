/** One topic: partitions, events from an offset on, groups with their members and lag; publishing. */
import { must, pairsOf, run, runAll } from './api.js';
import { ask } from './dialog.js';
import { button, facts, field, fill, guarded, h, headers, problem, say, select, table, tableSection } from './dom.js';
import { cut, duration, moment, number, size } from './format.js';
import { headerWords } from './queue-view.js';

/** Events of a page. */
const PAGE = 50;

export function topicView(key, { editing }, changed) {
  const element = h('div', { class: 'screen' });

  async function load() {
    try {
      const info = await run('TOPIC.INFO', key);
      const partitions = info.of('partitions').map(pairsOf);
      fill(
        element,
        head(info),
        editing
          ? h(
              'div',
              { class: 'bar' },
              button('Publish', publish),
              button('New group', createGroup),
              button('Refresh', load),
            )
          : null,
        partitionTable(partitions),
        events(partitions),
        groups(info.of('groups')),
      );
    } catch (e) {
      fill(element, problem(e));
    }
  }

  async function after(text) {
    say(text);
    await load();
    changed();
  }

  async function publish() {
    let where;
    const done = await ask({
      title: 'Publish',
      fields: [
        { name: 'data', label: 'Data', kind: 'area' },
        { name: 'key', label: 'Key (decides the partition; empty: none)' },
        { name: 'type', label: 'Type (empty: none)' },
        { name: 'headers', label: 'Headers (one a line: name: value)', kind: 'area' },
      ],
      submit: 'Publish',
      action: async (given) => {
        const options = [
          ...(given.key === '' ? [] : ['KEY', given.key]),
          ...(given.type === '' ? [] : ['TYPE', given.type]),
          ...headerWords(given.headers),
        ];
        where = await run('TOPIC.PUBLISH', key, given.data, ...options);
      },
    });
    if (done) await after(`Published to partition ${where[0]} at ${where[1]}`);
  }

  async function createGroup() {
    const done = await ask({
      title: 'New group',
      fields: [
        { name: 'group', label: 'Name', required: true },
        {
          name: 'strategy',
          label: 'Strategy',
          kind: 'select',
          value: 'RANGE',
          options: ['RANGE', 'ROUNDROBIN', 'STICKY'],
        },
        {
          name: 'start',
          label: 'Starts with',
          kind: 'select',
          value: 'EARLIEST',
          options: [
            ['EARLIEST', 'the first event'],
            ['LATEST', 'what comes next'],
          ],
        },
      ],
      submit: 'Create',
      action: async ({ group, strategy, start }) => {
        const made = await run('TOPIC.GROUP.CREATE', key, group, 'STRATEGY', strategy, 'START', start);
        if (made !== 1) throw new Error('There is such a group');
      },
    });
    if (done) await after('Created');
  }

  // ---- events ---------------------------------------------------------------------------------------------------------------------

  function events(partitions) {
    const body = h('tbody');
    const last = partitions[0]?.of('next-offset') ?? 0;
    const from = h('input', {
      value: String(Math.max(partitions[0]?.of('first-offset') ?? 0, last - PAGE)),
      inputmode: 'numeric',
    });
    const which = select(
      partitions.map((one) => String(one.of('partition'))),
      '0',
      (value) => {
        const one = partitions[Number(value)];
        from.value = String(Math.max(one.of('first-offset'), one.of('next-offset') - PAGE));
        return read();
      },
    );
    async function read() {
      const all = (await run('TOPIC.READ', key, 'COUNT', String(PAGE), 'FROM', which.value, from.value)) ?? [];
      fill(
        body,
        all.length === 0
          ? h('tr', {}, h('td', { colspan: 5, class: 'soft' }, 'No events from here on.'))
          : all.map((one) => eventRow(one)),
      );
      return all;
    }
    const on = async () => {
      const all = await read();
      if (all.length === 0) return;
      from.value = String(Number(all[all.length - 1].of('offset')) + 1);
    };
    guarded(read);
    const go = (event) => {
      event.preventDefault();
      guarded(read);
    };
    return h(
      'section',
      { class: 'screen' },
      h('h3', {}, 'Events'),
      h(
        'form',
        { class: 'row-form', onsubmit: go },
        field('Partition', which),
        field('From offset', from),
        h('button', { type: 'submit' }, 'Read'),
        button('Next page', () => on().then(read)),
      ),
      h('div', { class: 'wide' }, table('Events', ['Offset', 'Time', 'Key', 'Type', 'Data'], body)),
    );
  }

  // ---- groups ---------------------------------------------------------------------------------------------------------------------

  function groups(names) {
    const content = h('div', { class: 'screen' }, names.length === 0 ? h('p', { class: 'soft' }, 'None.') : null);
    guarded(async () => {
      const infos = (await runAll(names.map((name) => ['TOPIC.GROUP.INFO', key, name]))).map(must);
      const offsets = (await runAll(names.map((name) => ['TOPIC.GROUP.OFFSETS', key, name]))).map(must);
      content.append(...names.map((name, i) => group(name, infos[i], offsets[i].map(pairsOf))));
    });
    return h('section', {}, h('h3', {}, 'Groups'), content);
  }

  function group(name, info, offsets) {
    const members = info.of('members').map(pairsOf);
    const lag = offsets.reduce((n, one) => n + one.of('lag'), 0);
    const remove = async () => {
      const done = await ask({
        title: `Delete the group ${name}?`,
        text: 'What it has committed is forgotten.',
        submit: 'Delete',
        danger: true,
        action: () => run('TOPIC.GROUP.DELETE', key, name),
      });
      if (done) await after('Deleted');
    };
    return h(
      'details',
      { open: true },
      h(
        'summary',
        {},
        h('strong', {}, String(name)),
        ` · ${info.of('state')} · generation ${info.of('generation')} · ${number(lag)} behind`,
      ),
      h(
        'div',
        { class: 'grid' },
        figures(
          'Members',
          ['Member', 'Partitions', 'Heard'],
          members.map((one) => [
            String(one.of('member')),
            one.of('partitions').join(', '),
            `${duration(one.of('idle'))} ago`,
          ]),
        ),
        figures(
          'Offsets',
          ['Partition', 'Committed', 'Next', 'Lag'],
          offsets.map((one) =>
            ['partition', 'committed', 'next-offset', 'lag'].map((name) => String(one.of(name) ?? '–')),
          ),
        ),
      ),
      h(
        'p',
        { class: 'soft small' },
        `${info.of('strategy')}, a member is gone after ${duration(info.of('timeout'))}, starts ${info.of('start')}`,
      ),
      editing ? button('Delete group', remove, { class: 'danger' }) : null,
    );
  }

  guarded(load);
  return element;
}

function eventRow(event) {
  return h(
    'tr',
    {},
    h('td', {}, String(event.of('offset'))),
    h('td', {}, moment(event.of('time'))),
    h('td', {}, cut(event.of('key') ?? '', 100)),
    h('td', {}, cut(event.of('type') ?? '', 100)),
    h('td', { class: 'value' }, cut(event.of('data')), headers(event.of('headers'))),
  );
}

function head(info) {
  const limit = (name, text) => (info.of(name) === 0 ? 'none' : text(info.of(name)));
  return facts([
    ['Published', number(info.of('published'))],
    ['Kept for', info.of('retention') === 0 ? 'ever' : duration(info.of('retention'))],
    ['Most bytes', limit('max-bytes', size)],
    ['Most events', limit('max-len', number)],
  ]);
}

function partitionTable(partitions) {
  const rows = partitions.map((one) =>
    [one.of('partition'), one.of('first-offset'), one.of('next-offset'), one.of('events')]
      .map(String)
      .concat(size(one.of('bytes'))),
  );
  return figures('Partitions', ['Partition', 'First offset', 'Next offset', 'Events', 'Memory'], rows);
}

/** A section with a table of texts. */
function figures(title, heads, rows) {
  return tableSection(
    title,
    heads,
    rows.map((cells) =>
      h(
        'tr',
        {},
        cells.map((text) => h('td', {}, text)),
      ),
    ),
  );
}
