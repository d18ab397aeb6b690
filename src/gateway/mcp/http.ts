/**
 * `/mcp`: MCP's Streamable HTTP without sessions. Every POST has a server and a transport of its own and is answered by JSON, so
 * nothing is kept between requests and any gateway can answer any of them. There are no subscriptions to resources, therefore: those
 * need somebody to be told (stdio.ts).
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../failure.js';
import type { Context } from '../gateway.js';
import { hasResources } from './resources.js';
import { loadSdk, mcpServer, type Sdk } from './server.js';

export function mcpRoutes(app: FastifyInstance, context: Context): void {
  let loading: Promise<Sdk> | undefined;
  app.post('/mcp', { schema: { hide: true }, errorHandler: refuseBody }, async (request, reply) => {
    const session = context.session(request, reply);
    const { batchLimit } = context.settings;
    if (Array.isArray(request.body) && request.body.length > batchLimit)
      throw new Failure('TOOLARGE', `more than ${batchLimit} messages at one time`);
    await session.authenticate();
    const sdk = await (loading ??= loadSdk());
    const server = mcpServer(sdk, context.tools(), context.version, () => session, hasResources(session));
    await answer(sdk, server, request, reply);
  });
  // There is nothing to listen to, and no session to end.
  app.route({
    method: ['GET', 'DELETE'],
    url: '/mcp',
    schema: { hide: true },
    handler: async (_request, reply) =>
      reply
        .code(405)
        .header('allow', 'POST')
        .send({ jsonrpc: '2.0', error: { code: -32000, message: 'Method not allowed' }, id: null }),
  });
}

/** What is no JSON is told as JSON-RPC tells it; anything else as everywhere. */
function refuseBody(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof Failure || error.statusCode !== 400) throw error;
  reply.code(400).send({ jsonrpc: '2.0', error: { code: -32700, message: `Parse error: ${error.message}` }, id: null });
}

async function answer(
  sdk: Sdk,
  server: ReturnType<typeof mcpServer>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const transport = new sdk.StreamableHTTPServerTransport({ enableJsonResponse: true });
  // The transport writes the answer itself, so the headers of hooks (CORS, limits) are set here.
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  reply.raw.setHeader('x-content-type-options', 'nosniff');
  reply.hijack();
  reply.raw.once('close', () => void server.close());
  try {
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    await transport.handleRequest(request.raw, reply.raw, request.body);
  } catch {
    if (!reply.raw.headersSent) reply.raw.writeHead(500, { 'content-type': 'application/json' });
    reply.raw.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32603, message: 'Internal error' }, id: null }));
  }
}
