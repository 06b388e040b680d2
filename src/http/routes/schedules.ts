// GET /v1/schedules, POST /v1/schedules/{name}/pause|resume|run
import { type Context, Hono } from 'hono';
import type { SchedulePage } from '../../../schemas/wire-types.ts';
import type { ScheduleBoard } from '../../schedule/schedule-board.ts';
import { acceptedJob, jsonBody } from '../json.ts';
import { pageByName, pageRequest } from '../pages.ts';

export function scheduleRoutes(board: ScheduleBoard): Hono {
  const routes = new Hono();
  const nameIn = (context: Context): string => context.req.param('name') ?? '';
  routes.get('/v1/schedules', async (context) => {
    const names = new Map((await board.names()).map((name) => [name, name]));
    const { entries, next } = pageByName(names, pageRequest(context));
    const [scheduler, schedules] = await Promise.all([board.scheduler(), board.show(entries)]);
    return jsonBody(context, { scheduler, schedules, next } satisfies SchedulePage);
  });
  routes.post('/v1/schedules/:name/pause', async (context) => jsonBody(context, await board.pause(nameIn(context))));
  routes.post('/v1/schedules/:name/resume', async (context) => jsonBody(context, await board.resume(nameIn(context))));
  routes.post('/v1/schedules/:name/run', async (context) => acceptedJob(context, await board.run(nameIn(context))));
  return routes;
}
