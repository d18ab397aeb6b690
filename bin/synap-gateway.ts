#!/usr/bin/env node
/** The gateway as a process of its own: reads the command line, installs signal handlers, exits. Everything else stands in src/gateway. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ClientTls } from '../src/client-tls.js';
import { startGateway } from '../src/gateway/gateway.js';
import { serveStdio } from '../src/gateway/mcp/stdio.js';
import type { GatewayOptions } from '../src/gateway/options.js';
import { VERSION } from '../src/version.js';

function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('not a number');
  return Number(text);
}

/** Options that say nothing where there is no HTTP. */
const OF_HTTP = ['host', 'port', 'anonymous', 'allowHosts', 'allowOrigins', 'batchLimit', 'rateLimit'];

const program = new Command('synap-gateway')
  .description('HTTP in front of Synap, or of any server that speaks RESP3')
  .version(VERSION)
  .option(
    '--url <url>',
    'the server: redis://[user:password@]host:port[/db], rediss:// or unix:// (default: redis://127.0.0.1:6379)',
  )
  .option('--cacert <file>', 'of rediss://: trusts these authorities instead of the usual ones')
  .option('--cert <file>', 'of rediss://: the own certificate')
  .option('--key <file>', 'its key')
  .option('--insecure', 'of rediss://: trusts any certificate')
  .option('--sni <name>', 'of rediss://: the name that the server is asked by')
  .option('--host <address>', 'listens here', '127.0.0.1')
  .option('--port <number>', 'listens here', integer, 15500)
  .option('--anonymous', 'requests without a login use that of the URL')
  .option('--no-anonymous', 'requests without a login are refused')
  .option('--allow-hosts <names...>', 'names that the Host header may have')
  .option('--allow-origins <origins...>', 'origins of pages whose scripts may call')
  .option('--body-limit <bytes>', 'the longest body', integer)
  .option('--batch-limit <commands>', 'the most commands in one batch', integer)
  .option('--rate-limit <requests>', 'requests a minute for each address', integer)
  .option('--waiting-limit <requests>', 'requests at one time that wait or listen', integer)
  .option('--read-only', 'refuses commands that may write')
  .option('--families <names...>', 'lets through only these groups of commands')
  .option('--prefixes <prefixes...>', 'lets through only keys that begin with one of these')
  .addOption(new Option('--mcp-stdio', 'speaks MCP on standard input and output instead of HTTP').conflicts(OF_HTTP))
  .parse();

const { mcpStdio, cacert, cert, key, insecure, sni, ...plain }: GatewayOptions & ClientTls & { mcpStdio?: boolean } =
  program.opts();
const tls = Object.entries({ cacert, cert, key, insecure, sni }).filter(([, value]) => value !== undefined);
const options: GatewayOptions = { ...plain, ...(tls.length > 0 ? { tls: Object.fromEntries(tls) } : {}) };
try {
  if (mcpStdio === true) {
    process.stderr.write(`synap-gateway: MCP on standard input and output, version ${VERSION}\n`);
    await serveStdio(options, VERSION, process.stdin, process.stdout);
    process.exit(0);
  }
  const gateway = await startGateway(options, VERSION);
  process.stdout.write(`Gateway on http://${options.host}:${gateway.port}\n`);
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    gateway.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (e) {
  process.stderr.write(`synap-gateway: ${(e as Error).message}\n`);
  process.exit(1);
}
