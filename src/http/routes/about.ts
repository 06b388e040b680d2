// GET /metrics, GET /openapi.json: what the server says of itself.
import { Hono } from 'hono';
import packageJson from '../../../package.json' with { type: 'json' };
import { openApiDocument } from '../../../schemas/openapi.ts';
import type { Metrics } from '../metrics.ts';

export function aboutRoutes(metrics: Metrics, hasKeys: boolean): Hono {
  const routes = new Hono();
  let document: string | null = null;
  routes.get('/metrics', async (context) =>
    context.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }),
  );
  routes.get('/openapi.json', (context) => {
    document ??= JSON.stringify(openApiDocument({ version: packageJson.version, hasKeys }));
    return context.body(document, 200, { 'Content-Type': 'application/json' });
  });
  return routes;
}
