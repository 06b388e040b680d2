// POST /v1/online-features
import { Hono } from 'hono';
import type { HttpLimits } from '../limits.ts';
import type { OnlineFeatures } from '../online-features.ts';
import { parseOnlineFeaturesQuery } from '../online-features-query.ts';
import { readJsonBody } from '../request-body.ts';

const JSON_HEADERS = { 'Content-Type': 'application/json' };

export function onlineFeatureRoutes(lookup: OnlineFeatures, limits: HttpLimits): Hono {
  const routes = new Hono();
  routes.post('/v1/online-features', async (context) => {
    const body = await readJsonBody(context, limits.bodyBytes);
    const answer = await lookup.answer(parseOnlineFeaturesQuery(body, limits.entitiesPerRequest));
    return context.body(answer, 200, JSON_HEADERS);
  });
  return routes;
}
