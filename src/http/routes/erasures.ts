// POST /v1/erasures, GET /v1/erasures[/{id}]
import { Hono } from 'hono';
import { erasureRequestSchema, MOST_ERASED_KEYS } from '../../../schemas/wire.ts';
import type { Erasures } from '../../erasure/erasure.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import { requireContract } from '../contract.ts';
import { acceptedJob, jsonBody } from '../json.ts';
import { cursorOf, pageRequest } from '../pages.ts';
import { readJsonBody } from '../request-body.ts';

export interface ErasurePorts {
  readonly erasures: Erasures;
  readonly jobs: JobQueue;
  readonly limits: { readonly bodyBytes: number };
}

/** Nothing but keys is in such a body. */
const KEYS_ONLY = { values: MOST_ERASED_KEYS * 20 };

export function erasureRoutes({ erasures, jobs, limits }: ErasurePorts): Hono {
  const routes = new Hono();
  routes.post('/v1/erasures', async (context) => {
    const body = await readJsonBody(context, limits.bodyBytes, KEYS_ONLY);
    const request = requireContract(erasureRequestSchema, body, '$', { hidden: ['keys'] });
    // A place first: what is recorded is not refused afterwards.
    const place = await jobs.reserve();
    try {
      const { id } = await erasures.record(request);
      const work = { kind: 'erasure', erasures: [id] } as const;
      return acceptedJob(context, await jobs.create({ kind: 'erasure', id, request: { erasures: [id] }, work }, place));
    } finally {
      place[Symbol.dispose]();
    }
  });
  routes.get('/v1/erasures', async (context) => {
    const { limit, after } = pageRequest(context);
    const { erasures: page, next } = await erasures.page(limit, after);
    return jsonBody(context, { erasures: page, next: next === null ? null : cursorOf(next) });
  });
  routes.get('/v1/erasures/:id', async (context) => jsonBody(context, await erasures.show(context.req.param('id'))));
  return routes;
}
