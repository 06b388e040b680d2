// POST /v1/online-features
import { Hono } from 'hono';
import type { HttpLimits } from '../limits.ts';
import { readJsonBody } from '../request-body.ts';
import { answerForm, CONTENT_TYPES } from './answer-form.ts';
import { parseLookupQuery } from './lookup-query.ts';
import { answerTo, type Lookups } from './lookups.ts';

export function lookupRoutes(lookup: Lookups, limits: HttpLimits): Hono {
  const routes = new Hono();
  routes.post('/v1/online-features', async (context) => {
    const form = answerForm(context.req.header('accept'));
    const body = await readJsonBody(context, limits.bodyBytes);
    const query = parseLookupQuery(body, limits.entitiesPerRequest);
    const answer = await answerTo(context.get('caller'), lookup, query, form);
    return context.body(answer, 200, { 'Content-Type': CONTENT_TYPES[form] });
  });
  return routes;
}
