// Where rows come from: files (batch), or events that are pushed (stream).
import { z } from 'zod';
import { csvFields } from './csv-fields.ts';
import { dataTypeField, documentedFields, durationField, nameField, textField } from './fields.ts';

export const SOURCE_KINDS = ['batch', 'stream', 'query', 'request'] as const;
/** The others are refused by name before a contract is asked. */
export const BUILT_SOURCE_KINDS = ['batch', 'stream'] as const;
const TIMESTAMP_UNITS = ['s', 'ms', 'us'] as const;

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

const formatField = () => z.enum(['parquet', 'csv', 'jsonl']).describe('How the files are written.');

const timestampUnitField = () => z.enum(TIMESTAMP_UNITS).describe('Unit since 1970 of a numeric timestampColumn.');

const columnsField = () => z.record(textField(), dataTypeField(), { error: 'an object from column name to type' });

const createdFields = () => ({
  createdTimestampColumn: textField().describe('When the row became known.').optional(),
  createdTimestampUnit: z
    .enum(TIMESTAMP_UNITS)
    .describe('Unit of a numeric createdTimestampColumn; default: timestampUnit.')
    .optional(),
});

const partitionColumnsField = () =>
  z
    .record(nameField(), partitionColumnSchema, { error: 'an object from column name to type' })
    .describe('Columns that are read from the names of folders, as in dt=2026-01-01/; no file may have them.')
    .optional();

export const batchSourceSchema = z
  .strictObject({
    name: nameField().describe('Unique among sources.'),
    kind: z.literal('batch').describe('batch: files. (query and request are not supported yet.)'),
    path: textField().describe("File or glob, relative to the project file's folder, or s3://bucket/prefix/*.parquet."),
    format: formatField(),
    timestampColumn: textField().describe('The event time of a row: a timestamp, or a number with timestampUnit.'),
    timestampUnit: timestampUnitField().optional(),
    ...createdFields(),
    columns: columnsField()
      .describe('Column name to type. Optional for parquet, where it is read from the files.')
      .optional(),
    ...csvFields(),
    partitionColumns: partitionColumnsField(),
    ...documentedFields(),
  })
  .describe('Files that others write.');

const historySchema = z
  .strictObject({
    path: textField().describe("File or glob, relative to the project file's folder, or s3://bucket/prefix/*.parquet."),
    format: formatField(),
    until: textField().describe(
      'Instant or day (2026-03-01, UTC): rows stamped before it come from the history, from it on from the events.',
    ),
    columns: columnsField()
      .describe("Columns that the files have, with their types; others are null. Default: the stream's own columns.")
      .optional(),
    timestampColumn: textField().describe("The event time of a row; default: the stream's timestampColumn.").optional(),
    timestampUnit: timestampUnitField().optional(),
    ...createdFields(),
    ...csvFields(),
    partitionColumns: partitionColumnsField(),
  })
  .describe('Files of the time before the events.');

export const ENVELOPES = ['json', 'debezium', 'avro', 'protobuf'] as const;

export const streamSourceSchema = z
  .strictObject({
    name: nameField().describe('Unique among sources.'),
    kind: z.literal('stream').describe('stream: events that are pushed.'),
    timestampColumn: textField().describe('The event time of an event: a timestamp, or a number with timestampUnit.'),
    timestampUnit: timestampUnitField().optional(),
    eventIdColumn: textField()
      .describe('string, int32 or int64: events of one id count once. Without it a retry may count twice.')
      .optional(),
    columns: columnsField().describe('Column name to type.'),
    topic: textField().describe('A Kafka topic that others write. (Not supported yet.)').optional(),
    envelope: z.enum(ENVELOPES).describe('How events are written in the topic.').optional(),
    history: historySchema.optional(),
    maxFuture: durationField()
      .describe('An event stamped later than this after its arrival is rejected; default 10m.')
      .optional(),
    deadLetters: durationField().describe('How long rejected events are kept; default: they are not.').optional(),
    ...documentedFields(),
  })
  .describe('Events that are pushed, and the files of the time before them.');

export const sourceSchema = z.discriminatedUnion('kind', [batchSourceSchema, streamSourceSchema], {
  error: (issue) => (issue.code === 'invalid_union' ? 'batch or stream' : 'a source'),
});

export type BatchSourceDefinition = z.output<typeof batchSourceSchema>;
export type StreamSourceDefinition = z.output<typeof streamSourceSchema>;
export type HistoryDefinition = z.output<typeof historySchema>;
export type SourceDefinition = z.output<typeof sourceSchema>;
