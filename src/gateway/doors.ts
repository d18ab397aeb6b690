/** Every door of the gateway, in the order in which their routes appear in the documentation. */
import type { FastifyInstance } from 'fastify';
import { commandEndpoint } from './command-endpoint/command-endpoint.js';
import { dashboard } from './dashboard/dashboard.js';
import type { Context } from './gateway.js';
import { liveRoutes } from './live/live.js';
import { mcpRoutes } from './mcp/http.js';
import { metrics } from './metrics.js';
import { restRoutes } from './rest/rest.js';
import { umicpRoutes } from './umicp.js';
import { upstashRoutes } from './upstash.js';

export type Door = (app: FastifyInstance, context: Context) => void | Promise<void>;

export const DOORS: readonly Door[] = [
  restRoutes,
  liveRoutes,
  commandEndpoint,
  upstashRoutes,
  mcpRoutes,
  umicpRoutes,
  metrics,
  dashboard,
];
