/** Every door of the gateway, in the order in which their routes appear in the documentation. */
import type { FastifyInstance } from 'fastify';
import { commandEndpoint } from './command-endpoint/command-endpoint.js';
import type { Context } from './gateway.js';
import { genericRoutes } from './rest/generic.js';
import { upstashRoutes } from './upstash.js';

export type Door = (app: FastifyInstance, context: Context) => void | Promise<void>;

export const DOORS: readonly Door[] = [genericRoutes, commandEndpoint, upstashRoutes];
