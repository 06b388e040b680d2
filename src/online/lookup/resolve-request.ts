// A service or a list of features × the catalog → what a lookup has to read, without the store. Done once per registry
// version and request shape.
import { PlumbError } from '../../../schemas/errors.ts';
import type { DataType } from '../../../schemas/types.ts';
import type { Catalog, FeatureView, ServiceFeature } from '../../catalog/catalog.ts';
import { joinKeyReader, type ReadJoinKeys } from '../../catalog/join-key-input.ts';
import type { Learned } from '../../catalog/learned.ts';
import { requireFeature, requireOnline, requireService, requireView, servedFeatures } from '../../catalog/look-up.ts';
import { quote } from '../../quote.ts';
import { type EntityKeyEncoder, encoderFor, keySpaceId } from '../entity-key.ts';
import { featuresByName } from './features-by-name.ts';
import type { LearnedRequest } from './require-learned.ts';

/** A service may be `name@version`, a dataset always is. */
export type RequestedFeatures =
  | { readonly service: string }
  | { readonly dataset: string }
  | { readonly features: readonly string[] };

/** A service by its name alone, or single features. */
type PlainRequest = Exclude<RequestedFeatures, { readonly dataset: string }>;

export interface ResolvedRequest {
  readonly service: string | null;
  readonly version: number;
  /** What the answer has to be equal to; null: whatever is live. */
  readonly learned: LearnedRequest | null;
  /** Output columns. */
  readonly names: readonly string[];
  readonly types: readonly DataType[];
  readonly views: readonly FeatureView[];
  readonly viewNames: readonly string[];
  readonly keySpaces: readonly KeySpace[];
}

/** Views over the same entities: their keys are the same bytes, so the store is asked once for all of them. */
export interface KeySpace {
  readonly encoder: EntityKeyEncoder;
  readonly views: readonly FeatureView[];
  readonly roles: readonly Role[];
}

/** One way to read the key from a request's entity: a service may read a view twice, as origin and as destination. */
export interface Role {
  /** The names under which the join keys are read. */
  readonly readAs: readonly string[];
  readonly readJoinKeys: ReadJoinKeys;
  readonly columns: readonly Column[];
}

export interface Column {
  /** Position in the output row. */
  readonly output: number;
  readonly view: FeatureView;
  readonly feature: string;
}

export function resolveRequest(catalog: Catalog, request: PlainRequest): ResolvedRequest {
  const service = 'service' in request ? request.service : null;
  const features =
    'service' in request ? featuresOf(catalog, request.service) : namedFeatures(catalog, request.features);
  return { service, version: catalog.version, learned: null, ...readingsOf(catalog, features) };
}

const featuresOf = (catalog: Catalog, service: string): readonly ServiceFeature[] =>
  servedFeatures(catalog, `service ${service}`, requireService(catalog, service).features);

/** Keys and types are those of the definitions that were learned. */
export const resolveLearned = (current: Catalog, learned: Learned): ResolvedRequest => ({
  service: learned.service,
  version: current.version,
  learned: { learned, current },
  ...readingsOf(learned.catalog, learned.members),
});

type Readings = Omit<ResolvedRequest, 'service' | 'version' | 'learned'>;

function readingsOf(catalog: Catalog, features: readonly ServiceFeature[]): Readings {
  const columns = features.map((entry, output) => ({
    output,
    view: requireView(catalog, entry.view),
    feature: entry.feature,
  }));
  const views = [...new Set(columns.map(({ view }) => view))];
  for (const view of views) requireOnline(view);
  const keyIds = new Map(views.map((view) => [view, keySpaceId(view.entities, view.joinKeys)]));
  const keySpaces = Map.groupBy(
    columns.map((column, index) => ({ column, readAs: (features[index] as ServiceFeature).readAs })),
    ({ column }) => keyIds.get(column.view) as string,
  );
  return {
    names: features.map(({ name }) => name),
    types: columns.map(({ view, feature }) => requireFeature(view, featuresByName(view), feature).type),
    views,
    viewNames: views.map(({ name }) => name),
    keySpaces: [...keySpaces.values()].map(keySpaceOf),
  };
}

type Reading = { readonly column: Column; readonly readAs: readonly string[] };

function keySpaceOf(readings: readonly Reading[]): KeySpace {
  const views = [...new Set(readings.map(({ column }) => column.view))];
  const { entities, joinKeys } = views[0] as FeatureView;
  const roles = Map.groupBy(readings, ({ readAs }) => JSON.stringify(readAs));
  return {
    encoder: encoderFor(entities, joinKeys),
    views,
    roles: [...roles.values()].map((role) => ({
      readAs: role[0]?.readAs ?? [],
      readJoinKeys: joinKeyReader(joinKeys.map(({ type }, key) => ({ name: role[0]?.readAs[key] as string, type }))),
      columns: role.map(({ column }) => column),
    })),
  };
}

/** Columns that a request may name, stars written out: more would hold up other lookups while they are resolved. */
const MOST_COLUMNS = 10_000;

/** `view:feature` or `view:*`, read under the view's own join key names. */
export function namedFeatures(catalog: Catalog, references: readonly string[]): ServiceFeature[] {
  let columns = 0;
  return references.flatMap((reference, index) => {
    // A longer text has no third part to look for.
    const [viewName = '', featureName = '', ...rest] = reference.split(':', 3);
    if (featureName === '' || rest.length > 0) throw malformed(reference, index);
    const view = requireView(catalog, viewName);
    const names =
      featureName === '*'
        ? view.features.map(({ name }) => name)
        : [requireFeature(view, featuresByName(view), featureName).name];
    columns += names.length;
    if (columns > MOST_COLUMNS) throw tooManyColumns(index);
    const readAs = view.joinKeys.map(({ name }) => name);
    return names.map((feature) => ({ name: `${viewName}__${feature}`, view: viewName, feature, readAs }));
  });
}

const tooManyColumns = (index: number): PlumbError =>
  new PlumbError(
    'TOO_LARGE',
    `$.features[${index}]: with it the request names over ${MOST_COLUMNS} columns, stars written out; ask in parts`,
    { details: { path: `$.features[${index}]`, limit: 'features', maxColumns: MOST_COLUMNS } },
  );

function malformed(reference: string, index: number): PlumbError {
  const path = `$.features[${index}]`;
  return new PlumbError('INVALID_REQUEST', `${path}: found ${quote(reference)}, expected "view:feature" or "view:*"`, {
    details: { path },
  });
}
