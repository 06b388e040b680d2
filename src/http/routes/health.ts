// GET /healthz: the process lives. GET /readyz: it can answer lookups now; 503 and why otherwise.
import { type Context, Hono } from 'hono';
import { asPlumbError, PlumbError } from '../../../schemas/errors.ts';
import { errorResponse } from '../errors.ts';

export interface Readiness {
  /** Rejects with a PlumbError that says why lookups cannot be served. */
  check(): Promise<void>;
  /** True from the moment that the process was asked to stop. */
  readonly draining: boolean;
}

export function healthRoutes(readiness: Readiness): Hono {
  const routes = new Hono();
  routes.get('/healthz', (context) => context.json({ status: 'ok' }));
  routes.get('/readyz', (context) => answerReady(context, readiness));
  return routes;
}

async function answerReady(context: Context, readiness: Readiness): Promise<Response> {
  try {
    if (readiness.draining) throw new PlumbError('DRAINING', 'draining: the server is about to stop');
    await readiness.check();
    return context.json({ status: 'ready' });
  } catch (error) {
    return errorResponse(context, asPlumbError(error), 503);
  }
}
