/**
 * The MCP server: tools (tools.ts) and resources (resources.ts) on the SDK's low-level Server, which takes the JSON Schemas as they
 * are. One for each HTTP request, or one for stdin and stdout.
 */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { Failure } from '../failure.js';
import type { Session } from '../session.js';
import { bounded, callTool, coded } from './call.js';
import { complete, listKeys, readKey, TEMPLATES } from './resources.js';
import type { Tool } from './tool.js';
import type { WatchedKeys } from './watched-keys.js';

/** The SDK takes 0.3 s to load, so it is loaded when it is needed first. */
export async function loadSdk() {
  const [index, types, http, validation] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/index.js'),
    import('@modelcontextprotocol/sdk/types.js'),
    import('@modelcontextprotocol/sdk/server/streamableHttp.js'),
    import('@modelcontextprotocol/sdk/validation/ajv'),
  ]);
  return { ...index, types, ...http, validator: new validation.AjvJsonSchemaValidator() };
}

export type Sdk = Awaited<ReturnType<typeof loadSdk>>;

/** The session of a call; `signal` tells when the client does not want it any more. */
export type SessionOf = (signal: AbortSignal) => Session;

/** MCP's code for a resource that does not exist. */
const RESOURCE_NOT_FOUND = -32002;

const INSTRUCTIONS =
  'Synap is a Redis-compatible in-memory data store. Keys and values are text; bytes that are no text are given and answered as ' +
  '{"base64": "..."}, and any other object, number or boolean is stored as its JSON text. ' +
  'Look for keys with synap_scan rather than KEYS. What has no tool of its own can be called with synap_command.';

/** An error as JSON-RPC tells it: the SDK's own repeats its code in the message, and clients put it there once more. */
class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** For a list that has no pages: a cursor is none of its own. @throws RpcError */
function onePage({ types }: Sdk, params: { readonly cursor?: string | undefined } | undefined): void {
  if (params?.cursor !== undefined) throw new RpcError(types.ErrorCode.InvalidParams, 'invalid cursor');
}

/**
 * A server that is not connected yet.
 * @param watched makes what tells of resources that change, where there is a connection to tell it by
 */
export function mcpServer(
  sdk: Sdk,
  tools: ReadonlyMap<string, Tool>,
  version: string,
  sessionOf: SessionOf,
  resources: boolean,
  watched?: (updated: (uri: string) => void) => WatchedKeys,
): Server {
  const { types } = sdk;
  const server = new sdk.Server(
    { name: 'synap', title: 'Synap', version },
    {
      capabilities: {
        tools: {},
        ...(resources ? { resources: watched === undefined ? {} : { subscribe: true }, completions: {} } : {}),
      },
      instructions: INSTRUCTIONS,
      jsonSchemaValidator: sdk.validator,
    },
  );
  server.setRequestHandler(types.ListToolsRequestSchema, ({ params }) => {
    onePage(sdk, params);
    return { tools: [...tools.values()].map(told) };
  });
  server.setRequestHandler(types.CallToolRequestSchema, async ({ params }, { signal }) => {
    const tool = tools.get(params.name);
    if (tool === undefined) throw new RpcError(types.ErrorCode.InvalidParams, `no tool '${params.name.slice(0, 128)}'`);
    return callTool(tool, () => sessionOf(signal), params.arguments ?? {});
  });
  if (resources) addResources(sdk, server, sessionOf);
  if (resources && watched !== undefined)
    addSubscriptions(
      sdk,
      server,
      // Nobody is there to be told when the connection has ended.
      watched((uri) => void server.sendResourceUpdated({ uri }).catch(() => {})),
    );
  return server;
}

/** A tool as tools/list tells it. */
function told({ call: _, ...tool }: Tool) {
  return tool as Omit<Tool, 'call'> & { inputSchema: { type: 'object' }; outputSchema: { type: 'object' } };
}

/** Failures as JSON-RPC tells them. */
function refusing(sdk: Sdk): <T>(work: () => Promise<T>) => Promise<T> {
  return async (work) => {
    try {
      return await work();
    } catch (e) {
      if (!(e instanceof Failure)) throw e;
      throw new RpcError(codeOf(sdk, e), coded(e));
    }
  };
}

function addSubscriptions(sdk: Sdk, server: Server, watched: WatchedKeys): void {
  const orThrow = refusing(sdk);
  server.setRequestHandler(sdk.types.SubscribeRequestSchema, ({ params: { uri } }) =>
    orThrow(async () => {
      await watched.subscribe(uri);
      return {};
    }),
  );
  server.setRequestHandler(sdk.types.UnsubscribeRequestSchema, ({ params: { uri } }) =>
    orThrow(async () => {
      await watched.unsubscribe(uri);
      return {};
    }),
  );
}

function addResources(sdk: Sdk, server: Server, sessionOf: SessionOf): void {
  const { types } = sdk;
  const orThrow = refusing(sdk);
  server.setRequestHandler(types.ListResourceTemplatesRequestSchema, ({ params }) => {
    onePage(sdk, params);
    return { resourceTemplates: TEMPLATES };
  });
  server.setRequestHandler(types.ListResourcesRequestSchema, ({ params }, { signal }) =>
    orThrow(() => listKeys(sessionOf(signal), params?.cursor)),
  );
  server.setRequestHandler(types.ReadResourceRequestSchema, ({ params: { uri } }, { signal }) =>
    orThrow(async () => {
      const text = bounded(await readKey(sessionOf(signal), uri));
      return { contents: [{ uri, mimeType: 'application/json', text }] };
    }),
  );
  server.setRequestHandler(types.CompleteRequestSchema, ({ params }, { signal }) =>
    orThrow(async () => {
      const { ref, argument, context } = params;
      if (ref.type !== 'ref/resource' || !TEMPLATES.some(({ uriTemplate }) => uriTemplate === ref.uri))
        throw new Failure('ERR', 'no such template of resources');
      const values = await complete(sessionOf(signal), argument.name, argument.value, context?.arguments?.db);
      return { completion: { values, hasMore: values.length === 100 } };
    }),
  );
}

function codeOf({ types }: Sdk, { code, status }: Failure): number {
  if (code === 'NOTFOUND') return RESOURCE_NOT_FOUND;
  return status >= 500 ? types.ErrorCode.InternalError : types.ErrorCode.InvalidParams;
}
