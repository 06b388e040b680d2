// The OpenAPI 3.1 document, made from the table of operations and the zod contracts.
import { z } from 'zod';
import { ERRORS, type ErrorCode } from './errors.ts';
import {
  COMMON_ERRORS,
  COMPONENTS,
  type Content,
  JSON_TYPE,
  OPERATIONS,
  type Operation,
  type OperationResponse,
} from './operations.ts';

type Document = Readonly<Record<string, unknown>>;

export function openApiDocument(version: string): Document {
  const paths = Map.groupBy(OPERATIONS, ({ path }) => path);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Plumb',
      description: 'An online/offline feature store: lookups, training sets, materializations.',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: Object.fromEntries(
      [...paths].map(([path, operations]) => [
        path,
        Object.fromEntries(operations.map((operation) => [operation.method, describeOperation(operation)])),
      ]),
    ),
    components: {
      schemas: Object.fromEntries(Object.entries(COMPONENTS).map(([name, contract]) => [name, jsonSchema(contract)])),
    },
  };
}

function describeOperation(operation: Operation): Document {
  const parameters = [
    ...parametersOf('path', operation.pathParameters),
    ...parametersOf('query', operation.query),
    ...Object.entries(operation.headers ?? {}).map(([name, description]) => ({
      name,
      in: 'header',
      required: false,
      description,
      schema: { type: 'string' },
    })),
  ];
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(parameters.length > 0 && { parameters }),
    ...(operation.requestBody && { requestBody: { required: true, content: describeContent(operation.requestBody) } }),
    responses: { ...describeErrors(operation), ...describeAll(operation.responses) },
  };
}

function parametersOf(place: 'path' | 'query', contract: z.ZodObject | undefined): readonly Document[] {
  return Object.entries(contract?.shape ?? {}).map(([name, field]) => {
    const { description, ...schema } = jsonSchema(field as z.ZodType);
    const required = place === 'path' || !z.safeParse(field as z.ZodType, undefined).success;
    return { name, in: place, required, description, schema };
  });
}

const describeAll = (responses: Operation['responses']): Document =>
  Object.fromEntries(Object.entries(responses).map(([status, response]) => [status, describeResponse(response)]));

const describeResponse = ({ description, headers = {}, content = {} }: OperationResponse): Document => ({
  description,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: 'string' } }]),
  ),
  content: describeContent(content),
});

const describeContent = (content: Readonly<Record<string, Content>>): Document =>
  Object.fromEntries(Object.entries(content).map(([type, of]) => [type, { schema: schemaOf(of) }]));

function schemaOf(content: Content): Document {
  if (content === 'binary') return { type: 'string', format: 'binary' };
  return content === 'text' ? { type: 'string' } : { $ref: `#/components/schemas/${content}` };
}

/** By status, with each code that has it and what it means. */
function describeErrors({ errors }: Operation): Document {
  const codes = Map.groupBy(new Set([...COMMON_ERRORS, ...errors]), (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...codes].map(([status, all]) => [
      status,
      describeResponse({
        description: all.map((code) => `${code}: ${ERRORS[code].meaning}`).join('\n'),
        headers: all.some((code: ErrorCode) => ERRORS[code].retryable) ? { 'Retry-After': 'Seconds.' } : {},
        content: { [JSON_TYPE]: 'Error' },
      }),
    ]),
  );
}

/** As a client has to write it, or may read it: without `additionalProperties: false` where a contract is not strict. */
function jsonSchema(contract: z.ZodType): Document {
  const { $schema: _, ...schema } = z.toJSONSchema(contract, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
  });
  return schema;
}
