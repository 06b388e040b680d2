// @plumb/sdk: what is published.

export { ERRORS, type ErrorCode } from '../../../schemas/errors.ts';
export { type DataType, STATUSES, type Status } from '../../../schemas/types.ts';
export type {
  CommandJob,
  Dataset,
  DatasetFeature,
  DatasetJob,
  DatasetPart,
  Described,
  ExplainedRow,
  ExplainedRun,
  ExplainedWindow,
  Explanation,
  Job,
  JobProgress,
  JobStatus,
  MaterializationJob,
  MaterializationMode,
  MaterializationRun,
  PushAnswer,
  RegistrySummary,
  RejectedEvent,
  TimestampUnit,
} from '../../../schemas/wire-types.ts';
export type { ValueForms } from './arrow/value-reader.ts';
export { PlumbClient, type PlumbClientOptions } from './client.ts';
export type { LookupColumns } from './columns/answer-columns.ts';
export type { LookupColumnsRequest } from './columns/lookup-columns.ts';
export type { DatasetHandle, Datasets } from './datasets/datasets.ts';
export type { Labels, TrainingSetRequest } from './datasets/labels.ts';
export type { PartOptions, Snapshot, TableOptions } from './datasets/snapshot.ts';
export type { ErasureHandle, Erasures } from './erasures.ts';
export {
  PlumbApiError,
  PlumbConnectionError,
  type PlumbErrorCode,
  PlumbJobError,
  PlumbProtocolError,
  PlumbSdkError,
  PlumbTimeoutError,
} from './errors.ts';
export type { ExplainedLookup, ExplainRequest } from './explain.ts';
export type { JobHandle, WaitOptions } from './job-handle.ts';
export type { KeyValue, LookupAnswer, LookupEntities, LookupRequest } from './lookup.ts';
export type { MaterializationHandle, Materializations, MaterializeRequest } from './materializations.ts';
export type { ListOptions, Paged } from './pages.ts';
export type { BatchOptions } from './parquet/batches.ts';
export type { RowOptions } from './parquet/rows.ts';
export type { ParquetWasmSource } from './parquet/wasm.ts';
export type { PushOptions } from './push.ts';
export type { Registry } from './registry.ts';
export type { CallOptions } from './transport/call.ts';
export type { HeaderSource, TransportOptions } from './transport/options.ts';
export type { FeatureRow, FeatureValue } from './values.ts';
