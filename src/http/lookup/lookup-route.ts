// POST /v1/online-features
import { Hono } from 'hono';
import type { HttpLimits } from '../limits.ts';
import { readJsonBody } from '../request-body.ts';
import { answerForm, CONTENT_TYPES } from './answer-form.ts';
import { parseLookupQuery } from './lookup-query.ts';
import type { Lookups } from './lookups.ts';

export function lookupRoutes(lookup: Lookups, limits: HttpLimits): Hono {
  const routes = new Hono();
  routes.post('/v1/online-features', async (context) => {
    const form = answerForm(context.req.header('accept'));
    const body = await readJsonBody(context, limits.bodyBytes);
    const query = parseLookupQuery(body, limits.entitiesPerRequest);
    context.get('caller').requireService(query.service);
    const answer = await lookup.answer(query, form);
    return context.body(answer, 200, { 'Content-Type': CONTENT_TYPES[form] });
  });
  return routes;
}
