// What a server answers until it has opened its stores: that it lives, and what it waits for.
import type { Hono } from 'hono';
import { asPlumbError, PlumbError } from '../../schemas/errors.ts';
import { errorResponse } from './errors.ts';
import { healthRoutes, type Readiness } from './routes/health.ts';

export const STARTING = new PlumbError('STORE_UNAVAILABLE', 'the server is starting: its stores are not open yet');

export function createStartingApp(readiness: Readiness): Hono {
  const app = healthRoutes(readiness);
  app.notFound(async (context) => {
    const reason = await readiness.check().then(() => STARTING, asPlumbError);
    return errorResponse(context, reason, 503);
  });
  return app;
}
