// GET /v1/runs, GET /v1/runs/{id}: what each run of a view did, or is doing.
import { Hono } from 'hono';
import { runsQuerySchema } from '../../../schemas/wire.ts';
import type { RunDetails, RunPage } from '../../../schemas/wire-types.ts';
import type { RunRecords } from '../../materialize/run-records.ts';
import { forClients } from '../../materialize/run-report.ts';
import { jsonBody } from '../json.ts';
import { cursorOf, pageOf } from '../pages.ts';
import { readQuery } from '../query.ts';

export function runRoutes(records: RunRecords): Hono {
  const routes = new Hono();
  routes.get('/v1/runs', async (context) => {
    const { view = null, state = null, ...page } = readQuery(context, runsQuerySchema);
    const { runs, next } = await records.page({ view, state, ...pageOf(page) });
    const cursor = next === null ? null : cursorOf(next);
    return jsonBody(context, { runs: runs.map(forClients), next: cursor } satisfies RunPage);
  });
  routes.get('/v1/runs/:id', async (context) => {
    const run = await records.show(context.req.param('id'));
    return jsonBody(context, forClients(run) satisfies RunDetails);
  });
  return routes;
}
