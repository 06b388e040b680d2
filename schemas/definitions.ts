// The one contract of definition files, whether YAML, JSON or TypeScript: shapes only. Names that refer to one another,
// columns, SQL and types are checked when definitions are resolved (src/definitions).
import { z } from 'zod';
import {
  dataTypeField,
  defaultField,
  documentedFields,
  durationField,
  durationOrZeroField,
  nameField,
  textField,
  windowField,
} from './fields.ts';
import { type labelFeatureSchema, labelViewSchema } from './label-views.ts';
import { sourceSchema } from './sources.ts';
import { AGGREGATES, JOIN_KEY_TYPES } from './types.ts';
import { columnOrExpression, ownWhere, rowsAndMaps, viewFields } from './view-fields.ts';

const joinKeySchema = z.strictObject({
  name: nameField().describe('Under this name labels and requests carry the key.'),
  type: z.enum(JOIN_KEY_TYPES).describe('The type of the key.'),
});

export const entitySchema = z
  .strictObject({
    name: nameField().describe('Unique among entities.'),
    joinKeys: z.array(joinKeySchema).min(1, { error: 'at least one join key' }).describe('What identifies one of it.'),
    ...documentedFields(),
  })
  .describe('What features are about: a user, an airport, a route.');

export const rowFeatureSchema = z.strictObject({
  name: nameField().describe('Unique in its view.'),
  type: dataTypeField().describe('Type of the value, e.g. float64, list<string>, vector<float32,128>.'),
  ...columnOrExpression(),
  default: defaultField().optional(),
  ...documentedFields(),
});

export const rowViewSchema = z
  .strictObject({
    kind: z.literal('row').describe('The values of the latest row of a key.'),
    ...viewFields(),
    ttl: durationField().describe('A row older than this reads as null.').optional(),
    lateness: durationOrZeroField().describe('How late rows may come for incremental runs; default 24h.').optional(),
    strictlyBefore: z
      .boolean({ error: 'true or false' })
      .describe('Exclude rows stamped exactly at the query time; default false.')
      .optional(),
    deletedWhen: textField()
      .describe("SQL condition over the source's columns: where it holds for the last row, the key is NOT_FOUND.")
      .optional(),
    features: z
      .array(rowFeatureSchema, { error: 'a list of features' })
      .min(1, { error: 'at least one feature' })
      .describe('In the order of `view:*`.'),
  })
  .describe('A row view: the last row of each key.');

export const aggregateFeatureSchema = z.strictObject({
  name: nameField().describe('Unique in its view.'),
  aggregate: z.enum(AGGREGATES).describe('What is computed over the rows of the window.'),
  ...columnOrExpression(),
  ...ownWhere(),
  ...rowsAndMaps(),
  window: windowField().describe('How far back rows count, e.g. 7d, or unbounded.'),
  offset: durationField()
    .describe('How long before the instant the window ends: [e - window - offset, e - offset); default 0.')
    .optional(),
  hop: durationField()
    .describe(
      "Grid of a continuous window's start, and of its end where it has an offset; default by the window's length.",
    )
    .optional(),
  n: z.int({ error: 'a whole number from 1 to 1000' }).describe('For last_n: how many values, 1 to 1000.').optional(),
  p: z.number({ error: 'a number between 0 and 1' }).describe('For approx_percentile: between 0 and 1.').optional(),
  gap: durationField()
    .describe('For session_…: the longest time between two neighbouring rows of one session.')
    .optional(),
  default: defaultField().optional(),
  ...documentedFields(),
});

export const aggregateViewSchema = z
  .strictObject({
    kind: z.literal('aggregate').describe('Aggregates over windows of the rows of a key.'),
    ...viewFields(),
    features: z
      .array(aggregateFeatureSchema, { error: 'a list of features' })
      .min(1, { error: 'at least one feature' })
      .describe('In the order of `view:*`.'),
  })
  .describe('An aggregate view: windows over the rows of each key.');

/** Of feature views. */
export const VIEW_KINDS = ['row', 'aggregate', 'label'] as const;

export const featureViewSchema = z.discriminatedUnion('kind', [rowViewSchema, aggregateViewSchema, labelViewSchema], {
  error: (issue) => (issue.code === 'invalid_union' ? 'row, aggregate or label' : 'a feature view'),
});

const SERVICE_ENTRY = '`view:feature`, `view:*` or an object with `view` and `features`';
const REFERENCE_PATTERN = /^[A-Za-z_][A-Za-z0-9_]*:(\*|[A-Za-z_][A-Za-z0-9_]*)$/;
const PREFIX = 'a prefix of letters, digits and _, not starting with a digit';

const serviceEntrySchema = z.union(
  [
    z.string().regex(REFERENCE_PATTERN, { error: SERVICE_ENTRY }).describe('view:feature, or view:* for all.'),
    z.strictObject({
      view: nameField().describe('Name of the feature view.'),
      features: z
        .union([z.literal('*'), z.array(nameField()).min(1, { error: 'at least one feature name' })], {
          error: '"*" or a list of feature names',
        })
        .describe('"*" for all in definition order, or names.'),
      joinKeys: z
        .record(nameField(), nameField(), { error: 'an object from join key to the name it is read under' })
        .describe('Read a join key of the view under another name, so that one view serves two roles.')
        .optional(),
      prefix: z
        .string({ error: PREFIX })
        .regex(/^([A-Za-z_][A-Za-z0-9_]*)?$/, { error: PREFIX })
        .describe('Output names are <prefix><feature> instead of <view>__<feature>.')
        .optional(),
    }),
  ],
  { error: SERVICE_ENTRY },
);

export const featureServiceSchema = z
  .strictObject({
    name: nameField().describe('Unique among feature services.'),
    features: z
      .array(serviceEntrySchema, { error: 'a list of features' })
      .min(1, { error: 'at least one feature' })
      .describe('In output order.'),
    ...documentedFields(),
  })
  .describe('The features that one model reads, in order.');

/** A whole definition file; every list is optional. */
export const definitionFileSchema = z.strictObject({
  entities: z.array(entitySchema).describe('What features are about.').optional(),
  sources: z.array(sourceSchema).describe('Where rows come from.').optional(),
  featureViews: z.array(featureViewSchema).describe('Features, in views of one source each.').optional(),
  featureServices: z.array(featureServiceSchema).describe('What models read.').optional(),
});

export type EntityDefinition = z.output<typeof entitySchema>;
export type RowFeatureDefinition = z.output<typeof rowFeatureSchema>;
export type RowViewDefinition = z.output<typeof rowViewSchema>;
export type AggregateFeatureDefinition = z.output<typeof aggregateFeatureSchema>;
export type AggregateViewDefinition = z.output<typeof aggregateViewSchema>;
export type LabelFeatureDefinition = z.output<typeof labelFeatureSchema>;
export type LabelViewDefinition = z.output<typeof labelViewSchema>;
export type FeatureViewDefinition = z.output<typeof featureViewSchema>;
export type FeatureServiceDefinition = z.output<typeof featureServiceSchema>;
