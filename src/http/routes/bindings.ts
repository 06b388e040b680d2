// POST /v1/datasets/{name}/{version}/bind and /retire
import { type Context, Hono } from 'hono';
import type { Bindings } from '../../materialize/bound/bindings.ts';
import { datasetVersion } from '../dataset-version.ts';
import { jsonBody } from '../json.ts';
import { refuseQuery } from '../query.ts';

export function bindingRoutes(bindings: Bindings): Hono {
  const routes = new Hono();
  const wantedIn = (context: Context) => {
    refuseQuery(context);
    return datasetVersion(context);
  };
  routes.post('/v1/datasets/:name/:version/bind', async (context) => {
    const { name, version } = wantedIn(context);
    return jsonBody(context, await bindings.bind(name, version));
  });
  routes.post('/v1/datasets/:name/:version/retire', async (context) => {
    const { name, version } = wantedIn(context);
    return jsonBody(context, await bindings.retire(name, version));
  });
  return routes;
}
