// The label table of a training set, in any form a user has it in → the body of POST /v1/datasets.
import type { Table } from 'apache-arrow';
import type { DatasetRequest, KeysOfLabels, TimestampUnit } from '../../../../schemas/wire-types.ts';
import { stringifyJson } from '../json.ts';
import type { Call } from '../transport/call.ts';

/**
 * - rows: one object per label; a field that one lacks is null
 * - `{ columns }`: column to values, all of one length
 * - `{ path }`: a file that the server reads, under one of its `server.labelRoots`
 * - `{ keysOf, at }` or `{ keysOf, from, to, every }`: every key that a feature view has at the instant, or at each of them
 * - a table of apache-arrow, or the bytes of an Arrow IPC stream or file
 *
 * In JSON (the first two) a bigint keeps its digits, a Date is sent as RFC 3339 text; NaN and the infinities are
 * refused: say null. The server limits the
 * rows it takes as JSON (TOO_LARGE); Arrow is smaller and keeps types.
 */
export type Labels =
  | readonly Readonly<Record<string, unknown>>[]
  | { readonly columns: Readonly<Record<string, readonly unknown[]>> }
  | { readonly path: string }
  | KeysOfLabels
  | Table
  | Uint8Array
  | ArrayBuffer;

export interface TrainingSetRequest {
  readonly service: string;
  /** Default: the service's name. A name that exists gets a new version. */
  readonly name?: string | undefined;
  readonly labels: Labels;
  /** Default: event_timestamp. */
  readonly timestampColumn?: string | undefined;
  /** Where the timestamp column is a number. */
  readonly timestampUnit?: TimestampUnit | undefined;
  /** `name@version` of a training set of the same labels: features that mean the same there are not computed again. */
  readonly reuse?: string | undefined;
}

type Message = Pick<Call, 'query' | 'headers' | 'body'>;

export async function datasetMessage({ labels, ...rest }: TrainingSetRequest): Promise<Message> {
  if (Array.isArray(labels)) return jsonMessage({ ...rest, labels: { columns: columnsOf(labels) } });
  if ('columns' in labels || 'path' in labels || 'keysOf' in labels) return jsonMessage({ ...rest, labels });
  const { service, name, timestampColumn, timestampUnit, reuse } = rest;
  return {
    query: { service, name, timestampColumn, timestampUnit, reuse },
    headers: { 'content-type': 'application/vnd.apache.arrow.stream' },
    body: await ipcBytes(labels as Table | Uint8Array | ArrayBuffer),
  };
}

const jsonMessage = (request: DatasetRequest): Message => ({
  headers: { 'content-type': 'application/json' },
  body: stringifyJson(request),
});

function columnsOf(rows: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown[]> {
  const columns = new Map<string, unknown[]>();
  for (const row of rows) for (const name of Object.keys(row)) if (!columns.has(name)) columns.set(name, []);
  for (const [name, values] of columns) for (const row of rows) values.push(row[name] ?? null);
  return Object.fromEntries(columns);
}

async function ipcBytes(labels: Table | Uint8Array | ArrayBuffer): Promise<Uint8Array> {
  if (labels instanceof Uint8Array) return labels;
  if (labels instanceof ArrayBuffer) return new Uint8Array(labels);
  if (!('schema' in labels && 'batches' in labels))
    throw new TypeError(
      'labels: expected rows, { columns }, { path }, { keysOf }, a table of apache-arrow, or Arrow IPC bytes',
    );
  const { tableToIPC } = await import('apache-arrow');
  return tableToIPC(labels, 'stream');
}
