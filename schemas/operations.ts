// The one table of HTTP operations. The OpenAPI document is made from it, metrics count by its ids, and a test holds it
// equal to the routes of the server and to docs/reference/http.md.
import { z } from 'zod';
import type { Duty } from './duties.ts';
import type { ErrorCode } from './errors.ts';
import type { Access, KeyAccess } from './roles.ts';
import * as wire from './wire.ts';

export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'delete';
  /** `/v1/jobs/{id}`. */
  readonly path: string;
  readonly summary: string;
  /** What a key needs for it, on servers that ask for keys. What takes more than `reader` is a change, and is written down. */
  readonly access: Access;
  /** What it changes says itself by whom: no entry of the audit log for each. */
  readonly isFrequent?: true;
  /** A server without it answers NOT_SERVED. */
  readonly duty?: Duty;
  /** Fields of the request that ask for more than the operation does. */
  readonly fields?: Readonly<Record<string, { readonly access: KeyAccess; readonly duty: Duty }>>;
  readonly pathParameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Headers of the request that change the answer, with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  /** By content type. */
  readonly requestBody?: Readonly<Record<string, Content>>;
  /** By status. */
  readonly responses: Readonly<Record<number, OperationResponse>>;
  /** Beside those of all operations. */
  readonly errors: readonly ErrorCode[];
}

export interface OperationResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Readonly<Record<string, Content>>;
}

/** A contract by its name in the document, or bytes. */
export type Content = keyof typeof COMPONENTS | 'binary' | 'text';

/** What any operation may return. */
export const COMMON_ERRORS: readonly ErrorCode[] = ['INVALID_REQUEST', 'INTERNAL'];
/** And any that is not open, on a server that asks for keys. */
export const KEY_ERRORS: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'STORAGE_UNAVAILABLE'];

export const JSON_TYPE = 'application/json';
export const ARROW_STREAM_TYPE = 'application/vnd.apache.arrow.stream';
export const PARQUET_TYPE = 'application/vnd.apache.parquet';

/** Contract and side: what is asked (input) or answered (output). */
export const COMPONENTS = {
  OnlineFeaturesRequest: wire.onlineFeaturesRequestSchema,
  OnlineFeaturesResponse: wire.onlineFeaturesResponseSchema,
  DatasetRequest: wire.datasetRequestSchema,
  Dataset: wire.datasetSchema,
  DatasetPage: wire.datasetPageSchema,
  DatasetBinding: wire.datasetBindingSchema,
  DatasetJob: wire.datasetJobSchema,
  MaterializationRequest: wire.materializationRequestSchema,
  MaterializationJob: wire.materializationJobSchema,
  MaterializationPage: wire.materializationPageSchema,
  ErasureRequest: wire.erasureRequestSchema,
  ErasureJob: wire.erasureJobSchema,
  Erasure: wire.erasureSchema,
  ErasurePage: wire.erasurePageSchema,
  PushRequest: wire.pushRequestSchema,
  PushAnswer: wire.pushAnswerSchema,
  Job: wire.jobSchema,
  SchedulePage: wire.schedulePageSchema,
  Schedule: wire.scheduleSchema,
  RunPage: wire.runPageSchema,
  RunDetails: wire.runDetailsSchema,
  ReportPage: wire.reportPageSchema,
  Report: wire.reportSchema,
  ProjectStatus: wire.projectStatusSchema,
  Registry: wire.registrySummarySchema,
  Described: wire.describedSchema,
  EntityPage: wire.entityPageSchema,
  SourcePage: wire.sourcePageSchema,
  FeatureViewPage: wire.featureViewPageSchema,
  FeatureServicePage: wire.featureServicePageSchema,
  Health: wire.healthSchema,
  Readiness: wire.readinessSchema,
  OpenApi: z.looseObject({ openapi: z.string() }).describe('OpenAPI 3.1'),
  Error: wire.errorBodySchema,
} as const satisfies Record<string, z.ZodType>;

const named = (what: string) => z.object({ name: z.string().describe(`The name of ${what}.`) });
const jobId = z.object({ id: z.string().describe('As its creation returned it.') });
const datasetVersion = z.object({
  name: z.string().describe('The name of a training set.'),
  version: z.string().describe('A number from 1, or `latest`.'),
});

const json = (description: string, content: Content, headers: Readonly<Record<string, string>> = {}) => ({
  description,
  headers,
  content: { [JSON_TYPE]: content },
});

const LOCATION = { Location: 'Where the job is: /v1/jobs/{id}.' };
const ETAG = { ETag: 'Strong; of the content.' };
const NOT_MODIFIED: OperationResponse = { description: 'The client has it already.', headers: ETAG };
const IF_NONE_MATCH = { 'If-None-Match': 'ETags that the client has: 304 where one is current.' };

/** Reading definitions, records and files. */
const REGISTRY: readonly ErrorCode[] = ['NOT_APPLIED', 'STORAGE_UNAVAILABLE', 'STORAGE_CORRUPT'];
const STORED: readonly ErrorCode[] = ['STORAGE_UNAVAILABLE', 'STORAGE_CORRUPT'];

const READS_SERVICE: KeyAccess = { role: 'reader', about: 'service' };
const READS_PROJECT: KeyAccess = { role: 'reader', about: 'project' };
const OPERATES: KeyAccess = { role: 'operator', about: 'project' };
/** Of a lookup with `explain`, which reads sources in a process of its own. */
const EXPLAINED: readonly ErrorCode[] = [
  'TOO_MANY_REQUESTS',
  'SOURCE_MISMATCH',
  'ENGINE_FAILED',
  'RESOURCE_EXHAUSTED',
  'INTERRUPTED',
  'DRAINING',
  'CANCELLED',
];
const NEW_JOB: readonly ErrorCode[] = ['TOO_MANY_REQUESTS', 'RESOURCE_EXHAUSTED', 'NOT_SERVED'];

type Reading = Omit<Operation, 'method' | 'responses' | 'access'> & Partial<Pick<Operation, 'access'>>;

/** GET of a list, a page at a time. */
const listOf = (page: Content, operation: Reading): Operation => ({
  method: 'get',
  access: READS_PROJECT,
  query: wire.pageQuerySchema,
  responses: { 200: json('A page.', page) },
  ...operation,
});

/** GET of one thing by its name or id. */
const oneOf = (response: OperationResponse, operation: Reading): Operation => ({
  method: 'get',
  access: READS_PROJECT,
  responses: { 200: response },
  ...operation,
});

export const OPERATIONS: readonly Operation[] = [
  {
    id: 'getOnlineFeatures',
    method: 'post',
    path: '/v1/online-features',
    summary: 'Look features up.',
    access: READS_SERVICE,
    duty: 'lookup',
    fields: { explain: { access: OPERATES, duty: 'jobs' } },
    requestBody: { [JSON_TYPE]: 'OnlineFeaturesRequest' },
    responses: {
      200: {
        description: 'One row per entity, in their order. `Accept` chooses the form.',
        content: { [JSON_TYPE]: 'OnlineFeaturesResponse', [ARROW_STREAM_TYPE]: 'binary' },
      },
    },
    errors: [
      ...REGISTRY,
      'NOT_ACCEPTABLE',
      'UNKNOWN_NAME',
      'NOT_MATERIALIZED',
      'OFFLINE_ONLY',
      'NOT_SUPPORTED',
      'TOO_LARGE',
      'CONFLICT',
      'STORE_UNAVAILABLE',
      'NOT_SERVED',
      ...EXPLAINED,
    ],
  },
  {
    id: 'createDataset',
    method: 'post',
    path: '/v1/datasets',
    summary: 'Make a training set: the features of a service joined to labels. Returns the job that does it.',
    access: { role: 'writer', about: 'service' },
    duty: 'jobs',
    query: wire.datasetQuerySchema.partial(),
    requestBody: { [JSON_TYPE]: 'DatasetRequest', [ARROW_STREAM_TYPE]: 'binary' },
    responses: { 202: json('The job.', 'DatasetJob', LOCATION) },
    errors: [...REGISTRY, ...NEW_JOB, 'UNKNOWN_NAME', 'INVALID_LABELS', 'TOO_LARGE'],
  },
  listOf('DatasetPage', {
    id: 'listDatasets',
    path: '/v1/datasets',
    summary: 'The newest version of each training set, by name.',
    errors: STORED,
  }),
  {
    id: 'getDataset',
    method: 'get',
    path: '/v1/datasets/{name}/{version}',
    summary: 'One training set: its columns, sources and parts.',
    access: READS_SERVICE,
    pathParameters: datasetVersion,
    headers: IF_NONE_MATCH,
    responses: { 200: json('Its manifest.', 'Dataset', ETAG), 304: NOT_MODIFIED },
    errors: [...STORED, 'UNKNOWN_NAME'],
  },
  {
    id: 'bindDataset',
    method: 'post',
    path: '/v1/datasets/{name}/{version}/bind',
    summary: 'Keep serving the features of a training set as it has them, even after their definitions change.',
    access: OPERATES,
    pathParameters: datasetVersion,
    responses: { 200: json('What serves its views now.', 'DatasetBinding') },
    errors: [
      ...([...REGISTRY, 'UNKNOWN_NAME', 'NOT_AS_LEARNED', 'OFFLINE_ONLY', 'NOT_SUPPORTED', 'CONFLICT'] as const),
      ...(['STORE_UNAVAILABLE', 'RESOURCE_EXHAUSTED'] as const),
    ],
  },
  {
    id: 'retireDataset',
    method: 'post',
    path: '/v1/datasets/{name}/{version}/retire',
    summary:
      'End what `bind` began: generations that are held for this training set alone leave after the grace period.',
    access: OPERATES,
    pathParameters: datasetVersion,
    responses: { 200: json('What leaves.', 'DatasetBinding') },
    errors: [...REGISTRY, 'UNKNOWN_NAME', 'STORE_UNAVAILABLE', 'RESOURCE_EXHAUSTED'],
  },
  {
    id: 'getDatasetPart',
    method: 'get',
    path: '/v1/datasets/{name}/{version}/parts/{part}',
    summary: 'The bytes of one Parquet file of a training set, or a range of them.',
    access: READS_SERVICE,
    pathParameters: datasetVersion.extend({ part: z.string().describe('Its place in `parts`, from 0.') }),
    headers: {
      ...IF_NONE_MATCH,
      Range: 'One range: bytes=first-last, bytes=first- or bytes=-suffix. Anything else is ignored.',
      'If-Range': 'An ETag: the range holds only where it is current.',
    },
    responses: {
      200: { description: 'The whole file.', headers: ETAG, content: { [PARQUET_TYPE]: 'binary' } },
      206: {
        description: 'The range.',
        headers: { ...ETAG, 'Content-Range': 'bytes first-last/size' },
        content: { [PARQUET_TYPE]: 'binary' },
      },
      304: NOT_MODIFIED,
      416: {
        description: 'INVALID_REQUEST: the range lies outside of the file.',
        headers: { 'Content-Range': 'bytes */size' },
        content: { [JSON_TYPE]: 'Error' },
      },
    },
    errors: [...STORED, 'UNKNOWN_NAME', 'CONFLICT'],
  },
  {
    id: 'createMaterialization',
    method: 'post',
    path: '/v1/materializations',
    summary: 'Compute views and put them online. Returns the job that does it.',
    access: OPERATES,
    duty: 'jobs',
    requestBody: { [JSON_TYPE]: 'MaterializationRequest' },
    responses: { 202: json('The job.', 'MaterializationJob', LOCATION) },
    errors: [...REGISTRY, ...NEW_JOB, 'UNKNOWN_NAME', 'TOO_LARGE'],
  },
  listOf('MaterializationPage', {
    id: 'listMaterializations',
    path: '/v1/materializations',
    summary: 'Jobs that materialize, newest first.',
    errors: STORED,
  }),
  oneOf(json('The job.', 'MaterializationJob'), {
    id: 'getMaterialization',
    path: '/v1/materializations/{id}',
    summary: 'One job that materializes.',
    pathParameters: jobId,
    errors: [...STORED, 'UNKNOWN_NAME'],
  }),
  {
    id: 'pushEvents',
    method: 'post',
    path: '/v1/sources/{source}/events',
    summary: 'Push events to a source of kind stream. They are on disk when it answers, each id once.',
    access: { role: 'writer', about: 'source' },
    isFrequent: true,
    pathParameters: z.object({ source: z.string().describe('The name of a source of kind stream.') }),
    query: wire.pushQuerySchema,
    requestBody: { [JSON_TYPE]: 'PushRequest' },
    responses: { 202: json('What became of them.', 'PushAnswer') },
    errors: [
      ...REGISTRY,
      ...[
        'UNKNOWN_NAME',
        'INVALID_EVENTS',
        'TOO_LARGE',
        'TOO_MANY_REQUESTS',
        'RESOURCE_EXHAUSTED',
        'STORE_UNAVAILABLE',
      ],
    ] as const,
  },
  {
    id: 'createErasure',
    method: 'post',
    path: '/v1/erasures',
    summary: 'Erase keys of an entity, for good. Records the erasure, and returns the job that does the rest.',
    access: OPERATES,
    duty: 'jobs',
    requestBody: { [JSON_TYPE]: 'ErasureRequest' },
    responses: { 202: json('The job; its id is that of the erasure.', 'ErasureJob', LOCATION) },
    errors: [...REGISTRY, ...NEW_JOB, 'UNKNOWN_NAME', 'TOO_LARGE'],
  },
  listOf('ErasurePage', {
    id: 'listErasures',
    path: '/v1/erasures',
    summary: 'Erasures, newest first, with what they did, but without the keys.',
    errors: STORED,
  }),
  oneOf(json('The erasure.', 'Erasure'), {
    id: 'getErasure',
    path: '/v1/erasures/{id}',
    summary: 'One erasure, with its report once it is done.',
    pathParameters: jobId,
    errors: [...STORED, 'UNKNOWN_NAME'],
  }),
  oneOf(json('The job.', 'Job'), {
    id: 'getJob',
    path: '/v1/jobs/{id}',
    summary: 'One job: its status, progress and result.',
    access: READS_SERVICE,
    pathParameters: jobId,
    errors: [...STORED, 'UNKNOWN_NAME'],
  }),
  {
    id: 'cancelJob',
    method: 'delete',
    path: '/v1/jobs/{id}',
    summary: 'Cancel a job. Its record stays.',
    access: { role: 'writer', about: 'service' },
    pathParameters: jobId,
    responses: { 200: json('The job, which has ended.', 'Job'), 202: json('The job, which is stopping.', 'Job') },
    errors: [...STORED, 'UNKNOWN_NAME', 'RESOURCE_EXHAUSTED'],
  },
  listOf('RunPage', {
    id: 'listRuns',
    path: '/v1/runs',
    summary: 'Runs of views, newest first: those that go on, ended or failed, whoever began them.',
    query: wire.runsQuerySchema,
    errors: [...REGISTRY, 'UNKNOWN_NAME'],
  }),
  oneOf(json('The run.', 'RunDetails'), {
    id: 'getRun',
    path: '/v1/runs/{id}',
    summary: 'One run: phases, rows and log.',
    pathParameters: z.object({ id: z.string().describe('`<view>-<run>`, as the list returns it.') }),
    errors: [...STORED, 'UNKNOWN_NAME'],
  }),
  listOf('SchedulePage', {
    id: 'listSchedules',
    path: '/v1/schedules',
    summary: 'What is run by itself: views with refresh or a schedule, and commands of the project file.',
    errors: REGISTRY,
  }),
  {
    id: 'pauseSchedule',
    method: 'post',
    path: '/v1/schedules/{name}/pause',
    summary: 'Start no more runs of a schedule. A run that goes on is finished.',
    access: OPERATES,
    pathParameters: named('a schedule'),
    responses: { 200: json('The schedule.', 'Schedule') },
    errors: [...REGISTRY, 'UNKNOWN_NAME', 'RESOURCE_EXHAUSTED'],
  },
  {
    id: 'resumeSchedule',
    method: 'post',
    path: '/v1/schedules/{name}/resume',
    summary: 'Start runs of a schedule again; what was missed is made up as its catchUp says.',
    access: OPERATES,
    pathParameters: named('a schedule'),
    responses: { 200: json('The schedule.', 'Schedule') },
    errors: [...REGISTRY, 'UNKNOWN_NAME', 'RESOURCE_EXHAUSTED'],
  },
  {
    id: 'runSchedule',
    method: 'post',
    path: '/v1/schedules/{name}/run',
    summary: 'Run a schedule now, paused or not, by this server. Returns the job that does it.',
    access: OPERATES,
    duty: 'jobs',
    pathParameters: named('a schedule'),
    responses: { 202: json('The job.', 'Job', LOCATION) },
    errors: [...REGISTRY, ...NEW_JOB, 'UNKNOWN_NAME'],
  },
  listOf('ReportPage', {
    id: 'listReports',
    path: '/v1/reports',
    summary: 'Verifications that were done, newest first.',
    errors: STORED,
  }),
  oneOf(json('The report.', 'Report'), {
    id: 'getReport',
    path: '/v1/reports/{id}',
    summary: 'One verification: what was compared, by feature, and examples of what differs.',
    pathParameters: z.object({ id: z.string().describe('8 digits, as the list returns it.') }),
    errors: [...STORED, 'UNKNOWN_NAME'],
  }),
  {
    id: 'getStatus',
    method: 'get',
    path: '/v1/status',
    summary: 'How far each view is materialized, and its last runs.',
    access: READS_PROJECT,
    responses: { 200: json('The state of each view.', 'ProjectStatus') },
    errors: [...REGISTRY, 'STORE_UNAVAILABLE'],
  },
  {
    id: 'getRegistry',
    method: 'get',
    path: '/v1/registry',
    summary: 'The newest registered version, by name.',
    access: READS_PROJECT,
    responses: { 200: json('Names of everything in it.', 'Registry') },
    errors: REGISTRY,
  },
  listOf('EntityPage', {
    id: 'listEntities',
    path: '/v1/entities',
    summary: 'Entities with their join keys.',
    errors: REGISTRY,
  }),
  listOf('SourcePage', {
    id: 'listSources',
    path: '/v1/sources',
    summary: 'Sources with their columns.',
    errors: REGISTRY,
  }),
  listOf('FeatureViewPage', {
    id: 'listFeatureViews',
    path: '/v1/feature-views',
    summary: 'Feature views with their features.',
    errors: REGISTRY,
  }),
  oneOf(json('The feature view.', 'Described'), {
    id: 'getFeatureView',
    path: '/v1/feature-views/{name}',
    summary: 'One feature view.',
    pathParameters: named('a feature view'),
    errors: [...REGISTRY, 'UNKNOWN_NAME'],
  }),
  listOf('FeatureServicePage', {
    id: 'listFeatureServices',
    path: '/v1/feature-services',
    summary: 'Feature services with their features.',
    errors: REGISTRY,
  }),
  oneOf(json('The feature service.', 'Described'), {
    id: 'getFeatureService',
    path: '/v1/feature-services/{name}',
    summary: 'One feature service.',
    access: READS_SERVICE,
    pathParameters: named('a feature service'),
    errors: [...REGISTRY, 'UNKNOWN_NAME'],
  }),
  {
    id: 'getHealth',
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process lives.',
    access: 'open',
    responses: { 200: json('It does.', 'Health') },
    errors: [],
  },
  {
    id: 'getReadiness',
    method: 'get',
    path: '/readyz',
    summary: 'Whether lookups can be answered.',
    access: 'open',
    responses: {
      200: json('They can.', 'Readiness'),
      503: json('They cannot, and why.', 'Error'),
    },
    errors: [],
  },
  {
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    summary: 'Metrics as Prometheus reads them.',
    access: { role: 'reader', about: 'neither' },
    responses: { 200: { description: 'Text, version 0.0.4.', content: { 'text/plain': 'text' } } },
    errors: [],
  },
  {
    id: 'getOpenApi',
    method: 'get',
    path: '/openapi.json',
    summary: 'This document.',
    access: 'open',
    responses: { 200: json('OpenAPI 3.1.', 'OpenApi') },
    errors: [],
  },
];
