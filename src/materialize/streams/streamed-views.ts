// Which views a stream processor keeps up to date.
import type { Catalog, ServableView } from '../../catalog/catalog.ts';
import { isStreamed } from '../../catalog/look-up.ts';
import { wantedViews } from '../wanted-views.ts';

/** Those that a service reads. */
export const streamedViews = (catalog: Catalog): readonly ServableView[] =>
  wantedViews(catalog, { views: null }).filter((view) => isStreamed(catalog, view));
