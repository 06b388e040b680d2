// Random labels as an Arrow IPC stream, of types that programs send, with what passes through as the trial compares it.
import * as arrow from 'apache-arrow';
import type { Random } from '../oracle/random.ts';
import { Digits } from './same-digits.ts';

export interface ArrowColumn {
  readonly type: arrow.DataType;
  /** As apache-arrow takes them, and as they must pass through. */
  readonly cells: readonly (readonly [value: unknown, expected: unknown])[];
}

const digits = (...values: readonly (bigint | number)[]): ArrowColumn['cells'] =>
  values.map((value) => [value, new Digits(String(value))] as const);
const same = (...values: readonly (string | boolean)[]): ArrowColumn['cells'] =>
  values.map((value) => [value, value] as const);

const MILLIS = Date.UTC(2026, 0, 6);
const DAY = '2026-01-06T00:00:00Z';
const TEXTS = same('text', '01234', '', 'zwölf 😀', 'a"b\n', 'NaN');

export const EXTRAS: readonly ArrowColumn[] = [
  { type: new arrow.Int8(), cells: digits(-128, 127) },
  { type: new arrow.Uint16(), cells: digits(65535) },
  { type: new arrow.Int64(), cells: digits(9007199254740993n, -(2n ** 63n)) },
  { type: new arrow.Uint64(), cells: digits(2n ** 64n - 1n, 7n) },
  { type: new arrow.Float32(), cells: digits(1.5, -3) },
  {
    type: new arrow.Float64(),
    cells: [...digits(0.1, 1e300, 1.5), [Number.NaN, null], [Number.NEGATIVE_INFINITY, null]],
  },
  { type: new arrow.Utf8(), cells: TEXTS },
  { type: new arrow.LargeUtf8(), cells: TEXTS },
  { type: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()), cells: TEXTS },
  { type: new arrow.Bool(), cells: same(true, false) },
  { type: new arrow.DateMillisecond(), cells: [[MILLIS, DAY]] },
  { type: new arrow.TimestampMillisecond(), cells: [[MILLIS, DAY]] },
  { type: new arrow.TimestampMicrosecond('UTC'), cells: [[MILLIS, DAY]] },
  { type: new arrow.TimestampNanosecond('Europe/Berlin'), cells: [[MILLIS, DAY]] },
  {
    type: new arrow.List(new arrow.Field('item', new arrow.Int64(), true)),
    cells: [
      [
        [1n, null],
        [new Digits('1'), null],
      ],
      [[], []],
    ],
  },
];

/** Types of the key and of the instants that may be sent. */
export const KEY_TYPES = [new arrow.Int64(), new arrow.Int32(), new arrow.Uint8(), new arrow.Uint64()];
export const TIME_TYPES = [
  new arrow.TimestampSecond(),
  new arrow.TimestampMillisecond('UTC'),
  new arrow.TimestampMicrosecond('UTC'),
  new arrow.TimestampNanosecond(),
];

const keyValue = (type: arrow.DataType, key: string): unknown =>
  type.toString().endsWith('64') ? BigInt(key) : Number(key);

/** The rows as a stream of one to as many batches as rows. */
export function arrowLabels(
  random: Random,
  rows: readonly { readonly key: string; readonly at: string }[],
  extra: { readonly type: arrow.DataType; readonly values: readonly unknown[] },
): Uint8Array<ArrayBuffer> {
  const [keyType, timeType] = [random.pick(KEY_TYPES), random.pick(TIME_TYPES)];
  const size = random.int(1, rows.length);
  const batches: arrow.Table[] = [];
  for (let start = 0; start < rows.length; start += size) {
    const some = rows.slice(start, start + size);
    batches.push(
      new arrow.Table({
        user_id: arrow.vectorFromArray(
          some.map(({ key }) => keyValue(keyType, key)),
          keyType,
        ),
        event_timestamp: arrow.vectorFromArray(
          some.map(({ at }) => Date.parse(at)),
          timeType,
        ),
        extra: arrow.vectorFromArray(extra.values.slice(start, start + size), extra.type),
      }),
    );
  }
  const [first, ...rest] = batches;
  const table = first?.concat(...rest);
  return Uint8Array.from(arrow.tableToIPC(table as arrow.Table, 'stream'));
}
