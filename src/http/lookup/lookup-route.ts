// POST /v1/online-features
import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { HttpLimits } from '../limits.ts';
import { readJsonBody } from '../request-body.ts';
import { answerForm, CONTENT_TYPES } from './answer-form.ts';
import { EXPLAINED_OPERATION, type ExplainedLookupPorts, explainedAnswer } from './explained-lookup.ts';
import { parseLookupQuery } from './lookup-query.ts';
import { answerTo } from './lookups.ts';

export function lookupRoutes(ports: ExplainedLookupPorts & { readonly limits: HttpLimits }): Hono {
  const { limits, lookup } = ports;
  const routes = new Hono();
  routes.post('/v1/online-features', async (context) => {
    const form = answerForm(context.req.header('accept'));
    const body = await readJsonBody(context, limits.bodyBytes);
    const query = parseLookupQuery(body, limits.entitiesPerRequest);
    const asked = { caller: context.get('caller'), query, form };
    if (!query.explain)
      return context.body(await answerTo(asked, lookup), 200, { 'Content-Type': CONTENT_TYPES[form] });
    context.set('measuredAs', EXPLAINED_OPERATION);
    const { outgoing } = context.env as Partial<HttpBindings>;
    const answer = await explainedAnswer(asked, ports, outgoing as ServerResponse | undefined);
    return context.body(answer, 200, { 'Content-Type': CONTENT_TYPES.json });
  });
  return routes;
}
