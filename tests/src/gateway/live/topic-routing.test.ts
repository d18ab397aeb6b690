/** Dotted topics with * and #, as AMQP means them; and that the glob which the server is asked for leaves none of them out. */
import t from 'tap';
import { routes, widerGlob } from '../../../../src/gateway/live/topic-routing.js';
import { globMatch } from '../../../../storage/glob.js';
import { seeded } from '../../../random.js';

const ROWS: readonly (readonly [pattern: string, yes: string, no: string])[] = [
  ['a.*.c', 'a.b.c a.*.c', 'a.c a.b.b.c a.b x.b.c'],
  ['a.#', 'a a.b a.b.c', 'b ab a-b b.a'],
  ['#', 'a a.b a.b.c', ''],
  ['*', 'a *', 'a.b'],
  ['#.c', 'c a.c a.b.c', 'c.a xc'],
  ['a.#.c', 'a.c a.b.c a.b.b.c', 'a ac a.b c a.c.d'],
  ['*.#', 'a a.b a.b.c', ''],
  ['#.*.#', 'a a.b', ''],
  ['a.#.#.b', 'a.b a.x.b a.x.y.b', 'a b a.bb'],
  ['a.b', 'a.b', 'a a.b.c a.x'],
  ['a?.[b]', 'a?.[b]', 'ax.b'],
  ['a.*b', 'a.*b', 'a.xb a.b'],
];

t.test('what a pattern means', (t) => {
  for (const [pattern, yes, no] of ROWS) {
    for (const name of yes.split(' ')) t.ok(routes(pattern, name), `${pattern} is ${name}`);
    for (const name of no.split(' ').filter((text) => text !== ''))
      t.notOk(routes(pattern, name), `${pattern} is not ${name}`);
  }
  t.end();
});

function matches(glob: string, channel: string): boolean {
  const [pattern, text] = [Buffer.from(glob), Buffer.from(channel)];
  return globMatch(pattern, 0, pattern.length, text, 0, text.length, false);
}

t.test('the glob is as wide, for any pattern and name', (t) => {
  const random = seeded(7);
  const word = (of: string): string => of[Math.floor(random() * of.length)];
  const name = (of: string): string => Array.from({ length: 1 + Math.floor(random() * 5) }, () => word(of)).join('.');
  let matched = 0;
  for (let i = 0; i < 20_000; i++) {
    const pattern = name('aab*#?');
    const channel = name('aab*?');
    if (!routes(pattern, channel)) continue;
    matched++;
    const glob = widerGlob(pattern);
    if (!matches(glob, channel)) t.fail(`${pattern} is ${channel}, but ${glob} is not`);
  }
  t.ok(matched > 1000, `${matched} matches`);
  t.end();
});
