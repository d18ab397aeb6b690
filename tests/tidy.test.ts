/** The rules of the house: which way imports run, and how long a file may be. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { commandTable } from '../commands/registry.js';

const ROOT = new URL('../../', import.meta.url).pathname;
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  protocol: ['protocol'],
  storage: ['storage'],
  commands: ['commands', 'protocol', 'storage'],
  src: ['src', 'commands', 'protocol', 'storage'],
  bin: ['bin', 'src', 'commands'],
  'compat-suite': ['compat-suite'],
  tests: ['tests', 'bin', 'src', 'commands', 'protocol', 'storage', 'compat-suite'],
};

for (const [room, allowed] of Object.entries(ALLOWED)) {
  for (const name of readdirSync(ROOT + room, { recursive: true }) as string[]) {
    if (!name.endsWith('.ts')) continue;
    const path = `${room}/${name}`;
    const text = readFileSync(ROOT + path, 'utf8');
    t.ok(text.split('\n').length <= 400, `${path} has at most 400 lines: split it by idea`);
    t.match(text, /^(#!.*\n)?\/\*\*/, `${path} opens with a comment that says what it is`);
    for (const [, target] of text.matchAll(/from '(\.[^']+)'/g)) {
      const to = new URL(target, `file:///${path}`).pathname.split('/')[1];
      t.ok(allowed.includes(to), `${path} imports ${target}: imports run bin -> src -> commands -> protocol, storage`);
    }
  }
}

t.equal(commandTable().byName.get('set')?.arity, -3);
t.equal(commandTable().byName.get('get')?.arity, 2);
t.equal(commandTable().byName.get('multi')?.arity, 1);
