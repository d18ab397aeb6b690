/** How servers start and end: in this process by SHUTDOWN, and as processes of their own by signals. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { createServer } from '../../src/index.js';
import { isDaemon } from '../../src/lifecycle/daemon.js';
import { notifySystemd, supervisor } from '../../src/lifecycle/supervision.js';
import { checkSystem } from '../../src/lifecycle/system-check.js';
import { Log } from '../../src/log/log.js';
import { Session } from '../commands/session.js';
import { freePort } from '../free-port.js';
import { play } from '../script.js';

const PROGRAM = new URL('../../bin/synap.js', import.meta.url).pathname;
const folder = mkdtempSync(path.join(tmpdir(), 'synap-'));

/** A process of the program, what it has written, and how it ended. */
class Program {
  out = '';
  err = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(args: readonly string[], input?: string, environment: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, env: { ...process.env, ...environment } });
    this.child.stdout!.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr!.on('data', (chunk) => {
      this.err += chunk;
    });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.stdin!.end(input ?? '');
  }

  get pid(): number {
    return this.child.pid!;
  }

  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.out)) {
      if (this.child.exitCode !== null) throw new Error(`ended without ${pattern}: ${this.out}${this.err}`);
      await pause();
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

t.test('SHUTDOWN of an embedded server closes it, and tells its host', async (t) => {
  const lines: string[] = [];
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const server = await createServer({ write: (line) => lines.push(line), ended, dir: `${folder}/nosuch` });
  t.same(
    await play(
      server.port,
      `
      A  SHUTDOWN foo => -ERR syntax error
      A  SHUTDOWN SAVE NOSAVE => -ERR syntax error
      A  SHUTDOWN ABORT NOW => -ERR syntax error
      A  SHUTDOWN ABORT => -ERR No shutdown in progress.
      A  SHUTDOWN SAVE => -ERR Errors trying to SHUTDOWN. Check logs.
      A  PING => +PONG
      A  MULTI => +OK
      A  SHUTDOWN => -ERR Command not allowed inside a transaction
      A  EXEC => -EXECABORT Transaction discarded because of previous errors.`,
    ),
    [],
  );
  const socket = net.connect(server.port, '127.0.0.1', () => socket.write('shutdown nosave nosave now force\r\n'));
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  await Promise.all([end, new Promise((resolve) => socket.once('close', resolve))]);
  t.equal(received, '', 'SHUTDOWN has no reply');
  t.equal(server.clients.size, 0);
  t.match(lines.join(''), /Error trying to save the DB, can't exit/);
  t.match(lines.at(-1), /User requested shutdown\.\.\./);
});

t.test('an option of createServer that asks for what is not there', async (t) => {
  await t.rejects(createServer({ tlsPort: 1 }), { message: /^tls-port: there is no TLS yet/ });
});

t.test('SHUTDOWN with save points saves, and a signal means what its directive says', (t) => {
  const s = new Session({ dir: `${folder}/nosuch` });
  const lines: string[] = [];
  const { lifecycle, settings } = s.server;
  Object.assign(s.server, { log: new Log('notice', (line) => lines.push(line)) });
  settings.shutdownOnSigint = ['save'];
  lifecycle.signalled('SIGINT');
  t.equal(lifecycle.closing, false, 'saving is not possible');
  t.match(lines.at(-1), /SIGINT received, but the server could not be shut down/);
  settings.shutdownOnSigint = ['save', 'force'];
  lifecycle.signalled('SIGINT');
  t.equal(lifecycle.closing, true);
  lines.length = 0;
  const other = new Session({ dir: folder, save: [{ seconds: 60, changes: 1 }] });
  Object.assign(other.server, { log: new Log('notice', (line) => lines.push(line)) });
  t.equal(other.raw('shutdown'), '', 'no reply');
  t.match(lines.join(''), /Saving the final RDB snapshot before exiting[\s\S]*DB saved on disk/);
  t.ok(existsSync(path.join(folder, 'dump.rdb')));
  t.equal(other.raw('shutdown'), '', 'no reply');
  t.equal(lines.length, 3, 'a second one changes nothing');
  t.end();
});

t.test('rename-command', (t) => {
  const s = new Session({
    renameCommand: [
      { from: 'FLUSHALL', to: '' },
      { from: 'config', to: 'Tune' },
      { from: 'get', to: 'fetch' },
    ],
  });
  t.match(s.ask('flushall'), /^-ERR unknown command 'flushall'/);
  t.match(s.ask('config get hz'), /^-ERR unknown command/);
  t.same(s.ask('tune get hz'), ['hz', '10']);
  t.equal(s.ask('FETCH k'), null);
  t.equal(s.ask('fetch'), "-ERR wrong number of arguments for 'fetch' command");
  t.end();
});

t.test('the title of the process', (t) => {
  const titles: string[] = [];
  const s = new Session({ port: 7000, bind: ['127.0.0.1'] });
  Object.assign(s.server.lifecycle, { host: { title: (text: string) => titles.push(text), configFile: '/a.conf' } });
  s.server.lifecycle.showTitle();
  s.ask(['config', 'set', 'proc-title-template', '{title} {port} {config-file}{unixsocket}']);
  t.same(titles, ['synap 127.0.0.1:7000', 'synap 7000 /a.conf']);
  t.end();
});

t.test('who supervises', async (t) => {
  const lines: string[] = [];
  const log = new Log('notice', (line) => lines.push(line));
  const systemd = { NOTIFY_SOCKET: '/run/x' };
  const upstart = { UPSTART_JOB: 'synap' };
  t.equal(supervisor('no', { ...systemd, ...upstart }, log), 'none');
  t.equal(supervisor('auto', systemd, log), 'systemd');
  t.equal(supervisor('systemd', systemd, log), 'systemd');
  t.equal(supervisor('auto', upstart, log), 'upstart');
  t.equal(supervisor('upstart', upstart, log), 'upstart');
  t.equal(supervisor('auto', {}, log), 'none');
  t.same(lines, []);
  t.equal(supervisor('systemd', {}, log), 'none');
  t.equal(supervisor('upstart', {}, log), 'none');
  t.equal(lines.length, 2);
  const saved = process.env['PATH'];
  process.env['PATH'] = folder;
  await notifySystemd(['--ready'], log);
  t.match(lines.at(-1), /systemd-notify/, 'a program that is missing is told');
  const heard = path.join(folder, 'heard');
  writeFileSync(path.join(folder, 'systemd-notify'), `#!/bin/sh\necho "$@" > ${heard}\n`);
  chmodSync(path.join(folder, 'systemd-notify'), 0o755);
  await notifySystemd(['--ready', '--status=x'], log);
  process.env['PATH'] = saved;
  t.equal(readFileSync(heard, 'utf8'), '--ready --status=x\n');
  const environment = { SYNAP_DAEMON: '1' };
  t.equal(isDaemon(environment), true);
  t.equal(isDaemon(environment), false, 'children do not inherit it');
});

t.test('--check-system', (t) => {
  const findings = checkSystem((name) =>
    name.endsWith('limits') ? 'Max open files            1024  4096 files\n' : '128\n',
  );
  t.match(findings[0].warning, /Only 1024 files/);
  t.match(findings[1].warning, /is 128/);
  t.same(
    checkSystem(() => {
      throw new Error('no such file');
    }).map(({ warning }) => warning),
    [undefined, undefined],
  );
  t.end();
});

t.test('a process: from its first line to its last', async (t) => {
  const port = await freePort();
  writeFileSync(path.join(folder, 'a.conf'), `port ${port}\nsave 60 1\nunixsocket ${folder}/s.sock\npidfile a.pid\n`);
  const args = ['a.conf', '--bind', '127.0.0.1', '--always-show-logo', 'yes', '--set-proc-title', 'yes'];
  const program = new Program(args);
  await program.says(/Ready to accept connections unix\n/);
  t.match(program.out, /^\d+:M \d+ \w+ \d{4} [\d:.]+ # oO0OoO0OoO0Oo Synap is starting oO0OoO0OoO0Oo\n/);
  t.match(program.out, /Configuration loaded\n/);
  t.match(program.out, new RegExp(`Port: ${port}\n`), 'the logo');
  t.match(program.out, /\* Ready to accept connections tcp\n/);
  t.equal(readFileSync(path.join(folder, 'a.pid'), 'utf8'), `${program.pid}\n`);
  if (process.platform === 'linux')
    t.match(readFileSync(`/proc/${program.pid}/cmdline`, 'latin1'), new RegExp(`^synap 127\\.0\\.0\\.1:${port}`));
  const second = new Program(['--port', String(port), '--bind', '127.0.0.1', '--save', '']);
  t.equal(await second.ended, 1);
  t.match(
    second.out,
    `# Warning: Could not create server TCP listening socket 127.0.0.1:${port}: bind: Address already in use\n`,
  );
  t.match(second.out, `# Failed listening on port ${port} (TCP), aborting.\n`);
  program.signal('SIGHUP');
  t.same(await play(port, `A  CONFIG GET dir => [dir,${folder}/data]\nA  CONFIG REWRITE => +OK`), []);
  t.match(readFileSync(path.join(folder, 'a.conf'), 'utf8'), '\n# Generated by CONFIG REWRITE\n');
  program.signal('SIGTERM');
  t.equal(await program.ended, 0);
  const last = program.out.slice(program.out.indexOf('Received SIGTERM'));
  t.match(
    last,
    /scheduling shutdown\.\.\.\n.*User requested shutdown\.\.\.\n.*Saving the final RDB snapshot[\s\S]*Removing the pid file\.\n.*bye bye\.\.\.\n$/,
  );
  t.notOk(existsSync(path.join(folder, 'a.pid')));
  t.notOk(existsSync(path.join(folder, 's.sock')));
});

t.test('a daemon, configured through standard input', async (t) => {
  const port = await freePort();
  const first = new Program(
    ['-', '--bind', '127.0.0.1'],
    `port ${port}\ndaemonize yes\npidfile d.pid\nlogfile d.log\nsave ""\ndir ${folder}\n`,
  );
  t.equal(await first.ended, 0, 'the first process ends');
  const log = (): string =>
    existsSync(path.join(folder, 'd.log')) ? readFileSync(path.join(folder, 'd.log'), 'utf8') : '';
  while (!/Ready to accept/.test(log())) await pause();
  const pid = Number(readFileSync(path.join(folder, 'd.pid'), 'utf8'));
  t.ok(pid > 0 && pid !== first.pid);
  t.same(await play(port, 'A  CONFIG GET daemonize => [daemonize,yes]'), []);
  const socket = net.connect(port, '127.0.0.1', () => socket.write('shutdown\r\n'));
  await new Promise((resolve) => socket.once('close', resolve));
  while (!/bye bye/.test(log())) await pause();
  t.notOk(existsSync(path.join(folder, 'd.pid')));
});

t.test('processes that end at once', async (t) => {
  const programs = [
    new Program(['--version']),
    new Program(['--help']),
    new Program(['--test-memory', '10']),
    new Program(['--port', '0', '--save', '']),
    new Program(['nosuch.conf']),
    new Program(['--port', 'abc']),
    new Program(['--logfile', '/nonexistent/log']),
  ];
  const codes = await Promise.all(programs.map((program) => program.ended));
  t.same(codes, [0, 0, 1, 1, 1, 1, 1]);
  const [version, help, memory, nowhere, missing, bad, log] = programs;
  t.match(version.out, /^Synap server v=\d+\.\d+\.\d+ redis=7\.2\.4 /);
  t.match(help.out, /^Usage: synap /);
  t.match(memory.err, /Memory cannot be tested/);
  t.match(nowhere.out, /Configured to not listen anywhere, exiting\.\n$/);
  t.match(missing.out, /# Fatal error, can't open config file '.*nosuch\.conf': No such file or directory\n$/);
  const headline = /^\n\*\*\* FATAL CONFIG FILE ERROR \(Synap [\d.]+\) \*\*\*\n/;
  t.match(bad.err, headline);
  t.match(
    bad.err,
    `Reading the configuration file, at line 2\n>>> 'port "abc"'\nargument couldn't be parsed into an integer\n`,
  );
  t.match(log.err, headline);
  t.match(log.err, "Can't open the log file: No such file or directory\n");
});
