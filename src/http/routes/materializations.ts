// POST /v1/materializations, GET /v1/materializations[/{id}]
import { type Context, Hono } from 'hono';
import { PlumbError } from '../../../schemas/errors.ts';
import { materializationRequestSchema } from '../../../schemas/wire.ts';
import type { Job, MaterializationRequest } from '../../../schemas/wire-types.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { formatInstant } from '../../instant.ts';
import { kindOfJobId } from '../../jobs/job-id.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import type { NewJob } from '../../jobs/job-states.ts';
import { requireUntil } from '../../materialize/requested-until.ts';
import { type WantedViews, wantedViews } from '../../materialize/wanted-views.ts';
import type { CatalogProvider } from '../../registry/fresh-catalog.ts';
import { requireContract } from '../contract.ts';
import { acceptedJob, jsonBody } from '../json.ts';
import { cursorOf, pageRequest } from '../pages.ts';
import { readJsonBody } from '../request-body.ts';

export interface MaterializationPorts {
  readonly jobs: JobQueue;
  readonly catalog: CatalogProvider;
  readonly limits: { readonly bodyBytes: number };
}

/** Nothing else is in such a body. */
const NAMES_ONLY = { values: 10_000, textCharacters: 1000 };

export function materializationRoutes({ jobs, catalog, limits }: MaterializationPorts): Hono {
  const routes = new Hono();
  routes.post('/v1/materializations', async (context) => {
    const body = await readJsonBody(context, limits.bodyBytes, NAMES_ONLY);
    const wanted = newMaterialization(
      requireContract(materializationRequestSchema, body, '$'),
      await catalog.current(),
    );
    return acceptedJob(context, await jobs.create(wanted));
  });
  routes.get('/v1/materializations', (context) => answerPage(context, jobs));
  routes.get('/v1/materializations/:id', async (context) => {
    const id = context.req.param('id');
    return jsonBody(context, await requireMaterialization(jobs, id));
  });
  return routes;
}

function newMaterialization(request: MaterializationRequest, catalog: Catalog): NewJob {
  const views = request.views === undefined ? null : [...new Set(request.views)];
  const service = request.service ?? null;
  for (const [i, name] of (views ?? []).entries()) requireWanted(catalog, { views: [name] }, `$.views[${i}]`);
  requireWanted(catalog, { views, service }, '$.service');
  const isPermitted = request.allowFuture === true;
  const untilMicros = requireUntil(request.until, { path: '$.until', permit: '"allowFuture": true', isPermitted });
  const mode = request.mode ?? 'incremental';
  return {
    kind: 'materialization',
    request: { views, ...(service === null ? {} : { service }), until: formatInstant(untilMicros), mode },
    work: {
      kind: 'materialization',
      request: { views, service, untilMicros, isUntilNow: request.until === undefined, mode },
    },
  };
}

/** What is no such view or service is told with its place in the body. */
function requireWanted(catalog: Catalog, wanted: WantedViews, path: string) {
  try {
    wantedViews(catalog, wanted);
  } catch (error) {
    if (!(error instanceof PlumbError)) throw error;
    throw new PlumbError(error.code, `${path}: ${error.message}`, { details: { ...error.details, path } });
  }
}

async function answerPage(context: Context, jobs: JobQueue): Promise<Response> {
  const { limit, after } = pageRequest(context);
  const { jobs: materializations, hasMore } = await jobs.page('materialization', limit, after);
  const last = materializations.at(-1);
  return jsonBody(context, { materializations, next: hasMore && last !== undefined ? cursorOf(last.id) : null });
}

async function requireMaterialization(jobs: JobQueue, id: string): Promise<Job> {
  const kind = kindOfJobId(id);
  if (kind === null || kind === 'materialization') return await jobs.get(id);
  throw new PlumbError('UNKNOWN_NAME', `the job ${id} is of the kind ${kind}: it is at /v1/jobs/${id}`, {
    details: { name: id },
  });
}
