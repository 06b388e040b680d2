// `by`: a value for each value of a column. The keys are the column's values as text, as CAST to string writes them.
import type { AggregateFeatureDefinition } from '../../schemas/definitions.ts';
import { type DataType, isScalarType } from '../../schemas/types.ts';
import type { ByKeys } from '../catalog/catalog.ts';
import { show } from '../contract-mistakes.ts';
import { columnExpression, columnType } from './columns.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import type { InputScope } from './resolve-inputs.ts';

/** Of floats and bytes no text is the one that everybody would look for. */
const KEY_TYPES: readonly DataType[] = ['string', 'bool', 'int32', 'int64', 'timestamp'];
const MOST_TOP = 1000;

/** Null where the feature has none, and for mistakes. `valueType`: what the aggregate gives. */
export function resolveByKeys(
  feature: AggregateFeatureDefinition,
  valueType: DataType,
  { scope, place, mistakes }: { readonly scope: InputScope; readonly place: Place; readonly mistakes: Mistakes },
): ByKeys | null {
  const { by, top, as } = feature;
  if (by === undefined) {
    for (const key of ['top', 'as'] as const)
      if (feature[key] !== undefined)
        mistakes.add(at(place, key), show(feature[key]), `no ${key} without by: it is of the keys of a map`);
    return null;
  }
  if (feature.aggregate.startsWith('session_'))
    mistakes.add(
      at(place, 'by'),
      `by beside ${feature.aggregate}`,
      'no by: sessions are of all rows of a key of the view',
    );
  if (!isScalarType(valueType))
    mistakes.add(
      at(place, 'by'),
      `by beside ${feature.aggregate}, which gives a ${valueType}`,
      'an aggregate that gives one value: a map holds no lists, vectors or structs',
    );
  if (top !== undefined && !(top >= 1 && top <= MOST_TOP))
    mistakes.add(at(place, 'top'), show(top), `a whole number from 1 to ${MOST_TOP}`);
  if (feature.default !== undefined && as === undefined)
    mistakes.add(at(place, 'default'), show(feature.default), 'no default: a map is never null, without rows it is {}');
  const type = columnType(scope.source, by, at(place, 'by'), mistakes);
  if (type === null) return null;
  if (!KEY_TYPES.includes(type))
    mistakes.add(
      at(place, 'by'),
      `${show(by)} of type ${type}`,
      'a column of type string, bool, int32, int64 or timestamp, as its values are the keys of the map',
    );
  return { input: columnExpression(by, type), top: top ?? null, asKeys: as === 'keys' };
}

/** The type of the feature, from that of its values. */
export function typeByKeys(by: ByKeys | null, valueType: DataType): DataType {
  if (by === null) return valueType;
  return by.asKeys || !isScalarType(valueType) ? 'list<string>' : `map<string,${valueType}>`;
}
