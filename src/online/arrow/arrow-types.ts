// Feature types as Arrow has them, and the column that collects values of each.
import {
  Map_ as ArrowMap,
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
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import { type DataType, type ScalarType, shapeOf } from '../../../schemas/types.ts';
import type { AnswerRoom } from './answer-room.ts';
import type { Column } from './column.ts';
import { BoolColumn, InstantColumn, Int64Column, NumberColumn } from './fixed-columns.ts';
import { elementsOf, ListColumn, VectorColumn } from './list-columns.ts';
import { entriesOf, StructColumn } from './object-columns.ts';
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
  const shape = shapeOf(type);
  switch (shape.kind) {
    case 'scalar':
      return SCALARS[shape.type];
    case 'list':
      return new List(itemOf(shape.element));
    case 'vector':
      return new FixedSizeList(shape.length, itemOf(shape.element));
    case 'struct':
      return new Struct(shape.fields.map((field) => new Field(field.name, SCALARS[field.type], true)));
    case 'map': {
      const entry = new Struct([
        new Field('key', SCALARS.string, false),
        new Field('value', SCALARS[shape.value], true),
      ]);
      return new ArrowMap(new Field('entries', entry, false));
    }
  }
}

const itemOf = (element: ScalarType): Field => new Field('item', SCALARS[element], true);

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
  const shape = shapeOf(type);
  switch (shape.kind) {
    case 'scalar':
      return COLUMNS[shape.type](rows, room);
    case 'list':
      return new ListColumn(arrow, elementsOf(COLUMNS[shape.element](0, room)), rows, room);
    case 'vector': {
      const count = rows * shape.length;
      room.require(count * Float32Array.BYTES_PER_ELEMENT);
      return new VectorColumn(arrow, new NumberColumn(SCALARS.float32, new Float32Array(count), room), shape.length);
    }
    case 'struct': {
      const fields = shape.fields.map((field) => ({ name: field.name, column: COLUMNS[field.type](rows, room) }));
      return new StructColumn(arrow, fields);
    }
    case 'map': {
      const entry = (arrow.children as readonly Field[])[0]?.type as ArrowType;
      const entries = entriesOf(entry, COLUMNS.string(0, room), COLUMNS[shape.value](0, room));
      return new ListColumn(arrow, entries, rows, room);
    }
  }
}
