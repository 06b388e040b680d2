// A view's live generation, ready to be read: the store's field, how its bytes are opened, and where each feature lies.
// Compiled once per generation; what moves with every run comes with each read.
import { PlumbError } from '../../../schemas/errors.ts';
import type { FeatureView } from '../../catalog/catalog.ts';
import type { ReadAt } from '../entry/entry-reader.ts';
import type { FieldName } from '../online-store.ts';
import { compileRowCodec, type RowCodec } from '../row-codec.ts';
import { fieldName, type Generation, type GenerationProgress } from '../serving-state.ts';
import type { StoredRow } from '../stored-row.ts';
import { entryOpener } from './entry-opener.ts';
import { featuresByName } from './features-by-name.ts';
import { rowEntryOpener } from './row-entry-opener.ts';
import { judgeAt, type RowStatus } from './row-status.ts';

export interface LiveView {
  readonly field: FieldName;
  readonly generation: Generation;
  readonly codec: Pick<RowCodec, 'read'>;
  /** Feature name → position in the packed row. */
  readonly positions: ReadonlyMap<string, number>;
  /** How stored bytes are opened at an instant, as far as the runs have come: made once for all rows of a lookup. */
  readonly openAt: (progress: GenerationProgress, at: ReadAt) => Open;
}

/** Stored bytes, null where there are none, → the row that they say. */
export type Open = (bytes: Uint8Array | null) => OpenedRow;

export interface OpenedRow {
  /** null: none is stored. */
  readonly row: StoredRow | null;
  /** What all features of the row share; null: each has its own, `valueStatus`. */
  readonly status: RowStatus | null;
}

/** The event time that an answer shows. Where a row is behind `at`, its instant would tell of a future that the answer does not have. */
export const shownEventMicros = ({ row, status }: OpenedRow): bigint | null =>
  status === 'TOO_EARLY' ? null : (row?.eventMicros ?? null);

/**
 * `generations`: by the name of the view. NOT_MATERIALIZED, with all of them, where views have none, or one that was filled for
 * other join keys.
 */
export function liveViews(
  views: readonly FeatureView[],
  generations: ReadonlyMap<string, Generation | null>,
): ReadonlyMap<FeatureView, LiveView> {
  const of = ({ name }: FeatureView): Generation | null => generations.get(name) ?? null;
  const absent = views.filter((view) => of(view) === null);
  const others = views.filter((view) => isForOtherKeys(view, of(view)));
  if (absent.length + others.length > 0) throw notMaterialized(absent, others);
  return new Map(views.map((view) => [view, compiledOnce(view, of(view) as Generation)]));
}

const isForOtherKeys = (view: FeatureView, generation: Generation | null): boolean =>
  generation !== null && keyText(generation) !== keyText(view);

function compiledOnce(view: FeatureView, generation: Generation): LiveView {
  const known = COMPILED.get(generation);
  if (known !== undefined) return known;
  const compiled = compile(view.name, generation);
  COMPILED.set(generation, compiled);
  return compiled;
}

/** Shared by all requests. */
const COMPILED = new WeakMap<Generation, LiveView>();

function compile(view: string, generation: Generation): LiveView {
  const codec = compileRowCodec(generation.features);
  const { entry } = generation;
  return {
    field: fieldName(view, generation.id),
    generation,
    codec,
    positions: new Map(generation.features.map(({ name }, position) => [name, position])),
    openAt: entry === undefined ? rowOpener(generation, codec) : openerOf({ ...generation, entry }, codec),
  };
}

const openerOf = (generation: Generation & Required<Pick<Generation, 'entry'>>, codec: RowCodec): LiveView['openAt'] =>
  generation.kind === 'row' ? rowEntryOpener(generation, codec) : entryOpener(generation, codec);

function rowOpener(generation: Generation, codec: Pick<RowCodec, 'open'>): LiveView['openAt'] {
  return (progress, { atMicros }) => {
    const judge = judgeAt(generation, progress, atMicros);
    const absent: OpenedRow = { row: null, status: judge(null) };
    return (bytes) => {
      if (bytes === null) return absent;
      const row = codec.open(bytes);
      const status = judge(row);
      // A row that deletes its key is as no row, in all that an answer says of it.
      return row.isDeleted && status === 'NOT_FOUND' ? absent : { row, status };
    };
  };
}

/** Where a feature of the catalog lies in the live rows; null where they lack it yet, or hold it with another type. */
export function featurePosition(view: FeatureView, { generation, positions }: LiveView, name: string): number | null {
  const position = positions.get(name);
  if (position === undefined) return null;
  const wanted = featuresByName(view).get(name)?.type;
  return generation.features[position]?.type === wanted ? position : null;
}

const keyText = ({ entities, joinKeys }: Pick<Generation, 'entities' | 'joinKeys'>): string =>
  JSON.stringify([entities, joinKeys.map(({ name, type }) => [name, type])]);

function notMaterialized(absent: readonly FeatureView[], others: readonly FeatureView[]): PlumbError {
  const sentence = (views: readonly FeatureView[], what: string): readonly string[] => {
    const were = views.length === 1 ? `View ${views[0]?.name} was` : `Views ${namesOf(views).join(', ')} were`;
    return views.length === 0 ? [] : [`${were} ${what}`];
  };
  const why = [
    ...sentence(absent, 'never materialized, or the online store was emptied'),
    ...sentence(others, 'materialized last with other entities or join keys'),
  ];
  const views = namesOf([...absent, ...others]);
  return new PlumbError('NOT_MATERIALIZED', `${why.join('; ')}: run \`plumb materialize ${views.join(' ')}\``, {
    details: { view: views[0], views },
  });
}

const namesOf = (views: readonly FeatureView[]): readonly string[] => views.map(({ name }) => name);
