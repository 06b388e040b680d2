// The columns of an answer in Arrow. A column is decoded when it is asked for.
import { type Data, type DataType, type Table, DataType as Types, tableFromIPC } from 'apache-arrow';
import { shortestFloat32 } from '../../../../schemas/float32.ts';
import type { Status } from '../../../../schemas/types.ts';
import { type AnswerHead, LookupColumns, notNumbers } from '../columns/answer-columns.ts';
import { PlumbProtocolError } from '../errors.ts';
import type { FeatureValue } from '../values.ts';
import { valueReader } from './value-reader.ts';

const WHAT = 'POST /v1/online-features';

/** PlumbProtocolError where it is not such an answer. */
export function columnsOfArrow(body: Uint8Array, withEventTimes: boolean): LookupColumns {
  const table = tableOf(body);
  const head = headOf(table);
  const { fields } = table.schema;
  return new LookupColumns(head, {
    numbers: (column) => numbersOf(head.features[column] ?? '', table.getChildAt(column)?.data ?? [], head.numRows),
    values: (column) => valuesOf<FeatureValue>(table.getChildAt(column)?.data ?? []),
    statuses: (column) => {
      const found = table.getChild(`${head.features[column]}__status`);
      return found === null ? undefined : statusesOf(found.data);
    },
    eventTimes: (column) => {
      if (!withEventTimes) return undefined;
      const name = fields[column]?.metadata.get('eventTime');
      // A feature that its view is not materialized with yet has no column of event times.
      if (name === undefined) return new Array<null>(head.numRows).fill(null);
      return valuesOf<string | null>(table.getChild(name)?.data ?? []);
    },
  });
}

function tableOf(body: Uint8Array): Table {
  try {
    return tableFromIPC(body);
  } catch (cause) {
    throw new PlumbProtocolError(`${WHAT}: the answer cannot be read as Arrow`, { cause });
  }
}

function headOf({ schema, numRows }: Table): AnswerHead {
  const { fields, metadata } = schema;
  const [version, count, at] = ['version', 'features', 'at'].map((name) => metadata.get(name));
  if (version === undefined || count === undefined || at === undefined)
    throw new PlumbProtocolError(`${WHAT}: the schema lacks \`version\`, \`features\` or \`at\``);
  const [asOf, changed, serviceVersion] = ['asOf', 'changed', 'serviceVersion'].map((name) => metadata.get(name));
  return {
    service: metadata.get('service') ?? null,
    version: Number(version),
    serviceVersion: serviceVersion === undefined ? undefined : Number(serviceVersion),
    features: fields.slice(0, Number(count)).map(({ name }) => name),
    numRows,
    asOf: asOf === undefined ? undefined : JSON.parse(asOf),
    changed: changed === undefined ? [] : JSON.parse(changed),
    at,
  };
}

function valuesOf<T>(chunks: readonly Data[]): T[] {
  const values: T[] = [];
  for (const data of chunks) {
    const read = valueReader(data, { bytes: 'base64' });
    for (let row = 0; row < data.length; row += 1) values.push(read(row) as T);
  }
  return values;
}

/** Each word is decoded once, not once per row. */
function statusesOf(chunks: readonly Data[]): Status[] {
  return chunks.flatMap(({ dictionary, values, length }) => {
    const words = [...(dictionary ?? [])] as Status[];
    return Array.from({ length }, (_, row) => words[values[row]] as Status);
  });
}

function numbersOf(feature: string, chunks: readonly Data[], numRows: number): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(numRows);
  let at = 0;
  for (const data of chunks) {
    const into = numbers.subarray(at, at + data.length);
    copyNumbers(feature, data, into);
    if (data.nullCount > 0)
      for (let row = 0; row < data.length; row += 1) if (!data.getValid(row)) into[row] = Number.NaN;
    at += data.length;
  }
  return numbers;
}

function copyNumbers(feature: string, data: Data<DataType>, into: Float64Array): void {
  const { type, length, values } = data;
  if (Types.isBool(type)) {
    for (let row = 0; row < length; row += 1) into[row] = ((values[row >> 3] as number) >> (row & 7)) & 1;
  } else if (Types.isInt(type) && type.bitWidth === 64) copyInt64(values, into);
  else if (Types.isFloat(type) && values instanceof Float32Array) {
    for (let row = 0; row < length; row += 1) into[row] = shortestFloat32(values[row] as number);
  } else if (Types.isInt(type) || Types.isFloat(type)) into.set(values.subarray(0, length));
  else throw notNumbers(feature, type);
}

const WORD = 2 ** 32;

/** Without a bigint per value. */
function copyInt64({ buffer, byteOffset }: BigInt64Array, into: Float64Array): void {
  const words = new Int32Array(buffer, byteOffset, 2 * into.length);
  for (let row = 0; row < into.length; row += 1)
    into[row] = (words[2 * row + 1] as number) * WORD + ((words[2 * row] as number) >>> 0);
}
