/** synap-cli in this process, on streams of the test, and redis-cli beside it. */
import { spawn, spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { main } from '../../../src/cli/program.js';

export interface Outcome {
  /** Strings of bytes. */
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Runs synap-cli. @param input what stands on standard input, a string of bytes. @param seen is told what is said on standard error */
export async function synapCli(
  argv: readonly string[],
  input = '',
  env: Record<string, string> = {},
  seen: (text: string) => void = () => {},
): Promise<Outcome> {
  const streams = { input: new PassThrough(), output: new PassThrough(), error: new PassThrough() };
  let [out, err] = ['', ''];
  streams.output.on('data', (chunk) => (out += chunk.toString('latin1')));
  streams.error.on('data', (chunk) => {
    err += chunk.toString('latin1');
    seen(err);
  });
  streams.input.end(Buffer.from(input, 'latin1'));
  const code = await main({ argv, env, version: '0.0.0-test', ...streams });
  return { out, err, code };
}

export const HAS_REDIS_CLI = spawnSync('redis-cli', ['--version']).status === 0;

/** Runs the real one. */
export function redisCli(argv: readonly string[], input = '', env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn('redis-cli', argv, { env: { ...process.env, ...env } });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += chunk.toString('latin1')));
    child.stderr.on('data', (chunk) => (err += chunk.toString('latin1')));
    child.on('close', (code) => resolve({ out, err, code: code ?? -1 }));
    child.stdin.on('error', () => {});
    child.stdin.end(Buffer.from(input, 'latin1'));
  });
}
