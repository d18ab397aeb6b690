/** Configuration as text: words and quotes, files and includes, the command line, and what CONFIG REWRITE makes of a file. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { Settings } from '../../commands/settings.js';
import { commandLine } from '../../src/config/command-line.js';
import { figure, memoryText, parseMemory } from '../../src/config/figures.js';
import { files } from '../../src/config/files.js';
import { load } from '../../src/config/parse.js';
import { rewritten } from '../../src/config/rewrite.js';
import type { Surroundings } from '../../src/config/surroundings.js';
import { quoteWord, splitWords } from '../../src/config/words.js';

/** A world of a few files. */
function world(texts: Readonly<Record<string, string>> = {}): Surroundings {
  return {
    readFile: (name) => {
      if (texts[name] === undefined) throw new Error('No such file or directory');
      return texts[name];
    },
    replaceFile: () => {},
    glob: (pattern) => Object.keys(texts).filter((name) => name.startsWith(pattern.replace(/\*.*/, ''))),
    directory: (name) => {
      if (name === '/missing') throw new Error('No such file or directory');
      return name;
    },
    isCommand: (name) => ['get', 'set', 'flushall'].includes(name.toLowerCase()),
  };
}

/** Settings from a text, or the error's text. */
function read(text: string, texts: Readonly<Record<string, string>> = {}): Settings {
  const settings = new Settings();
  load(settings, world({ ...texts, 'synap.conf': text }), 'synap.conf', '', '');
  return settings;
}

t.test('words and quotes', (t) => {
  for (const [line, words] of [
    ['a  b\tc', ['a', 'b', 'c']],
    ['a "b c" \'d e\'', ['a', 'b c', 'd e']],
    ['"\\x41\\n\\"\\q"', ['A\n"q']],
    ["'it\\'s \\n'", ["it's \\n"]],
    ['a ""', ['a', '']],
    ['a"b c"', ['ab c']],
    ['   ', []],
  ] as const)
    t.same(splitWords(line), words, line);
  for (const line of ['"a', "'a", '"a"b', "'a\\'"]) t.equal(splitWords(line), undefined, line);
  const every = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
  t.same(splitWords(quoteWord(every)), [every], 'every byte survives');
  t.end();
});

t.test('sizes', (t) => {
  for (const [text, bytes] of [
    ['1k', 1000],
    ['1kb', 1024],
    ['2MB', 2097152],
    ['1gB', 1073741824],
    ['5', 5],
    ['5b', 5],
    ['', 0],
  ] as const)
    t.equal(parseMemory(text), bytes, text);
  for (const text of ['1xb', '-1', '1.5gb', '1 gb']) t.equal(parseMemory(text), undefined, text);
  t.same([1024, 1073741824, 1000, 0, 3 * 1024 * 1024].map(memoryText), ['1kb', '1gb', '1000', '0', '3mb']);
  t.same([2 ** 63, 2 ** 64, 2 ** 60, -1].map(figure), [
    '9223372036854775807',
    '18446744073709551615',
    '1152921504606846976',
    '-1',
  ]);
  t.end();
});

t.test('a file: comments, older names, lines that add up, later wins', (t) => {
  const settings = read(
    '# hello\r\n\n  PORT 0\nmaxmemory 1gb\nslave-read-only no\nhash-max-ziplist-entries 7\nsave 60 1\nsave 300 10\n' +
      'client-output-buffer-limit normal 1mb 0 0\nclient-output-buffer-limit slave 1 2 3\nhz 20\nhz 30\n' +
      'list-max-ziplist-entries 5\nlua-replicate-commands yes\nrequirepass "a b"\nbind * -::*\nunixsocketperm 700\n' +
      'oom-score-adj-values 1 2 3\nreplicaof no one\n',
  );
  t.match(settings, {
    noTcp: true,
    port: 0,
    maxmemory: 1073741824,
    replicaReadOnly: false,
    hz: 30,
    requirepass: 'a b',
  });
  t.equal(settings.limits.hashMaxListpackEntries, 7);
  t.same(settings.save, [
    { seconds: 60, changes: 1 },
    { seconds: 300, changes: 10 },
  ]);
  t.same(settings.clientOutputBufferLimit.normal, { hardBytes: 1048576, softBytes: 0, softSeconds: 0 });
  t.same(settings.clientOutputBufferLimit.replica, { hardBytes: 1, softBytes: 2, softSeconds: 3 });
  t.same(settings.bind, ['*', '-::*']);
  t.equal(settings.unixsocketperm, 0o700);
  t.same(read('save 60 1\nsave ""').save, []);
  t.same(read('save ""\nsave 60 1').save, [{ seconds: 60, changes: 1 }]);
  t.equal(read('').save.length, 3);
  t.same(read('bind').bind, []);
  t.end();
});

t.test('include, and rename-command', (t) => {
  t.equal(read('hz 1\ninclude /a/b.conf\n', { '/a/b.conf': 'hz 7\n' }).hz, 7);
  t.equal(read('include /a/*.conf\n', { '/a/1.conf': 'hz 7\n', '/a/2.conf': 'timeout 8\n' }).timeout, 8);
  t.equal(read('include /a/*.conf\n').hz, 10, 'a pattern that matches nothing is no error');
  t.throws(() => read('include /a/b.conf'), {
    message: "Fatal error, can't open config file '/a/b.conf': No such file or directory",
  });
  t.throws(() => read('include /a', { '/a': 'include synap.conf' }), /'synap.conf' includes itself/);
  t.same(read('rename-command FLUSHALL ""\nrename-command get fetch\nrename-command debug ""').renameCommand, [
    { from: 'FLUSHALL', to: '' },
    { from: 'get', to: 'fetch' },
  ]);
  t.same(read('rename-command get old\nrename-command set get').renameCommand.length, 2, 'a name that has become free');
  t.end();
});

t.test('fatal lines: where and why', (t) => {
  for (const [text, line, shown, reason] of [
    ['hz 10\n\n# c\nfoo "bar baz"', 4, 'foo "bar baz"', 'Bad directive or wrong number of arguments'],
    ['save "60', 1, 'save "60', 'Unbalanced quotes in configuration line'],
    ['port 1 2', 1, 'port 1 2', 'wrong number of arguments'],
    ['port', 1, 'port', 'wrong number of arguments'],
    ['port 99999', 1, 'port 99999', 'argument must be between 0 and 65535 inclusive'],
    ['hz 10 # no comment', 1, 'hz 10 # no comment', 'wrong number of arguments'],
    ['dir /missing', 1, 'dir /missing', 'No such file or directory'],
    ['unixsocketperm 999', 1, 'unixsocketperm 999', "argument couldn't be parsed as an octal number"],
    ['unixsocketperm 7777', 1, 'unixsocketperm 7777', 'argument must be between 0 and 777 inclusive'],
    ['list-max-ziplist-entries 1 2', 1, 'list-max-ziplist-entries 1 2', 'Bad directive or wrong number of arguments'],
    ['rename-command GET', 1, 'rename-command GET', 'Bad directive or wrong number of arguments'],
    ['rename-command GETX a', 1, 'rename-command GETX a', 'No such command in rename-command'],
    ['rename-command GET SET', 1, 'rename-command GET SET', 'Target command name already exists'],
    ['replicaof a', 1, 'replicaof a', 'wrong number of arguments'],
    ['replicaof a x', 1, 'replicaof a x', 'Invalid master port'],
    ['replicaof a 1', 1, 'replicaof a 1', 'there is no replication yet: only `no one` is possible'],
    ['cluster-enabled yes', 1, 'cluster-enabled yes', 'there is no cluster yet: only no is possible'],
    ['tls-port 6380', 1, 'tls-port 6380', 'there is no TLS yet: only 0 is possible'],
    ['appendfilename a/b', 1, 'appendfilename a/b', "appendfilename can't be a path, just a filename"],
    ['user bob on', 1, 'user bob on', 'there are no ACL users yet: use requirepass'],
    ['loadmodule x.so', 1, 'loadmodule x.so', 'there are no modules to load'],
    ['sentinel monitor', 1, 'sentinel monitor', 'sentinel directive while not in sentinel mode'],
    ['syslog-enabled yes', 1, 'syslog-enabled yes', /no way to syslog/],
    ['server_cpulist 0-3', 1, 'server_cpulist 0-3', /taskset/],
    [`bind ${'a '.repeat(17)}`, 1, `bind ${'a '.repeat(17).trimEnd()}`, 'Too many bind addresses specified.'],
    ['save', 1, 'save', 'Invalid save parameters'],
  ] as const) {
    const head = `Reading the configuration file, at line ${line}\n>>> '${shown}'\n`;
    try {
      read(text);
      t.fail(`${text} was taken`);
    } catch (e) {
      const { message } = e as Error;
      t.equal(message.slice(0, head.length), head);
      t.match(message.slice(head.length), reason, text);
    }
  }
  t.end();
});

t.test('the command line', (t) => {
  for (const [argv, file, stdin, lines] of [
    [[], undefined, false, ''],
    [['a.conf', '--port', '7000'], 'a.conf', false, 'port "7000" '],
    [['--port', '7000', '--save', ''], undefined, false, 'port "7000" \nsave "" '],
    [['--save', '--port', '1'], undefined, false, 'save ""\nport "1" '],
    [['--save'], undefined, false, 'save ""'],
    [['--save', '60', '1', '--save', '300', '10'], undefined, false, 'save "60" "1" \nsave "300" "10" '],
    [['--proc-title-template', '--x--'], undefined, false, 'proc-title-template "--x--" '],
    [['--port 7000', '--hz', '5'], undefined, false, 'port 7000 \nhz "5" '],
    [['-', '--hz', '5'], undefined, true, 'hz "5" '],
    [['a.conf', '--hz', '5', '-'], 'a.conf', true, 'hz "5" '],
    [['--requirepass', 'ü"'], undefined, false, 'requirepass "\\xc3\\xbc\\"" '],
  ] as const) {
    const line = commandLine(argv);
    t.same(
      [line.wish, line.file, line.stdin, line.lines.replace(/ \n/g, ' \n')],
      ['run', file, stdin, lines],
      argv.join(' '),
    );
  }
  const wishes = ['-v', '--version', '-h', '--help', '--check-system'].map((word) => commandLine([word]).wish);
  t.same(wishes, ['version', 'version', 'help', 'help', 'check-system']);
  t.equal(commandLine(['--test-memory', '100']).wish, 'test-memory');
  const settings = new Settings();
  load(settings, world({ 'a.conf': 'hz 1\ntimeout 9\n' }), 'a.conf', 'hz 2\n', 'hz 3');
  t.match(settings, { hz: 3, timeout: 9 });
  t.throws(() => load(new Settings(), world(), undefined, '', 'hz 1\nfoo "bar"'), /at line 3\n>>> 'foo "bar"'/);
  t.end();
});

t.test('what CONFIG REWRITE makes of a file', (t) => {
  const text =
    '# top\nport 7000\nsave 900 1\nsave 300 10\n\nslave-read-only no\nrename-command DEBUG ""\ninclude more.conf\n' +
    'client-output-buffer-limit slave 1mb 0 0\nnotify-keyspace-events ""\nrequirepass "foo bar"\nunknown thing\n';
  const settings = read(text.replace('unknown thing\n', ''), { 'more.conf': 'maxclients 500\n' });
  const same = text.replace('slave-read', 'replica-read').replace('limit slave', 'limit replica');
  const once = rewritten(text, settings, new Settings());
  t.equal(once, `${same}\n# Generated by CONFIG REWRITE\nmaxclients 500\n`);
  t.equal(rewritten(once, settings, new Settings()), once, 'twice is once');
  Object.assign(settings, {
    requirepass: '',
    maxmemory: 104857600,
    notifyKeyspaceEvents: 7,
    unixsocketperm: 0o700,
  });
  settings.save = [{ seconds: 60, changes: 1 }];
  settings.latencyTrackingInfoPercentiles = [];
  settings.shutdownOnSigint = ['save', 'now'];
  settings.oomScoreAdjValues = [1, 2, 3];
  const twice = rewritten(once, settings, new Settings());
  t.equal(
    twice,
    `# top
port 7000
save 60 1

replica-read-only no
rename-command DEBUG ""
include more.conf
client-output-buffer-limit replica 1mb 0 0
notify-keyspace-events "gKE"
unknown thing

# Generated by CONFIG REWRITE
maxclients 500
unixsocketperm 700
shutdown-on-sigint save now
oom-score-adj-values 1 2 3
maxmemory 100mb
latency-tracking-info-percentiles ""
`,
  );
  const again = new Settings();
  const readable = twice.replace('unknown thing\n', '');
  load(again, world({ 'more.conf': '' }), undefined, readable, '');
  t.same(rewritten(twice, again, new Settings()), twice, 'it reads back as it was');
  settings.save = [];
  t.match(rewritten(twice, settings, new Settings()), /\nsave ""\n/);
  t.end();
});

t.test('files of this machine', (t) => {
  const around = files(() => false);
  const folder = mkdtempSync(path.join(tmpdir(), 'synap-'));
  writeFileSync(path.join(folder, 'b.conf'), 'hz \xff1', 'latin1');
  writeFileSync(path.join(folder, 'a.conf'), '');
  writeFileSync(path.join(folder, '.c.conf'), '');
  t.equal(around.readFile(path.join(folder, 'b.conf')), 'hz \xff1');
  t.same(
    around.glob(path.join(folder, '*.conf')),
    ['a.conf', 'b.conf'].map((name) => path.join(folder, name)),
  );
  t.same(around.glob(path.join(path.dirname(folder), 'synap-*', 'nothing*')), []);
  t.same(around.glob('/nonexistent/*'), []);
  t.equal(around.directory(`${folder}/../${path.basename(folder)}`), folder);
  t.throws(() => around.directory(path.join(folder, 'a.conf')), { message: 'Not a directory' });
  t.throws(() => around.replaceFile('/nonexistent/x', ''), { message: 'No such file or directory' });
  around.replaceFile(path.join(folder, 'b.conf'), 'x\xe9');
  t.equal(around.readFile(path.join(folder, 'b.conf')), 'x\xe9');
  t.end();
});
