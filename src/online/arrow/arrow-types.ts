// Feature types as Arrow has them, and the column that collects values of each.
import {
  type DataType as ArrowType,
  Binary,
  Bool,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int32,
  Int64,
  List,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import { type DataType, elementType, type ScalarType, vectorLength } from '../../../schemas/types.ts';
import type { AnswerRoom } from './answer-room.ts';
import type { Column } from './column.ts';
import { BoolColumn, InstantColumn, Int64Column, NumberColumn } from './fixed-columns.ts';
import { ListColumn, VectorColumn } from './list-columns.ts';
import { BytesColumn, TextColumn } from './sized-columns.ts';

export const INSTANT = new TimestampMicrosecond('UTC');
/** Statuses: all their columns share one dictionary. */
export const STATUS = new Dictionary(new Utf8(), new Int8(), 0);

const SCALARS: Readonly<Record<ScalarType, ArrowType>> = {
  bool: new Bool(),
  int32: new Int32(),
  int64: new Int64(),
  float32: new Float32(),
  float64: new Float64(),
  string: new Utf8(),
  timestamp: INSTANT,
  bytes: new Binary(),
};

export function arrowType(type: DataType): ArrowType {
  const element = elementType(type);
  if (element === null) return SCALARS[type as ScalarType];
  const item = new Field('item', SCALARS[element], true);
  const size = vectorLength(type);
  return size === null ? new List(item) : new FixedSizeList(size, item);
}

const COLUMNS: Readonly<Record<ScalarType, (rows: number, room: AnswerRoom) => Column>> = {
  bool: (rows, room) => new BoolColumn(SCALARS.bool, rows, room),
  int32: (rows, room) => new NumberColumn(SCALARS.int32, new Int32Array(rows), room),
  int64: (rows, room) => new Int64Column(SCALARS.int64, rows, room),
  float32: (rows, room) => new NumberColumn(SCALARS.float32, new Float32Array(rows), room),
  float64: (rows, room) => new NumberColumn(SCALARS.float64, new Float64Array(rows), room),
  string: (rows, room) => new TextColumn(SCALARS.string, rows, room),
  timestamp: (rows, room) => new InstantColumn(INSTANT, rows, room),
  bytes: (rows, room) => new BytesColumn(SCALARS.bytes, rows, room),
};

/** `arrow`: what `arrowType` made of the type. `rows`: how many values will be added. */
export function newColumn(type: DataType, arrow: ArrowType, rows: number, room: AnswerRoom): Column {
  const element = elementType(type);
  if (element === null) return COLUMNS[type as ScalarType](rows, room);
  const size = vectorLength(type);
  if (size === null) return new ListColumn(arrow, COLUMNS[element](0, room), rows, room);
  room.require(rows * size * Float32Array.BYTES_PER_ELEMENT);
  return new VectorColumn(arrow, new NumberColumn(SCALARS.float32, new Float32Array(rows * size), room), size);
}
