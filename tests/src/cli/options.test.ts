/** The command line: what it means and what is refused. */
import t from 'tap';
import { parseOptions, UsageFault, usage } from '../../../src/cli/options.js';
import { synapCli } from './started.js';

t.test('defaults', async (t) => {
  t.same(parseOptions([], {}), {
    place: { host: '127.0.0.1', port: 6379, path: undefined, tls: undefined },
    user: undefined,
    password: undefined,
    db: 0,
    protocol: 2,
    format: undefined,
    delimiters: { items: '\n', replies: '\n' },
    repeat: undefined,
    interval: 0,
    lastFromInput: false,
    tag: undefined,
    script: undefined,
    failOnError: false,
    scan: undefined,
    bigKeys: undefined,
    watch: undefined,
    pipe: undefined,
    pushes: undefined,
    words: [],
    warning: '',
    ask: undefined,
  });
});

t.test('options', async (t) => {
  const parsed = (line: string, env = {}) => parseOptions(line.split(' '), env);
  t.match(parsed('-u redis://us%20er:p%40ss@example.org:7000/5 get k'), {
    place: { host: 'example.org', port: 7000 },
    user: 'us er',
    password: 'p@ss',
    db: 5,
    words: ['get', 'k'],
    warning: /^Warning/,
  });
  t.match(parsed('-u redis://[::1]'), { place: { host: '::1', port: 6379 }, password: undefined });
  t.match(parsed('-u rediss://[::1]:7000').place, { host: '::1', port: 7000, tls: { secureContext: {} } });
  t.match(parsed('--sni example.org --insecure --tls').place.tls, {
    rejectUnauthorized: false,
    servername: 'example.org',
  });
  t.equal(parsed('ping', { REDISCLI_AUTH: 'secret' }).password, 'secret');
  t.match(parsed('-a x ping', { REDISCLI_AUTH: 'secret' }), { password: 'x', warning: /^Warning/ });
  t.equal(parsed('-a x --no-auth-warning ping').warning, '');
  t.match(parsed('--json get k'), { format: 'json', protocol: 3 });
  t.match(parsed('--json -2 get k'), { format: 'json', protocol: 2 });
  t.match(parsed('-r -1 -i .5 get -h'), { repeat: -1, interval: 0.5, words: ['get', '-h'] });
  t.match(parsed('--scan --pattern a* --count 7'), { scan: { pattern: 'a*', count: 7 } });
  t.same(parsed('--pipe').pipe, { timeout: 30 });
  t.same(parsed('--pipe-timeout 0 --pipe').pipe, { timeout: 0 });
  t.equal(parsed('-h').ask, 'help');
  t.match(parsed('-h localhost'), { place: { host: 'localhost' }, ask: undefined });
  t.same(parsed('set \u00e9').words, ['set', '\xc3\xa9'], 'words are bytes');
});

t.test('what will not do', async (t) => {
  const rows = [
    ['--nosuch', /Unrecognized option or bad number of args for: '--nosuch'/],
    ['-p', /bad number of args for: '-p'/],
    ['-p x', /-p takes a number, not 'x'/],
    ['-n 1.5', /-n takes a number/],
    ['-i x', /-i takes seconds/],
    ['-r -2', /-r takes a number/],
    ['-u x', /Invalid URI/],
    ['-u http://x', /Invalid URI scheme/],
    ['--pattern x', /--pattern belongs to --scan/],
    ['--bigkeys --count 1', /--count belongs to --scan/],
    ['--bigkeys --stat', /go alone/],
    ['--latency --scan', /go alone/],
    ['--stat -x', /go alone/],
    ['--stat ping', /A command cannot be given/],
    ['-x -X tag set k', /mutually exclusive/],
    ['--memkeys-samples x', /takes a number/],
    ['--eval', /bad number of args/],
    ['--pipe-timeout 1', /--pipe-timeout belongs to --pipe/],
    ['--quoted-input "a', /Invalid quoted string/],
    ['--sni x', /belong to --tls/],
    ['-c', /Unrecognized option/],
  ] as const;
  for (const [line, message] of rows) {
    try {
      parseOptions(line.split(' '), {});
      t.fail(line);
    } catch (e) {
      t.ok(e instanceof UsageFault, line);
      t.match((e as Error).message, message);
    }
  }
  const { code, err, out } = await synapCli(['--nosuch']);
  t.same([code, out], [1, '']);
  t.match(err, /Unrecognized/);
});

t.test('help and version', async (t) => {
  t.match(usage(), /--no-raw +formatted replies/);
  t.match(await synapCli(['--help']), { code: 0, out: /^Usage: synap-cli/ });
  t.match(await synapCli(['-v']), { code: 0, out: 'synap-cli 0.0.0-test\n' });
});

t.test('nobody answers', async (t) => {
  const { code, err } = await synapCli(['-p', '1', 'ping']);
  t.equal(code, 1);
  t.equal(err, 'Could not connect to Redis at 127.0.0.1:1: Connection refused\n');
  t.match(await synapCli(['-s', '/nonexistent/socket', 'ping']), {
    code: 1,
    err: /\/nonexistent\/socket: No such file/,
  });
});
