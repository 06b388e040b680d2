// The one contract of definition files, whether YAML, JSON or TypeScript: shapes only. Names that refer to one another,
// columns, SQL and types are checked when definitions are resolved (src/definitions).
import { z } from 'zod';
import { csvFields } from './csv-fields.ts';
import {
  catchUpField,
  cronField,
  dataTypeField,
  defaultField,
  documentedFields,
  durationField,
  durationOrZeroField,
  nameField,
  textField,
  windowField,
} from './fields.ts';
import { AGGREGATES, JOIN_KEY_TYPES } from './types.ts';

export const SOURCE_KINDS = ['batch', 'stream', 'query', 'request'] as const;
const TIMESTAMP_UNITS = ['s', 'ms', 'us'] as const;

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

export const PARTITION_TYPES = ['date', 'string', 'int64', 'timestamp'] as const;

const partitionColumnSchema = z.union(
  [
    z.enum(PARTITION_TYPES),
    z.strictObject({
      type: z.literal('date'),
      bounds: z.literal('event_time').describe('Event times lie in the day of their folder; others are not read.'),
    }),
  ],
  { error: 'date, string, int64 or timestamp; or { type: date, bounds: event_time }' },
);

/** The one kind that is built; the others of SOURCE_KINDS are refused by name before this contract is asked. */
export const sourceSchema = z
  .strictObject({
    name: nameField().describe('Unique among sources.'),
    kind: z.literal('batch').describe('batch: files. (stream, query and request are not supported yet.)'),
    path: textField().describe("File or glob, relative to the project file's folder, or s3://bucket/prefix/*.parquet."),
    format: z.enum(['parquet', 'csv', 'jsonl']).describe('How the files are written.'),
    timestampColumn: textField().describe('The event time of a row: a timestamp, or a number with timestampUnit.'),
    timestampUnit: z.enum(TIMESTAMP_UNITS).describe('Unit since 1970 of a numeric timestampColumn.').optional(),
    createdTimestampColumn: textField().describe('When the row became known.').optional(),
    createdTimestampUnit: z
      .enum(TIMESTAMP_UNITS)
      .describe('Unit of a numeric createdTimestampColumn; default: timestampUnit.')
      .optional(),
    columns: z
      .record(textField(), dataTypeField(), { error: 'an object from column name to type' })
      .describe('Column name to type. Optional for parquet, where it is read from the files.')
      .optional(),
    ...csvFields(),
    partitionColumns: z
      .record(nameField(), partitionColumnSchema, { error: 'an object from column name to type' })
      .describe('Columns that are read from the names of folders, as in dt=2026-01-01/; no file may have them.')
      .optional(),
    ...documentedFields(),
  })
  .describe('Where rows come from.');

const viewFields = () => ({
  name: nameField().describe('Unique among feature views.'),
  entities: z
    .array(nameField(), { error: 'a list of entity names' })
    .min(1, { error: 'at least one entity' })
    .describe('Names of the entities whose join keys identify a row.'),
  source: nameField().describe('Name of the source.'),
  joinKeyColumns: z
    .record(nameField(), textField(), { error: 'an object from join key to source column' })
    .describe('Source column of a join key; default: the column of the same name.')
    .optional(),
  where: textField().describe("SQL condition over the source's columns; rows that fail it do not exist.").optional(),
  refresh: z
    .strictObject({
      every: durationField().describe('Boundaries at which a run computes the view.'),
      delay: durationOrZeroField().describe('How long after a boundary its run is published; default 0s.').optional(),
    })
    .describe('Omitted: continuous, always up to date.')
    .optional(),
  schedule: cronField()
    .describe('Without refresh: when a scheduler runs the view, as five fields of cron in UTC.')
    .optional(),
  catchUp: catchUpField().optional(),
  visibleFrom: z
    .enum(['event_time', 'created_time'])
    .describe('From when a row can be seen; created_time needs a createdTimestampColumn. Default event_time.')
    .optional(),
  online: z
    .boolean({ error: 'true or false' })
    .describe('false: in training sets only, neither materialized nor looked up; default true.')
    .optional(),
  ...documentedFields(),
});

const columnOrExpression = () => ({
  column: textField().describe('Source column; instead of an expression.').optional(),
  expression: textField().describe("One SQL scalar expression over the source's columns.").optional(),
});

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
  window: windowField().describe('How far back rows count, e.g. 7d, or unbounded.'),
  hop: durationField().describe("Grid of a continuous window's start; default by the window's length.").optional(),
  n: z.int({ error: 'a whole number from 1 to 1000' }).describe('For last_n: how many values, 1 to 1000.').optional(),
  p: z.number({ error: 'a number between 0 and 1' }).describe('For approx_percentile: between 0 and 1.').optional(),
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

export const featureViewSchema = z.discriminatedUnion('kind', [rowViewSchema, aggregateViewSchema], {
  error: (issue) => (issue.code === 'invalid_union' ? 'row or aggregate' : 'a feature view'),
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
export type SourceDefinition = z.output<typeof sourceSchema>;
export type RowFeatureDefinition = z.output<typeof rowFeatureSchema>;
export type RowViewDefinition = z.output<typeof rowViewSchema>;
export type AggregateFeatureDefinition = z.output<typeof aggregateFeatureSchema>;
export type AggregateViewDefinition = z.output<typeof aggregateViewSchema>;
export type FeatureViewDefinition = z.output<typeof featureViewSchema>;
export type FeatureServiceDefinition = z.output<typeof featureServiceSchema>;
