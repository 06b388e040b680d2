import type { RowFeatureDefinition } from '../../schemas/definitions.ts';
import type { RowFeature } from '../catalog/catalog.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import { defaultValue, documented } from './resolve-fields.ts';
import { convert, type InputScope, resolveInput, widens } from './resolve-inputs.ts';

/** Null where it has a mistake. */
export function resolveRowFeature(
  feature: RowFeatureDefinition,
  scope: InputScope,
  place: Place,
  mistakes: Mistakes,
): RowFeature | null {
  const before = mistakes.count;
  const { name, type } = feature;
  const input = resolveInput(feature, name, scope, place, mistakes);
  if (input !== null && input.type !== type && !widens(input.type, type)) {
    const found =
      input.tree.kind === 'column'
        ? `column ${input.tree.name} of type ${input.type}`
        : `an expression of type ${input.type}`;
    mistakes.add(at(place, 'type'), `${type}, but ${found}`, `${input.type}, or an expression with a CAST`);
  }
  const byDefault = defaultValue(feature.default, type, at(place, 'default'), mistakes);
  if (input === null || mistakes.count > before) return null;
  return { name, type, expression: convert(input, type), default: byDefault, ...documented(feature) };
}
