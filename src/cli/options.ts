/** The command line of synap-cli: redis-cli's, as far as it goes. What is not known is refused. */
import { readFileSync } from 'node:fs';
import { type ClientTls, clientTls, type TlsOptions } from '../client-tls.js';
import { systemReason } from '../system-error.js';
import type { BigKeys } from './big-keys.js';
import type { Place } from './connection.js';
import type { Delimiters, Format } from './render.js';
import { splitWords } from './words.js';

export interface CliOptions {
  readonly place: Place;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly protocol: 2 | 3;
  /** Undefined: formatted for a terminal, raw for anything else. */
  readonly format: Format | undefined;
  readonly delimiters: Delimiters;
  /** How often a command is called, or a line told; -1: for ever; undefined: once, or what is usual. */
  readonly repeat: number | undefined;
  /** Seconds between two of them. */
  readonly interval: number;
  /** The last argument is what comes on standard input. */
  readonly lastFromInput: boolean;
  /** The argument for which what comes on standard input stands. */
  readonly tag: string | undefined;
  /** A script, sent by EVAL; the words are its keys and arguments with a comma between them. */
  readonly script: string | undefined;
  /** An error reply ends the program with 1. */
  readonly failOnError: boolean;
  readonly scan: { readonly pattern: string | undefined; readonly count: number | undefined } | undefined;
  readonly bigKeys: BigKeys | undefined;
  readonly watch: 'stat' | 'latency' | undefined;
  /** Requests stand on standard input as they go over the wire; seconds to wait for the last reply. */
  readonly pipe: { readonly timeout: number } | undefined;
  /** Whether out-of-band messages of RESP3 are shown; undefined: on a terminal. */
  readonly pushes: boolean | undefined;
  /** Words that were given; empty: they come on standard input. Strings of bytes. */
  readonly words: readonly string[];
  /** Shown before anything else. */
  readonly warning: string;
  readonly ask: 'help' | 'version' | undefined;
}

/** The command line will not do. */
export class UsageFault extends Error {}

type Draft = { -readonly [K in keyof CliOptions]: CliOptions[K] } & {
  quoted: boolean;
  silent: boolean;
  pattern?: string;
  count?: number;
  timeout?: number;
  /** --tls, and what it is told. */
  secure: boolean;
  tls: { -readonly [K in keyof ClientTls]: ClientTls[K] };
};

/** What an option does; those that take a value have one in `value`. */
interface Option {
  readonly takes?: string;
  readonly does: string;
  set(draft: Draft, value: string): void;
}

/** Default of --pipe-timeout. */
const PIPE_SECONDS = 30;
const WARNING = "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n";

const PASSWORD: Option = {
  takes: 'password',
  does: 'logs in with it; better by the environment: REDISCLI_AUTH',
  set: (draft, value) => {
    draft.password = value;
    draft.warning = WARNING;
  },
};

function file(does: string, name: 'cacert' | 'cacertdir' | 'cert' | 'key'): Option {
  // The name of a file as it was given, not the string of its bytes.
  return {
    takes: 'file',
    does,
    set: (draft, value) => void (draft.tls[name] = Buffer.from(value, 'latin1').toString()),
  };
}

const OPTIONS: Readonly<Record<string, Option>> = {
  '-h': { takes: 'host', does: 'server (127.0.0.1)', set: (draft, value) => place(draft, { host: value }) },
  '-p': { takes: 'port', does: 'its port (6379)', set: (draft, value) => place(draft, { port: integer('-p', value) }) },
  '-s': { takes: 'path', does: 'its Unix socket instead', set: (draft, value) => place(draft, { path: value }) },
  '-a': PASSWORD,
  '--pass': PASSWORD,
  '--user': { takes: 'name', does: 'logs in as this user, with -a', set: (draft, value) => void (draft.user = value) },
  '-u': { takes: 'url', does: 'redis://[user:password@]host[:port][/db]; rediss:// for --tls', set: url },
  '-n': { takes: 'db', does: 'selects a database', set: (draft, value) => void (draft.db = integer('-n', value)) },
  '-2': { does: 'speaks RESP2 (the default)', set: (draft) => void (draft.protocol = 2) },
  '-3': { does: 'speaks RESP3', set: (draft) => void (draft.protocol = 3) },
  '-r': {
    takes: 'times',
    does: 'calls the command so often; -1: for ever',
    set: (draft, value) => void (draft.repeat = value === '-1' ? -1 : integer('-r', value)),
  },
  '-i': {
    takes: 'seconds',
    does: 'waits between two calls of -r or --scan, two lines of --stat, and each 100 calls of --bigkeys',
    set: interval,
  },
  '-x': { does: 'takes the last argument from standard input', set: (draft) => void (draft.lastFromInput = true) },
  '-X': {
    takes: 'tag',
    does: 'takes the argument that is this tag from standard input',
    set: (draft, value) => void (draft.tag = value),
  },
  '--eval': {
    takes: 'file',
    does: 'runs a script: key ... , argument ...',
    set: (draft, value) => void (draft.script = script(value)),
  },
  '-e': { does: 'ends with 1 when a reply is an error', set: (draft) => void (draft.failOnError = true) },
  '-d': {
    takes: 'text',
    does: 'between the items of a raw reply (a new line)',
    set: (draft, value) => void (draft.delimiters = { ...draft.delimiters, items: value }),
  },
  '-D': {
    takes: 'text',
    does: 'after a raw reply (a new line)',
    set: (draft, value) => void (draft.delimiters = { ...draft.delimiters, replies: value }),
  },
  '--tls': { does: 'speaks TLS', set: (draft) => void (draft.secure = true) },
  '--cacert': file('trusts these authorities instead of the usual ones', 'cacert'),
  '--cacertdir': file('trusts those of this directory', 'cacertdir'),
  '--cert': file('its own certificate', 'cert'),
  '--key': file('the key of that', 'key'),
  '--insecure': { does: 'trusts any certificate', set: (draft) => void (draft.tls.insecure = true) },
  '--sni': {
    takes: 'name',
    does: 'asks for this server, whose certificate it must be (the host)',
    set: (draft, value) => void (draft.tls.sni = value),
  },
  '--tls-ciphers': { takes: 'list', does: 'of TLS 1.2', set: (draft, value) => void (draft.tls.ciphers = value) },
  '--tls-ciphersuites': {
    takes: 'list',
    does: 'of TLS 1.3',
    set: (draft, value) => void (draft.tls.ciphersuites = value),
  },
  '--raw': { does: 'raw replies (the default but on a terminal)', set: (draft) => void (draft.format = 'raw') },
  '--no-raw': { does: 'formatted replies', set: (draft) => void (draft.format = 'formatted') },
  '--csv': { does: 'replies as CSV', set: (draft) => void (draft.format = 'csv') },
  '--json': { does: 'replies as JSON, by RESP3', set: (draft) => json(draft, 'json') },
  '--quoted-json': { does: 'the same, in ASCII', set: (draft) => json(draft, 'quoted-json') },
  '--show-pushes': {
    takes: 'yes|no',
    does: 'shows out-of-band messages (yes on a terminal)',
    set: (draft, value) => void (draft.pushes = /^y/i.test(value)),
  },
  '--quoted-input': { does: 'arguments are quoted strings: "\\x00"', set: (draft) => void (draft.quoted = true) },
  '--scan': {
    does: 'lists the keys by SCAN',
    set: (draft) => void (draft.scan = { pattern: undefined, count: undefined }),
  },
  '--pattern': { takes: 'glob', does: 'only those that match', set: (draft, value) => void (draft.pattern = value) },
  '--quoted-pattern': {
    takes: 'glob',
    does: 'the same, as a quoted string',
    set: (draft, value) => void (draft.pattern = unquoted(value)),
  },
  '--count': {
    takes: 'number',
    does: 'looks at so many at once',
    set: (draft, value) => void (draft.count = integer('--count', value)),
  },
  '--bigkeys': {
    does: 'looks for the keys with most elements',
    set: (draft) => void (draft.bigKeys = { by: 'elements', pattern: undefined, samples: undefined }),
  },
  '--memkeys': {
    does: 'looks for the keys that take most memory',
    set: (draft) => void (draft.bigKeys = { by: 'memory', pattern: undefined, samples: undefined }),
  },
  '--memkeys-samples': {
    takes: 'number',
    does: 'the same, looking at so many elements of each',
    set: (draft, value) => {
      const samples = integer('--memkeys-samples', value);
      draft.bigKeys = { by: 'memory', pattern: undefined, samples };
    },
  },
  '--stat': { does: 'tells what goes on, a line each second; -i, -r', set: (draft) => void (draft.watch = 'stat') },
  '--latency': {
    does: 'how long PING takes: all the time on a terminal, else one line; -i, -r',
    set: (draft) => void (draft.watch = 'latency'),
  },
  '--pipe': {
    does: 'sends requests that stand on standard input as they go over the wire',
    set: (draft) => void (draft.pipe = { timeout: PIPE_SECONDS }),
  },
  '--pipe-timeout': {
    takes: 'seconds',
    does: 'gives up when no reply has come for so long after all is sent (30; 0: never)',
    set: (draft, value) => void (draft.timeout = integer('--pipe-timeout', value)),
  },
  '--no-auth-warning': { does: 'does not warn of passwords in arguments', set: (draft) => void (draft.silent = true) },
  '--help': { does: 'shows this', set: (draft) => void (draft.ask = 'help') },
  '-v': { does: 'shows the version', set: (draft) => void (draft.ask = 'version') },
  '--version': { does: 'the same', set: (draft) => void (draft.ask = 'version') },
};

/**
 * Reads the arguments of the program.
 * @param argv without the program itself; options end before the first word that is none
 * @throws UsageFault with what is to be shown
 */
export function parseOptions(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): CliOptions {
  const draft: Draft = {
    place: { host: '127.0.0.1', port: 6379, path: undefined, tls: undefined },
    user: undefined,
    password: env.REDISCLI_AUTH,
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
    quoted: false,
    silent: false,
    secure: false,
    tls: {},
  };
  let at = 0;
  for (; at < argv.length && argv[at].startsWith('-'); at++) {
    const name = argv[at];
    if (name === '-h' && at + 1 === argv.length) draft.ask = 'help';
    else at = take(draft, name, argv, at);
  }
  const words = argv.slice(at).map(bytes);
  const { quoted, silent, pattern, count, timeout, secure, tls, ...options } = draft;
  refuseTogether(options, words.length);
  if (options.scan === undefined && options.bigKeys === undefined && pattern !== undefined)
    throw new UsageFault('--pattern belongs to --scan, --bigkeys and --memkeys');
  if (options.scan === undefined && count !== undefined) throw new UsageFault('--count belongs to --scan');
  if (secure) options.place = { ...options.place, tls: tlsOf(tls) };
  else if (Object.keys(tls).length > 0) throw new UsageFault('certificates, names and ciphers belong to --tls');
  if (options.pipe === undefined && timeout !== undefined) throw new UsageFault('--pipe-timeout belongs to --pipe');
  if (options.pipe !== undefined) options.pipe = { timeout: timeout ?? PIPE_SECONDS };
  if (options.scan !== undefined) options.scan = { pattern, count };
  if (options.bigKeys !== undefined) options.bigKeys = { ...options.bigKeys, pattern };
  return { ...options, warning: silent ? '' : options.warning, words: quoted ? words.map(unquoted) : words };
}

/** @throws UsageFault when two things are to be done at once */
function refuseTogether({ scan, pipe, bigKeys, watch, script, tag, lastFromInput }: CliOptions, words: number): void {
  const modes = [scan, pipe, bigKeys, watch].filter((mode) => mode !== undefined).length;
  if (modes > 1 || (modes === 1 && (script !== undefined || lastFromInput || tag !== undefined)))
    throw new UsageFault('--scan, --pipe, --bigkeys, --memkeys, --stat and --latency go alone');
  if (modes === 1 && scan === undefined && words > 0) throw new UsageFault('A command cannot be given with that');
  if (lastFromInput && tag !== undefined) throw new UsageFault('Options -x and -X are mutually exclusive.');
  if (script !== undefined && (lastFromInput || tag !== undefined))
    throw new UsageFault('--eval takes no -x and no -X');
}

/** @returns where the option ends */
function take(draft: Draft, name: string, argv: readonly string[], at: number): number {
  const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  const value = option?.takes === undefined ? '' : argv[at + 1];
  if (option === undefined || value === undefined)
    throw new UsageFault(`Unrecognized option or bad number of args for: '${name}'`);
  option.set(draft, bytes(value));
  return option.takes === undefined ? at : at + 1;
}

/** What --help shows. */
export function usage(): string {
  const rows = Object.entries(OPTIONS).map(([name, { takes, does }]) => {
    return `  ${(takes === undefined ? name : `${name} <${takes}>`).padEnd(26)} ${does}`;
  });
  return [
    'Usage: synap-cli [options] [command [argument ...]]',
    '',
    ...rows,
    '',
    'Without a command it reads lines: from a terminal with history, completion and hints, or from standard input.',
    '',
  ].join('\n');
}

/** The text of a script. @throws UsageFault when there is no such file */
function script(name: string): string {
  const path = Buffer.from(name, 'latin1').toString();
  try {
    return readFileSync(path, 'latin1');
  } catch (e) {
    throw new UsageFault(`Can't open file '${path}': ${systemReason(e)}`);
  }
}

/** Text as a string of its bytes. */
function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function unquoted(text: string): string {
  const words = /^["']/.test(text) ? splitWords(text) : [text];
  if (words?.length !== 1) throw new UsageFault(`Invalid quoted string: ${text}`);
  return words[0];
}

function place(draft: Draft, change: Partial<Place>): void {
  draft.place = { ...draft.place, ...change };
}

function json(draft: Draft, format: Format): void {
  draft.format = format;
  draft.protocol = 3;
}

function integer(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageFault(`${name} takes a number, not '${text}'`);
  return Number(text);
}

function interval(draft: Draft, text: string): void {
  if (!/^\d*\.?\d+$/.test(text)) throw new UsageFault(`-i takes seconds, not '${text}'`);
  draft.interval = Number(text);
}

function tlsOf(given: ClientTls): TlsOptions {
  try {
    return clientTls(given);
  } catch (e) {
    throw new UsageFault((e as Error).message);
  }
}

function url(draft: Draft, text: string): void {
  let given: URL;
  try {
    given = new URL(text);
  } catch {
    throw new UsageFault(`Invalid URI: ${text}`);
  }
  if (given.protocol !== 'redis:' && given.protocol !== 'rediss:')
    throw new UsageFault('Invalid URI scheme: it must be redis:// or rediss://');
  if (given.protocol === 'rediss:') draft.secure = true;
  const { hostname, port, username, password, pathname } = given;
  place(draft, {
    host: hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    ...(port === '' ? {} : { port: Number(port) }),
  });
  if (password !== '') PASSWORD.set(draft, bytes(decodeURIComponent(password)));
  if (username !== '') draft.user = bytes(decodeURIComponent(username));
  if (pathname.length > 1) draft.db = integer('-u', pathname.slice(1));
}
