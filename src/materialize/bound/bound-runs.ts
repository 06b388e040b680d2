// Which former definitions a materialization runs beside the present ones.
import type { Catalog } from '../../catalog/catalog.ts';
import type { MaterializeRequest } from '../run.ts';
import type { MaterializerOptions, ViewRun } from '../view-run.ts';
import type { WantedViews } from '../wanted-views.ts';
import { boundViewNames } from './bound-generations.ts';
import { type HeldViews, heldViews } from './held-views.ts';

/** The request without views that are not defined any more, as long as bound training sets need them. */
export async function requireKnown(
  options: MaterializerOptions,
  catalog: Catalog,
  request: MaterializeRequest,
): Promise<WantedViews> {
  const { views } = request;
  if (views === null || views.every((name) => catalog.views.has(name))) return request;
  const bound = await boundViewNames(options);
  return { ...request, views: views.filter((name) => catalog.views.has(name) || !bound.includes(name)) };
}

/** Of the views that were run, of those that are asked for, and, where nothing is named, of all that training sets are bound to. */
export async function boundRuns(
  options: MaterializerOptions,
  { views, service = null }: MaterializeRequest,
  current: readonly Pick<ViewRun, 'view'>[],
): Promise<HeldViews> {
  const asked = new Set([...current.map(({ view }) => view.name), ...(views ?? [])]);
  const isAll = views === null && service === null;
  return await heldViews(options, (name) => isAll || asked.has(name));
}
