// The HTTP surface: one hono app over injected ports; one file per resource under routes/. Knows no store, no engine and
// no process: server.ts listens, the composition root plugs in what answers.
import { Hono } from 'hono';
import { answerError, answerUnrouted, type ErrorLogger } from './errors.ts';
import type { HttpLimits } from './limits.ts';
import type { OnlineFeatures } from './online-features.ts';
import { healthRoutes, type Readiness } from './routes/health.ts';
import { onlineFeatureRoutes } from './routes/online-features.ts';

export interface HttpAppParts {
  readonly lookup: OnlineFeatures;
  readonly readiness: Readiness;
  readonly limits: HttpLimits;
  readonly logger: ErrorLogger;
}

export function createHttpApp({ lookup, readiness, limits, logger }: HttpAppParts): Hono {
  const app = new Hono();
  app.onError((error, context) => answerError(context, error, logger));
  app.notFound((context) => answerUnrouted(context, app.routes));
  app.route('/', healthRoutes(readiness));
  app.route('/', onlineFeatureRoutes(lookup, limits));
  return app;
}
