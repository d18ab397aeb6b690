/** What the command line asks the suite for. Read next: run.ts. */
import { parseArgs } from 'node:util';
import { RESPS, type Resp } from './case.js';
import { SYNAP, SYNAP_DURABLE } from './servers.js';

export interface Options {
  /** Compare with recorded/ instead of a live redis-server. */
  readonly recorded: boolean;
  /** Write recorded/ from a live redis-server. */
  readonly record: boolean;
  /** Run the clients of clients/ and nothing else. */
  readonly clients: boolean;
  /** Play the cases with Synap restarted between their steps, and nothing else. */
  readonly restart: boolean;
  /** What to test: how to start it, with {port} and {dir} to be filled in, and with the directives that only it gets. */
  readonly target: string;
  /** Run random commands and nothing else, so many for each family. */
  readonly random: number | undefined;
  /** Only these families; undefined = all. */
  readonly families: readonly string[] | undefined;
  readonly resps: readonly Resp[];
  readonly seed: number;
  /** After how many differing batches of a family to stop. */
  readonly patience: number;
}

export const USAGE = `npm run compat -- [options]
  --family a,b     only these families of cases or of random commands
  --resp 2         only RESP2, or only RESP3
  --random n       n random commands for each family, instead of the cases
  --seed n         which random commands (1)
  --patience n     stop a family after n differences (5)
  --recorded       compare with the replies in compat-suite/recorded/, without a redis-server
  --record         write them, from the installed redis-server
  --target cmd     test the server that this shell line starts, with {port} and {dir} filled in, instead of Synap
  --directive n=v  start Synap with the directive n set to v; redis-server goes without (may be given several times)
  --restart        play the cases with Synap killed, or ended, and started again between their steps (restarts.ts), and nothing else
  --clients        run the clients of compat-suite/clients/ instead`;

/** @throws Error with a text for the user */
export function optionsFrom(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      recorded: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      clients: { type: 'boolean', default: false },
      restart: { type: 'boolean', default: false },
      target: { type: 'string' },
      directive: { type: 'string', multiple: true, default: [] },
      random: { type: 'string' },
      family: { type: 'string' },
      resp: { type: 'string' },
      seed: { type: 'string', default: '1' },
      patience: { type: 'string', default: '5' },
    },
  });
  if (values.resp !== undefined && values.resp !== '2' && values.resp !== '3') throw new Error('--resp takes 2 or 3');
  const target = values.target ?? (values.restart ? SYNAP_DURABLE : SYNAP);
  return {
    recorded: values.recorded,
    record: values.record,
    clients: values.clients,
    restart: values.restart,
    target: target + values.directive.map(asArguments).join(''),
    random: values.random === undefined ? undefined : whole('random', values.random),
    families: values.family?.split(','),
    resps: values.resp === undefined ? RESPS : [values.resp],
    seed: whole('seed', values.seed),
    patience: whole('patience', values.patience),
  };
}

function asArguments(directive: string): string {
  const [, name, value] = /^([\w-]+)=(.*)$/s.exec(directive) ?? [];
  if (name === undefined) throw new Error('--directive takes name=value');
  return asDirective(name, [value]);
}

/** ` --name 'value' …` for a shell line that starts a server. */
export function asDirective(name: string, values: readonly string[]): string {
  return ` --${name}${values.map((value) => ` '${value.replaceAll("'", "'\\''")}'`).join('')}`;
}

function whole(name: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new Error(`--${name} takes a number`);
  return Number(text);
}
