// Builders for definitions in TypeScript. They change nothing: they give the editor the contract, keep literal types, and
// mark the object with its kind so that a file may export it under any name.
import type { z } from 'zod';
import type { definitionFileSchema, entitySchema, featureServiceSchema, featureViewSchema } from './definitions.ts';
import type { sourceSchema } from './sources.ts';

type DeepReadonly<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
      : T;

export type EntityInput = DeepReadonly<z.input<typeof entitySchema>>;
export type SourceInput = DeepReadonly<z.input<typeof sourceSchema>>;
export type FeatureViewInput = DeepReadonly<z.input<typeof featureViewSchema>>;
export type FeatureServiceInput = DeepReadonly<z.input<typeof featureServiceSchema>>;
/** `{ entities, sources, featureViews, featureServices }`, each optional. */
export type DefinitionsInput = DeepReadonly<z.input<typeof definitionFileSchema>>;

/** The keys of a definition file, which are also the marks of built objects. */
export const DEFINITION_LISTS = ['entities', 'sources', 'featureViews', 'featureServices'] as const;
export type DefinitionList = (typeof DEFINITION_LISTS)[number];

// Symbol.for, so that another installed copy of this package marks objects the same way.
const MARK = Symbol.for('plumb.definition');

const mark = <T extends object>(list: DefinitionList, definition: T): T =>
  Object.isExtensible(definition)
    ? Object.defineProperty(definition, MARK, { value: list, configurable: true })
    : definition;

/** The list that an object was built for; null where no builder made it. */
export function builtFor(definition: object): DefinitionList | null {
  const list: unknown = Reflect.get(definition, MARK);
  return DEFINITION_LISTS.find((name) => name === list) ?? null;
}

/** T, where a key that the contract does not have is an error while it is written. */
type Strict<T, Contract> = T & { readonly [Key in Exclude<keyof T, keyof Contract>]: never };
type OfKind<T extends FeatureViewInput> = Extract<FeatureViewInput, { readonly kind: T['kind'] }>;
type SourceOfKind<T extends SourceInput> = Extract<SourceInput, { readonly kind: T['kind'] }>;

export const defineEntity = <const T extends EntityInput>(entity: Strict<T, EntityInput>): T =>
  mark('entities', entity);
export const defineSource = <const T extends SourceInput>(source: Strict<T, SourceOfKind<T>>): T =>
  mark('sources', source);
export const defineFeatureView = <const T extends FeatureViewInput>(view: Strict<T, OfKind<T>>): T =>
  mark('featureViews', view);
export const defineFeatureService = <const T extends FeatureServiceInput>(service: Strict<T, FeatureServiceInput>): T =>
  mark('featureServices', service);
