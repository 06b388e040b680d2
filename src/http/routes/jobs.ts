// GET and DELETE /v1/jobs/{id}
import { Hono } from 'hono';
import { isEnded } from '../../jobs/job.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import { jsonBody } from '../json.ts';

export function jobRoutes(jobs: JobQueue): Hono {
  const routes = new Hono();
  routes.get('/v1/jobs/:id', async (context) => jsonBody(context, await jobs.get(context.req.param('id'))));
  routes.delete('/v1/jobs/:id', async (context) => {
    const job = await jobs.cancel(context.req.param('id'));
    return jsonBody(context, job, isEnded(job.status) ? 200 : 202);
  });
  return routes;
}
