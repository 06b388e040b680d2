// POST /v1/online-features
import { Hono } from 'hono';
import type { HttpLimits } from '../limits.ts';
import { readJsonBody } from '../request-body.ts';
import { parseLookupQuery } from './lookup-query.ts';
import type { Lookups } from './lookups.ts';

const JSON_HEADERS = { 'Content-Type': 'application/json' };

export function lookupRoutes(lookup: Lookups, limits: HttpLimits): Hono {
  const routes = new Hono();
  routes.post('/v1/online-features', async (context) => {
    const body = await readJsonBody(context, limits.bodyBytes);
    const answer = await lookup.answer(parseLookupQuery(body, limits.entitiesPerRequest));
    return context.body(answer, 200, JSON_HEADERS);
  });
  return routes;
}
