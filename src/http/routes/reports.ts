// GET /v1/reports, GET /v1/reports/{id}: verifications that were done.
import { type Context, Hono } from 'hono';
import type { ReportPage, VerifyReport } from '../../../schemas/wire-types.ts';
import type { Reports } from '../../audit/reports.ts';
import { jsonLine } from '../../json-text.ts';
import { cursorOf, pageRequest } from '../pages.ts';

export function reportRoutes(reports: Reports): Hono {
  const routes = new Hono();
  routes.get('/v1/reports', async (context) => {
    const { limit, after } = pageRequest(context);
    const { reports: page, next } = await reports.page(limit, after);
    return exact(context, { reports: page, next: next === null ? null : cursorOf(next) } satisfies ReportPage);
  });
  routes.get('/v1/reports/:id', async (context) =>
    exact(context, (await reports.show(context.req.param('id'))) satisfies VerifyReport),
  );
  return routes;
}

/** Examples hold int64 values: all digits, as lookups write them. */
const exact = (context: Context, value: ReportPage | VerifyReport): Response =>
  context.body(jsonLine(value), 200, { 'Content-Type': 'application/json' });
