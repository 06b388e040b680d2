// POST /v1/datasets, GET /v1/datasets[/{name}/{version}]
import { z } from 'zod';
import { type DataType, parseDataType } from '../types.ts';
import type {
  Dataset,
  DatasetBinding,
  DatasetBindingView,
  DatasetPage,
  DatasetPart,
  DatasetRequest,
} from '../wire-types.ts';
import { instantAnswer, instantField } from './instant.ts';
import { nextField } from './pages.ts';

export const DATASET_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const NAME = 'letters, digits, _, - and ., at most 128, not starting with - or .';

const serviceField = () => z.string({ error: 'the name of a feature service' });
const nameField = () =>
  z.string({ error: NAME }).regex(DATASET_NAME, { error: NAME }).describe("Default: the service's name.").optional();
const timestampColumnField = () =>
  z
    .string({ error: 'the name of a label column' })
    .min(1, { error: 'the name of a label column' })
    .describe('The label column that says when; default event_timestamp.')
    .optional();
const timestampUnitField = () =>
  z.enum(['s', 'ms', 'us']).describe('Where the timestamp column is a number.').optional();

const REUSE = 'name@version of a training set';
const reuseField = () =>
  z
    .string({ error: REUSE })
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}@[1-9]\d{0,8}$/, { error: REUSE })
    .describe(
      '`name@version` of a training set of the same labels: features that mean the same there are not computed again.',
    )
    .optional();

const COLUMN = 'a list of values, one per label';
const columnsSchema = z.strictObject({
  columns: z
    .record(z.string(), z.array(z.unknown(), { error: COLUMN }).min(1, { error: 'at least one label' }), {
      error: 'an object from column to its list of values',
    })
    .refine((columns) => Object.keys(columns).length > 0, { error: 'at least one column' })
    .meta({ minProperties: 1 })
    .describe('Column to its values; all of one length.'),
});
const pathSchema = z.strictObject({
  path: z
    .string({ error: 'the path of a labels file' })
    .min(1, { error: 'the path of a labels file' })
    .describe('A file under one of `server.labelRoots`; a relative path is looked for in each.'),
});

const VIEW = 'the name of a feature view';
const EVERY = 'a duration such as 1d: a number and s, m, h or d';
const keysOfField = () => z.string({ error: VIEW }).min(1, { error: VIEW });
const keysAtSchema = z
  .strictObject({ keysOf: keysOfField(), at: instantField() })
  .describe('Every key that the view has at that instant: those that a lookup would not call NOT_FOUND.');
const keysOnGridSchema = z
  .strictObject({
    keysOf: keysOfField(),
    from: instantField(),
    to: instantField().describe('Not included.'),
    every: z.string({ error: EVERY }).regex(/^[1-9]\d{0,9}[smhd]$/, { error: EVERY }),
  })
  .describe(
    'Every key that the view has at each instant `from`, `from + every`, … before `to`; at most 100,000 instants.',
  );
const LABELS =
  'one of {"columns": {…}}, {"path": "…"}, {"keysOf": "…", "at": "…"} and {"keysOf", "from", "to", "every"}';

export const datasetRequestSchema = z
  .strictObject({
    service: serviceField(),
    name: nameField(),
    labels: z.union([columnsSchema, pathSchema, keysAtSchema, keysOnGridSchema], { error: LABELS }),
    timestampColumn: timestampColumnField(),
    timestampUnit: timestampUnitField(),
    reuse: reuseField(),
  })
  .describe('POST /v1/datasets') satisfies z.ZodType<DatasetRequest>;

/** With an Arrow IPC stream as the body. */
export const datasetQuerySchema = z.strictObject({
  service: serviceField().describe('The feature service.'),
  name: nameField(),
  timestampColumn: timestampColumnField(),
  timestampUnit: timestampUnitField(),
  reuse: reuseField(),
});

const isColumnType = (type: unknown): type is DataType | 'label' =>
  type === 'label' || (typeof type === 'string' && parseDataType(type) === type);

/** Of training sets, and of the jobs that make them. */
export const immatureField = () =>
  z
    .array(z.object({ name: z.string().describe('Of the column.'), rows: z.int().min(0) }))
    .describe(
      'Of each label: in how many rows it is null because its window had not passed yet; absent without labels.',
    );

const partSchema = z.object({
  path: z.string(),
  rows: z.int().min(0),
  sizeBytes: z.int().min(0),
  sha256: z.string(),
}) satisfies z.ZodType<DatasetPart>;

export const datasetSchema = z
  .object({
    kind: z.literal('dataset'),
    name: z.string(),
    version: z.int().min(1),
    startedAt: instantAnswer()
      .describe('When the build began: a label is mature where its window had passed by then. Absent in older sets.')
      .optional(),
    createdAt: instantAnswer(),
    project: z.string(),
    registryVersion: z
      .int()
      .min(1)
      .nullable()
      .describe('null: of a draft, made from definitions that were not registered.'),
    service: z.string(),
    serviceVersion: z.int().min(1).describe("The service's own version. Absent in sets of older versions.").optional(),
    features: z
      .array(
        z.object({
          name: z.string().describe('Of the column.'),
          feature: z.string().describe('`view:feature`.'),
          readAs: z.array(z.string()).describe('The columns that each join key of the view was read from.'),
          meaning: z.string().describe('Equal for features whose values come about in the same way.'),
          rowOrder: z
            .string()
            .describe('Of a row view: equal where it tells rows of one instant apart in the same way.')
            .optional(),
          label: z.literal(true).describe('It is what a model is to learn, and is not served.').optional(),
        }),
      )
      .describe('Which columns are features and labels of the service, in order. Absent in sets of older versions.')
      .optional(),
    columns: z.array(
      z.object({
        name: z.string(),
        type: z
          .custom<DataType | 'label'>(isColumnType)
          .meta({ type: 'string' })
          .describe('`label`: a column of the labels that passed through.'),
        physical: z.string().describe("The engine's type."),
      }),
    ),
    rows: z.int().min(0),
    warnings: z
      .array(z.string())
      .describe('Signs that the set holds its own target, in words; absent in sets of older versions.')
      .optional(),
    immature: immatureField().optional(),
    labels: z.object({
      file: z.string(),
      sha256: z.string(),
      timestampColumn: z.string(),
      interval: z.object({ from: instantAnswer(), to: instantAnswer() }).nullable(),
      keysOf: z
        .union([
          z.object({ view: z.string(), at: instantAnswer() }),
          z.object({ view: z.string(), from: instantAnswer(), to: instantAnswer(), every: z.string() }),
        ])
        .describe('Of labels that are the keys of a view: the view, and at which instants.')
        .optional(),
    }),
    reused: z
      .object({
        name: z.string(),
        version: z.int().min(1),
        features: z.array(z.string()),
        notReused: z
          .array(z.object({ name: z.string(), why: z.string() }))
          .describe('Features that are there, and were computed all the same.')
          .optional(),
      })
      .describe('Of a set that was made with `reuse`: what it was taken from, and which features.')
      .optional(),
    withoutErased: z
      .array(z.string())
      .describe('Erasures that were under way, and whose rows the set was made without; absent: none were.')
      .optional(),
    erased: z
      .object({
        rows: z.int().min(0),
        by: z.array(
          z.object({
            erasure: z.string(),
            parts: z.int().min(0),
            rows: z.int().min(0),
            sizeBytes: z.int().min(0),
          }),
        ),
      })
      .describe('Rows that erasures took out since: in all, and by those that were under way last. Absent: none.')
      .optional(),
    sources: z.array(
      z.object({
        name: z.string(),
        files: z.array(z.object({ path: z.string(), sizeBytes: z.int().min(0), identity: z.string() })),
      }),
    ),
    parts: z.array(partSchema).describe('In row order; the bytes of part n are at /parts/{n}, from 0.'),
  })
  .describe('200 of GET /v1/datasets/{name}/{version}') satisfies z.ZodType<Dataset>;

export const datasetPageSchema = z
  .object({
    datasets: z.array(datasetSchema).describe('The newest version of each, by name.'),
    damaged: z
      .array(z.object({ name: z.string(), version: z.int().positive(), message: z.string() }))
      .describe('Those whose newest version cannot be read, each with what to do; absent where there are none.')
      .optional(),
    next: nextField(),
  })
  .describe('200 of GET /v1/datasets') satisfies z.ZodType<DatasetPage>;

const datasetBindingViewSchema = z.object({
  view: z.string(),
  served: z
    .enum(['present', 'held', 'to_fill', 'leaving'])
    .describe(
      '`present`: by the present definition, which means the same; `held`: by a generation of a former one, which goes on being run; `to_fill`: by none before the next run of the view; `leaving`: by none any more.',
    ),
  generation: z.string().nullable(),
  watermark: instantAnswer().nullable(),
}) satisfies z.ZodType<DatasetBindingView>;

export const datasetBindingSchema = z
  .object({
    name: z.string(),
    version: z.int().positive(),
    bound: z.boolean(),
    changed: z.boolean().describe('False: it was so before.'),
    views: z
      .array(datasetBindingViewSchema)
      .describe(
        'Of one that is bound, those that it reads; of one that was retired, those whose generations leave with it.',
      ),
  })
  .describe(
    'Whether lookups by a training set are answered whatever is defined now.',
  ) satisfies z.ZodType<DatasetBinding>;
