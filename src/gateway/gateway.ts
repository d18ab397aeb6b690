/**
 * The gateway: HTTP in front of a server that speaks RESP. A sidecar: a client like any other, in its own process or thread.
 *
 *   request -> origin.ts -> login.ts -> a door (rest/, live/, command-endpoint/, upstash.ts, mcp/, dashboard/, ...) -> Session -> Link
 *
 * Each door is a function of (app, context) that adds its routes. Read next: session.ts, rest/generic.ts.
 */
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { VERSION } from '../version.js';
import { Access } from './access.js';
import { AJV_OPTIONS, type Fault, refusal } from './checked-route.js';
import { type Command, commandMap } from './commands.js';
import { DOORS } from './doors.js';
import { Failure } from './failure.js';
import { LinkPool } from './link-pool.js';
import { loginOf } from './login.js';
import type { Tool } from './mcp/tool.js';
import { toolList } from './mcp/tools.js';
import { type GatewayOptions, type Settings, settings } from './options.js';
import { guardOrigin } from './origin.js';
import { readJson, refuseBadQuery } from './reading.js';
import { type Manner, Session, type WhenGone } from './session.js';

/** What doors are given. */
export interface Context {
  readonly settings: Settings;
  readonly commands: ReadonlyMap<string, Command>;
  readonly access: Access;
  readonly version: string;
  /** The tools of MCP and UMICP by name; made when they are asked for first. */
  tools(): ReadonlyMap<string, Tool>;
  /** The view that a request has of the server. @throws Failure UNAUTHORIZED */
  session(request: FastifyRequest, reply: FastifyReply, manner?: Manner): Session;
  /** The view of the gateway itself (health, metrics): the login of its URL. */
  own(): Session;
  /** The connections to the server: all, and those that serve one request alone. */
  links(): { readonly open: number; readonly lent: number };
}

export interface Gateway {
  readonly host: string;
  readonly port: number;
  /** Stops listening and closes all connections. */
  close(): Promise<void>;
}

const NOBODY = (): (() => void) => () => {};

/** A request must be there, its body too, so long after it began (ms): fastify's own default is never. */
const REQUEST_MS = 300_000;

/**
 * Starts a gateway. It listens even while the server cannot be reached; requests answer 502 meanwhile.
 * @param options see options.ts
 * @param version what it says of itself; default: the package's
 * @throws Failure ERR on options that will not do, system errors when it cannot listen
 */
export async function startGateway(options: GatewayOptions = {}, version: string = VERSION): Promise<Gateway> {
  const given = settings(options);
  const pool = new LinkPool(given.target, given.waitingLimit);
  const context = makeContext(given, pool, version);
  const app = Fastify({
    bodyLimit: given.bodyLimit,
    requestTimeout: REQUEST_MS,
    ajv: { customOptions: AJV_OPTIONS },
    schemaErrorFormatter: (faults) => refusal(faults as unknown as Fault[]),
    routerOptions: { maxParamLength: 4096 },
    frameworkErrors: (error, _request, reply) => refuse(error, reply as FastifyReply),
    forceCloseConnections: true,
  });
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson);
  app.setErrorHandler((error, _request, reply) => refuse(error, reply));
  app.setNotFoundHandler((request, reply) => {
    refuse(new Failure('NOTFOUND', `no route ${request.method} ${request.url.split('?')[0]}`), reply);
  });
  guardOrigin(app, given);
  app.addHook('onRequest', refuseBadQuery);
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Synap', version, description: 'Every command of the server over HTTP.' },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, basic: { type: 'http', scheme: 'basic' } },
      },
      security: [{}, { bearer: [] }, { basic: [] }],
    },
  });
  if (given.rateLimit > 0)
    await app.register(rateLimit, {
      max: given.rateLimit,
      timeWindow: 60_000,
      errorResponseBuilder: () => new Failure('TOOMANY', 'Too many requests'),
    });
  for (const door of DOORS) await door(app, context);
  await app.listen({ host: given.host, port: given.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : given.port;
  return { host: given.host, port, close: () => close(app, pool) };
}

async function close(app: FastifyInstance, pool: LinkPool): Promise<void> {
  pool.close();
  await app.close();
}

function makeContext(given: Settings, pool: LinkPool, version: string): Context {
  const commands = commandMap();
  const access = new Access(given);
  const { username, password, db } = given.target;
  let tools: ReadonlyMap<string, Tool> | undefined;
  const own = new Session(commands, pool, new Access({}), { username, password, db }, NOBODY);
  return {
    settings: given,
    commands,
    access,
    version,
    tools: () => (tools ??= toolList(commands, access)),
    session: (request, reply, manner) =>
      new Session(commands, pool, manner?.limits ?? access, loginOf(request, given), whenGone(reply), manner),
    own: () => own,
    links: () => pool.figures,
  };
}

/** Tells when the peer of `reply` goes, also when it has gone already (before there was a link, say). */
function whenGone({ raw }: FastifyReply): WhenGone {
  return (stop) => {
    const gone = (): void => {
      if (!raw.writableFinished) stop();
    };
    if (raw.closed) queueMicrotask(gone);
    else raw.once('close', gone);
    return () => raw.off('close', gone);
  };
}

/** Answers with `{error, code}` and the status of the error. */
function refuse(error: unknown, reply: FastifyReply): void {
  const failure = failureOf(error);
  if (failure.status === 401) reply.header('www-authenticate', 'Bearer, Basic realm="synap"');
  reply.code(failure.status).send({ error: failure.message, code: failure.code });
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode === 413) return new Failure('TOOLARGE', 'The body is too large');
  if (statusCode !== undefined && statusCode < 500) return new Failure('ERR', message ?? 'bad request', statusCode);
  return new Failure('INTERNAL', 'Internal error');
}
