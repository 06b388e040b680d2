// GET /v1/status: how far each view is materialized.
import { Hono } from 'hono';
import type { ProjectStatus, ViewState } from '../../../schemas/wire-types.ts';
import { nowMicros } from '../../instant.ts';
import type { ViewStatus } from '../../materialize/run.ts';
import { forClients } from '../../materialize/run-report.ts';
import type { CatalogProvider } from '../../registry/fresh-catalog.ts';
import { type ToldFreshness, toldFreshness } from '../../schedule/freshness.ts';
import { jsonBody } from '../json.ts';

export interface StatusPorts {
  readonly catalog: CatalogProvider;
  readonly viewStatus: () => Promise<readonly ViewStatus[]>;
}

export function statusRoutes({ catalog, viewStatus }: StatusPorts): Hono {
  const routes = new Hono();
  routes.get('/v1/status', async (context) => {
    const { project, version } = await catalog.current();
    const now = nowMicros();
    const views = (await viewStatus()).map((view) => ({ ...viewState(view), ...toldFreshness(view, now) }));
    return jsonBody(context, { project, version, views } satisfies ProjectStatus);
  });
  return routes;
}

function viewState({ runningBy, timed: _, ...view }: ViewStatus): Omit<ViewState, keyof ToldFreshness> {
  return {
    ...view,
    lastRuns: view.lastRuns.map(forClients),
    runningBy: runningBy === null ? null : holderOf(runningBy),
  };
}

const holderOf = ({ host, pid, purpose, acquiredAt, isDamaged }: NonNullable<ViewStatus['runningBy']>) => ({
  ...{ host, pid, purpose, acquiredAt },
  ...(isDamaged === true ? { isDamaged } : {}),
});
