// Bound training sets, with the definitions that each was made of.
import type { Catalog, ServableView } from '../../catalog/catalog.ts';
import { isOnline, requireService } from '../../catalog/look-up.ts';
import { type Member, membersOf } from '../../catalog/members.ts';
import { type BoundMark, boundMarks, setName } from '../../offline/bound-marks.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

/** What a bound training set needs of one view. */
export interface BoundView {
  /** `churn@12`. */
  readonly set: string;
  /** The registered version that it was made of, and its view there. */
  readonly catalog: Catalog;
  readonly view: ServableView;
  readonly members: readonly Member[];
}

export interface BoundSetsPorts {
  readonly store: Pick<ObjectStore, 'get' | 'list'>;
  /** A registered version; UNKNOWN_NAME where there is none. */
  readonly version: (version: number) => Promise<Catalog>;
}

/** Of what is served online: views of training sets only are none of it. */
export function boundViewsOf(set: string, catalog: Catalog, service: string): readonly BoundView[] {
  const byView = Map.groupBy(membersOf(catalog, requireService(catalog, service)), ({ view }) => view);
  return [...byView].flatMap(([name, members]) => {
    const view = catalog.views.get(name);
    const isServed = view !== undefined && view.kind !== 'label' && isOnline(view);
    return isServed ? [{ set, catalog, view, members }] : [];
  });
}

/** By name of the view. Marks are read anew each time. */
export async function readBoundViews(ports: BoundSetsPorts): Promise<ReadonlyMap<string, readonly BoundView[]>> {
  const marks = await boundMarks(ports.store);
  const all = await Promise.all(marks.map((mark) => viewsOfMark(ports, mark)));
  return Map.groupBy(all.flat(), ({ view }) => view.name);
}

async function viewsOfMark({ version }: BoundSetsPorts, mark: BoundMark): Promise<readonly BoundView[]> {
  return boundViewsOf(setName(mark), await version(mark.registryVersion), mark.service);
}
