/** The SDK's own client, connected to a gateway by HTTP, for tests. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { GatewayOptions } from '../../../../src/gateway/options.js';
import type { Options } from '../../../../src/index.js';
import { type Running, running } from '../running.js';

export type Content = Readonly<Record<string, unknown>>;

export interface Connected extends Running {
  readonly client: Client;
  /** Calls a tool; an error of it is its text. */
  call(name: string, given?: Content): Promise<Content | string>;
}

/** @param headers what every request of the client carries */
export async function connected(
  options: GatewayOptions = {},
  server: Options = {},
  headers: Record<string, string> = {},
): Promise<Connected> {
  const both = await running(options, server);
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(`${both.url}/mcp`), { requestInit: { headers } });
  await client.connect(transport as Transport);
  return {
    ...both,
    client,
    call: (name, given = {}) => callTool(client, name, given),
    close: async () => {
      await client.close();
      await both.close();
    },
  };
}

export async function callTool(client: Client, name: string, given: Content): Promise<Content | string> {
  const result = await client.callTool({ name, arguments: given });
  const [{ text }] = result.content as { text: string }[];
  return result.isError === true ? text : (result.structuredContent as Content);
}
