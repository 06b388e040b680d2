// The JSON Schemas that are checked in under json/: editors complete YAML with them, and other languages read them.
import { z } from 'zod';
import { definitionFileSchema } from './definitions.ts';
import { projectSchema } from './project.ts';
import {
  datasetRequestSchema,
  datasetSchema,
  errorBodySchema,
  jobSchema,
  materializationRequestSchema,
  onlineFeaturesRequestSchema,
  onlineFeaturesResponseSchema,
} from './wire.ts';

const CONTRACTS = {
  definitions: definitionFileSchema,
  project: projectSchema,
  'online-features-request': onlineFeaturesRequestSchema,
  'online-features-response': onlineFeaturesResponseSchema,
  'dataset-request': datasetRequestSchema,
  dataset: datasetSchema,
  'materialization-request': materializationRequestSchema,
  job: jobSchema,
  error: errorBodySchema,
} as const;

/** Draft 7, which the YAML language servers of editors know. */
const toJsonSchema = (contract: z.ZodType) =>
  z.toJSONSchema(contract, { target: 'draft-7', io: 'input', unrepresentable: 'any' });

/** File name → the text that it must have. */
export const jsonSchemaFiles = (): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(CONTRACTS).map(([name, contract]) => [
      `${name}.schema.json`,
      `${JSON.stringify(toJsonSchema(contract), null, 2)}\n`,
    ]),
  );
