// GET and DELETE /v1/jobs/{id}
import { Hono } from 'hono';
import type { Role } from '../../../schemas/roles.ts';
import type { Job } from '../../../schemas/wire-types.ts';
import type { Caller } from '../../access/caller.ts';
import { isEnded } from '../../jobs/job.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import { jsonBody } from '../json.ts';

export function jobRoutes(jobs: JobQueue): Hono {
  const routes = new Hono();
  routes.get('/v1/jobs/:id', async (context) => {
    const job = await jobs.get(context.req.param('id'));
    requireMayUse(context.get('caller'), job, 'reader');
    return jsonBody(context, job);
  });
  routes.delete('/v1/jobs/:id', async (context) => {
    const id = context.req.param('id');
    requireMayUse(context.get('caller'), await jobs.get(id), 'operator');
    const job = await jobs.cancel(id);
    return jsonBody(context, job, isEnded(job.status) ? 200 : 202);
  });
  return routes;
}

/** Training sets are of a service; everything else is of the project, and takes the role. */
function requireMayUse(caller: Caller, job: Job, role: Role): void {
  if (job.kind === 'dataset') caller.requireService(job.request.service);
  else caller.requireAccess({ role, about: 'project' });
}
