// `datasets/<name>/<version, 8 digits>/manifest.json`.
import { z } from 'zod';
import { type DataType, parseShape } from '../../schemas/types.ts';
import { totalRows } from '../storage/totals.ts';
import type { DatasetManifest } from './dataset.ts';
import { erasedField, partsField, sha256Text, sourcesField } from './manifest.ts';

const columnType = z.custom<DataType | 'label'>(
  (type) => type === 'label' || (typeof type === 'string' && parseShape(type) !== null),
  'expected a type or "label"',
);

export const datasetManifestContract: z.ZodType<DatasetManifest> = z
  .strictObject({
    kind: z.literal('dataset'),
    name: z.string().min(1),
    version: z.int().positive(),
    /** Left out by versions before 1.0. */
    startedAt: z.string().optional(),
    createdAt: z.string(),
    project: z.string(),
    registryVersion: z.int().positive().nullable(),
    service: z.string(),
    /** Both left out by versions before 1.0. */
    serviceVersion: z.int().positive().optional(),
    features: z
      .array(
        z.strictObject({
          name: z.string(),
          feature: z.string(),
          readAs: z.array(z.string()),
          meaning: z.string(),
          rowOrder: z.string().optional(),
          label: z.literal(true).optional(),
        }),
      )
      .optional(),
    columns: z.array(z.strictObject({ name: z.string(), type: columnType, physical: z.string() })),
    rows: z.int().nonnegative(),
    labels: z.strictObject({
      file: z.string(),
      sha256: sha256Text,
      timestampColumn: z.string(),
      interval: z.strictObject({ from: z.string(), to: z.string() }).nullable(),
      keysOf: z
        .union([
          z.strictObject({ view: z.string(), at: z.string() }),
          z.strictObject({ view: z.string(), from: z.string(), to: z.string(), every: z.string() }),
        ])
        .optional(),
    }),
    /** Left out by versions before 1.0. */
    warnings: z.array(z.string()).optional(),
    immature: z.array(z.strictObject({ name: z.string(), rows: z.int().nonnegative() })).optional(),
    reused: z
      .strictObject({
        name: z.string(),
        version: z.int().positive(),
        features: z.array(z.string()),
        notReused: z.array(z.strictObject({ name: z.string(), why: z.string() })).optional(),
      })
      .optional(),
    withoutErased: z.array(z.string()).optional(),
    erased: erasedField.optional(),
    sources: sourcesField,
    parts: partsField,
  })
  .refine(({ rows, parts }) => rows === totalRows(parts), 'rows is not the sum of the rows of the parts');
