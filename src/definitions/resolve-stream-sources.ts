// Sources of events: their columns are declared, as no file has them yet; the history before them is checked as files are.
import type { StreamSourceDefinition } from '../../schemas/sources.ts';
import type { DataType } from '../../schemas/types.ts';
import type { Source } from '../catalog/catalog.ts';
import { LAKE_COLUMNS, LAKE_SCHEME } from '../catalog/lake-columns.ts';
import { show } from '../contract-mistakes.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { checkTime } from './check-time.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import type { Parsed } from './parse-definitions.ts';
import { documented, durationMicros } from './resolve-fields.ts';
import { resolveHistory } from './resolve-history.ts';
import type { ResolvedSource } from './resolve-sources.ts';
import type { SourceInspector } from './source-inspector.ts';

const MAX_FUTURE = '10m';

/** `registered`: the source as it is registered, if it is. */
export async function resolveStreamSource(
  { value, place }: Parsed<StreamSourceDefinition>,
  { inspector, registered }: { readonly inspector: SourceInspector; readonly registered: Source | undefined },
  mistakes: Mistakes,
): Promise<ResolvedSource> {
  const columns: ReadonlyMap<string, DataType> = new Map(Object.entries(value.columns));
  const { name, timestampColumn, timestampUnit = null, eventIdColumn = null, history } = value;
  checkNames(columns, place, mistakes);
  const time = {
    key: 'timestampColumn',
    unitKey: 'timestampUnit',
    column: timestampColumn,
    unit: timestampUnit,
  } as const;
  checkTime(time, columns, place, mistakes);
  if (eventIdColumn !== null) checkId(eventIdColumn, columns, place, mistakes);
  refuseTopic(value, place, mistakes);
  if (registered?.kind === 'stream') refuseOtherTypes(columns, registered, place, mistakes);
  const written = { value, columns, place: at(place, 'history') };
  return {
    name,
    kind: 'stream',
    path: `${LAKE_SCHEME}${name}`,
    format: 'parquet',
    timestampColumn,
    timestampUnit,
    createdTimestampColumn: LAKE_COLUMNS.appendTime,
    createdTimestampUnit: null,
    columns,
    stream: {
      eventIdColumn,
      maxFutureMicros: durationMicros(value.maxFuture ?? MAX_FUTURE, at(place, 'maxFuture'), mistakes) ?? 0n,
      deadLettersMicros:
        value.deadLetters === undefined ? null : durationMicros(value.deadLetters, at(place, 'deadLetters'), mistakes),
      history: history === undefined ? null : await resolveHistory({ ...written, history }, inspector, mistakes),
    },
    ...documented(value),
    unreadable: new Map(),
  };
}

/** The lake has columns of its own, and the engine finds columns whatever the case of their names. */
function checkNames(columns: ReadonlyMap<string, DataType>, place: Place, mistakes: Mistakes): void {
  const seen = new Map<string, string>();
  for (const name of columns.keys()) {
    const where = at(place, 'columns', name);
    const twin = seen.get(name.toLowerCase());
    if (name.startsWith('__')) mistakes.add(where, show(name), 'a name that does not start with __');
    if (twin !== undefined)
      mistakes.add(where, `${show(name)} beside ${show(twin)}`, 'names that differ in more than case');
    seen.set(name.toLowerCase(), name);
  }
}

const ID_TYPES: readonly DataType[] = ['string', 'int32', 'int64'];

function checkId(id: string, columns: ReadonlyMap<string, DataType>, place: Place, mistakes: Mistakes): void {
  const type = columns.get(id);
  const names = [...columns.keys()];
  if (type === undefined)
    mistakes.add(at(place, 'eventIdColumn'), show(id), `a column: ${oneOf(names)}`, nearestName(id, names));
  else if (!ID_TYPES.includes(type))
    mistakes.add(at(place, 'eventIdColumn'), `column ${id} of type ${type}`, `a column of type ${oneOf(ID_TYPES)}`);
}

function refuseTopic({ topic, envelope }: StreamSourceDefinition, place: Place, mistakes: Mistakes): void {
  if (topic !== undefined)
    mistakes.add(
      at(place, 'topic'),
      show(topic),
      'no topic: topics of Kafka are not supported yet, and events come in by `plumb push` or HTTP',
    );
  else if (envelope !== undefined) mistakes.add(at(place, 'envelope'), show(envelope), 'no envelope without a topic');
}

/** Events that are in the log were written by these types. Columns may come, null in older events, and go. */
function refuseOtherTypes(
  columns: ReadonlyMap<string, DataType>,
  registered: Source,
  place: Place,
  mistakes: Mistakes,
): void {
  for (const [name, type] of columns) {
    const former = registered.columns.get(name);
    if (former !== undefined && former !== type)
      mistakes.add(
        at(place, 'columns', name),
        type,
        `${former}, as in the events that there are; give the source a new name, or the column`,
      );
  }
}
