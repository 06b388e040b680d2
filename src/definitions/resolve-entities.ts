import type { EntityDefinition } from '../../schemas/definitions.ts';
import type { Entity } from '../catalog/catalog.ts';
import { show } from '../contract-mistakes.ts';
import { at, type Mistakes } from './mistakes.ts';
import type { Parsed } from './parse-definitions.ts';
import { documented } from './resolve-fields.ts';

export function resolveEntity({ value, place }: Parsed<EntityDefinition>, mistakes: Mistakes): Entity {
  const seen = new Set<string>();
  for (const [i, { name }] of value.joinKeys.entries()) {
    if (seen.has(name)) mistakes.add(at(place, 'joinKeys', i, 'name'), show(name), 'every join key once');
    seen.add(name);
  }
  return { name: value.name, joinKeys: value.joinKeys, ...documented(value) };
}
