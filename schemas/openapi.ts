// The OpenAPI 3.1 document, made from the table of operations and the zod contracts.
import { z } from 'zod';
import { ERRORS, type ErrorCode } from './errors.ts';
import {
  COMMON_ERRORS,
  COMPONENTS,
  type Content,
  JSON_TYPE,
  KEY_ERRORS,
  OPERATIONS,
  type Operation,
  type OperationResponse,
} from './operations.ts';
import { ROLE_MEANINGS, ROLES } from './roles.ts';

type Document = Readonly<Record<string, unknown>>;

export interface OpenApiOptions {
  readonly version: string;
  /** Whether the server asks for keys. */
  readonly hasKeys: boolean;
}

export function openApiDocument({ version, hasKeys }: OpenApiOptions): Document {
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
        Object.fromEntries(operations.map((operation) => [operation.method, describeOperation(operation, hasKeys)])),
      ]),
    ),
    components: {
      schemas: Object.fromEntries(Object.entries(COMPONENTS).map(([name, contract]) => [name, jsonSchema(contract)])),
      ...(hasKeys && { securitySchemes: { key: KEY_SCHEME } }),
    },
  };
}

const KEY_SCHEME = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'plumb_<id>_<secret>',
  description: [
    'A key of `plumb key create`. Operations name the role that they need; each includes those before it.',
    ...ROLES.map((role) => `${role}: ${ROLE_MEANINGS[role]}`),
  ].join('\n'),
};

function describeOperation(operation: Operation, hasKeys: boolean): Document {
  const { access } = operation;
  const key = hasKeys && access !== 'open' ? access : null;
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
    ...(hasKeys && { security: key === null ? [] : [{ key: [key.role] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(operation.requestBody && { requestBody: { required: true, content: describeContent(operation.requestBody) } }),
    responses: {
      ...describeErrors([...COMMON_ERRORS, ...(key === null ? [] : KEY_ERRORS), ...operation.errors]),
      ...describeAll(operation.responses),
    },
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
function describeErrors(errors: readonly ErrorCode[]): Document {
  const codes = Map.groupBy(new Set(errors), (code) => ERRORS[code].status);
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
