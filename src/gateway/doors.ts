/** Every door of the gateway, in the order in which their routes appear in the documentation. */
import type { FastifyInstance } from 'fastify';
import { dashboard } from './dashboard/dashboard.js';
import type { Context } from './gateway.js';
import { metrics } from './metrics.js';
import { genericRoutes } from './rest/generic.js';

export type Door = (app: FastifyInstance, context: Context) => void | Promise<void>;

export const DOORS: readonly Door[] = [genericRoutes, metrics, dashboard];
