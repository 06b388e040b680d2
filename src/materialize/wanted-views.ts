// Which views a materialization is about: those that are named, those of one service, or those that any service reads.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog, FeatureService, ServableView } from '../catalog/catalog.ts';
import { isOnline, requireOnline, requireService, requireView, servableViews } from '../catalog/look-up.ts';

export interface WantedViews {
  /** null: those of `service`. */
  readonly views: readonly string[] | null;
  /** Absent or null: all services. At most one of the two is given. */
  readonly service?: string | null;
}

/** In the order in which they are named or defined; UNKNOWN_NAME, or OFFLINE_ONLY for a named view of training sets only. */
export function wantedViews(catalog: Catalog, { views, service = null }: WantedViews): readonly ServableView[] {
  if (views !== null && service !== null)
    throw new PlumbError('INVALID_REQUEST', 'found views and a service, expected one of the two');
  if (views !== null) return [...new Set(views)].map((name) => requireOnline(requireView(catalog, name)));
  const services = service === null ? [...catalog.services.values()] : [requireService(catalog, service)];
  const read = new Set(services.flatMap(viewsOf));
  return servableViews(catalog).filter((view) => isOnline(view) && read.has(view.name));
}

const viewsOf = ({ features }: FeatureService): readonly string[] => features.map(({ view }) => view);
