// GET /v1/registry, /v1/entities, /v1/sources, /v1/feature-views[/{name}], /v1/feature-services[/{name}]
import { z } from 'zod';
import type {
  Described,
  EntityPage,
  FeatureServicePage,
  FeatureViewPage,
  RegistrySummary,
  SourcePage,
} from '../wire-types.ts';
import { nextField } from './pages.ts';

export const describedSchema = z
  .looseObject({ name: z.string() })
  .describe('In the words of definitions.') satisfies z.ZodType<Described>;

const described = () => z.array(describedSchema).describe('By name.');

export const entityPageSchema = z.object({
  entities: described(),
  next: nextField(),
}) satisfies z.ZodType<EntityPage>;
export const sourcePageSchema = z.object({ sources: described(), next: nextField() }) satisfies z.ZodType<SourcePage>;
export const featureViewPageSchema = z.object({
  featureViews: described(),
  next: nextField(),
}) satisfies z.ZodType<FeatureViewPage>;
export const featureServicePageSchema = z.object({
  featureServices: described(),
  next: nextField(),
}) satisfies z.ZodType<FeatureServicePage>;

const names = () => z.array(z.string());

export const registrySummarySchema = z
  .object({
    project: z.string(),
    version: z.int().min(1),
    entities: names(),
    sources: names(),
    featureViews: names(),
    featureServices: names(),
  })
  .describe('200 of GET /v1/registry') satisfies z.ZodType<RegistrySummary>;
