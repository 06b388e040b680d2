// What first_row and last_row read: columns of a row, as one struct.
import type { AggregateFeatureDefinition } from '../../schemas/definitions.ts';
import { isScalarType, type StructField, structType } from '../../schemas/types.ts';
import type { Expression } from '../catalog/expression.ts';
import { show } from '../contract-mistakes.ts';
import { columnType } from './columns.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import type { ResolvedSource } from './resolve-sources.ts';

const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Null, and mistakes, where there is no sound one. */
export function resolveRowInput(
  feature: AggregateFeatureDefinition,
  source: ResolvedSource,
  place: Place,
  mistakes: Mistakes,
): Expression | null {
  const before = mistakes.count;
  const { aggregate, columns } = feature;
  for (const key of ['column', 'expression'] as const)
    if (feature[key] !== undefined)
      mistakes.add(at(place, key), show(feature[key]), `no ${key}: ${aggregate} takes \`columns\`, a list of columns`);
  if (feature.default !== undefined)
    mistakes.add(at(place, 'default'), show(feature.default), 'no default: a struct has none');
  if (columns === undefined) {
    mistakes.add(at(place, 'columns'), 'nothing', `a list of columns, because of ${aggregate}`);
    return null;
  }
  const fields = columns.flatMap((name, i) => {
    const field = fieldOf(name, columns.slice(0, i), source, { place: at(place, 'columns', i), mistakes });
    return field === null ? [] : [field];
  });
  return mistakes.count > before ? null : structOf(fields);
}

function fieldOf(
  name: string,
  earlier: readonly string[],
  source: ResolvedSource,
  { place, mistakes }: { readonly place: Place; readonly mistakes: Mistakes },
): StructField | null {
  const type = columnType(source, name, place, mistakes);
  if (type === null) return null;
  if (!FIELD_NAME.test(name))
    mistakes.add(
      place,
      show(name),
      'a column whose name is letters, digits and _, as it is the name of a field: take it under another name in a source',
    );
  if (earlier.some((other) => other.toLowerCase() === name.toLowerCase()))
    mistakes.add(place, show(name), 'every column once, whatever the case of its letters');
  if (isScalarType(type)) return { name, type };
  mistakes.add(place, `${show(name)} of type ${type}`, 'a column that is no list or vector: a struct holds none');
  return null;
}

function structOf(fields: readonly StructField[]): Expression {
  const type = structType(fields);
  const values = fields.map(({ name, type: ofField }) => ({
    name,
    value: { kind: 'column', name, type: ofField } as const,
  }));
  return {
    sql: fields.map(({ name }) => name).join(', '),
    type,
    tree: { kind: 'struct', type, fields: values },
    canFail: false,
  };
}
