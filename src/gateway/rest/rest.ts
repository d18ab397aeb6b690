/** The REST door: the pretty routes, every command by its own name, subscriptions, and the documentation of all of them. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../gateway.js';
import { documentation } from './documentation.js';
import { genericRoutes } from './generic.js';
import { acceptBodies, prettyRoutes } from './pretty.js';
import { transactionRoute } from './transaction.js';

export async function restRoutes(app: FastifyInstance, context: Context): Promise<void> {
  await app.register(async (scope) => {
    acceptBodies(scope);
    prettyRoutes(scope, context);
    transactionRoute(scope, context);
    genericRoutes(scope, context);
  });
  documentation(app);
}
