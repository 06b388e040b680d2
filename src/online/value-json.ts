// Values ⇄ the JSON text that clients receive and packed rows hold. One text per value:
//
//   bool       true, false
//   int32, int64, float64   all digits of an integer, the fewest digits of a double that read back as it (as JSON.stringify)
//   float32    the fewest digits that name the float32
//   string     quoted; only ", \, control characters and lone surrogates are escaped
//   timestamp  RFC 3339 UTC, quoted; no fraction, or three or six digits
//   bytes      base64, quoted
//   list, vector   [a,b,null]
//   map        {"key":value,"other":null}, in the order of its entries
//   struct     {"field":value,"other":null}, in the order of its fields
//
// Non-finite numbers read as null, -0 as 0.

import { shortestFloat32 } from '../../schemas/float32.ts';
import { type DataType, type ScalarType, type StructField, shapeOf, type Value } from '../../schemas/types.ts';
import { ByteWriter } from '../byte-writer.ts';
import { formatInstant, readFormattedInstant } from '../instant.ts';
import { writeInt64, writeNumber } from './number-text.ts';
import { entriesOf, textOfEntries } from './object-text.ts';

/** How answers write int64: as numbers, or as text for readers that would lose digits. */
export type Int64Form = 'number' | 'string';

/** Appends the text of a value that is not null. */
export type WriteText = (out: ByteWriter, value: Value) => void;
/** Throws a SyntaxError where the text is none of the type's. */
export type ReadText = (text: string) => Value;

interface TextForm {
  readonly write: WriteText;
  readonly read: ReadText;
}

const FORMS: Readonly<Record<ScalarType, TextForm>> = {
  bool: { write: (out, value) => out.ascii(value === true ? 'true' : 'false'), read: readBool },
  int32: { write: (out, value) => writeNumber(out, value as number), read: readNumber },
  int64: { write: (out, value) => writeInt64(out, value as bigint), read: readInt64 },
  float32: { write: (out, value) => writeFloat(out, shortestFloat32(Math.fround(value as number))), read: readNumber },
  float64: { write: (out, value) => writeFloat(out, value as number), read: readNumber },
  string: { write: (out, value) => out.text(JSON.stringify(value)), read: readString },
  timestamp: { write: (out, value) => out.ascii(`"${formatInstant(value as bigint)}"`), read: readTimestamp },
  bytes: { write: (out, value) => out.ascii(`"${base64(value as Uint8Array)}"`), read: readBytes },
};

export const textWriter = (type: DataType): WriteText => formOf(type).write;
export const textReader = (type: DataType): ReadText => formOf(type).read;

/** Constants are copied out of it: a slab for each would be kept as long as they are. */
const SCRATCH = new ByteWriter();

/** For constants of a schema; null too. */
export function valueText(type: DataType, value: Value): Uint8Array {
  SCRATCH.begin(0);
  writeOrNull(SCRATCH, value, textWriter(type));
  const text = SCRATCH.finish().slice();
  SCRATCH.drop();
  return text;
}

function formOf(type: DataType): TextForm {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case 'scalar':
      return FORMS[shape.type];
    case 'map':
      return mapForm(FORMS[shape.value]);
    case 'struct':
      return structForm(shape.fields);
    default: {
      const { write, read } = FORMS[shape.element];
      const isInt64 = shape.element === 'int64';
      return { write: listWriter(write), read: isInt64 ? readInt64List : (text) => readList(text, read) };
    }
  }
}

const mapForm = ({ write, read }: TextForm): TextForm => ({
  write: (out, value) => {
    let separator = '{';
    for (const [key, item] of value as readonly (readonly [string, Value])[]) {
      out.text(`${separator}${JSON.stringify(key)}:`);
      writeOrNull(out, item, write);
      separator = ',';
    }
    out.ascii(separator === '{' ? '{}' : '}');
  },
  read: (text) =>
    entriesOf(text).map(({ key, value }) => [JSON.parse(key) as string, value === 'null' ? null : read(value)]),
});

function structForm(fields: readonly StructField[]): TextForm {
  const forms = fields.map(({ type }) => FORMS[type]);
  const starts = fields.map(({ name }, i) => `${i === 0 ? '{' : ','}"${name}":`);
  return {
    write: (out, value) => {
      for (const [i, { write }] of forms.entries()) {
        out.ascii(starts[i] as string);
        writeOrNull(out, (value as readonly Value[])[i] ?? null, write);
      }
      out.ascii('}');
    },
    read: (text) => {
      const entries = entriesOf(text);
      if (entries.length !== fields.length || entries.some(({ key }, i) => key !== `"${fields[i]?.name}"`))
        throw new SyntaxError(`found ${text}, expected the fields ${fields.map(({ name }) => name).join(', ')}`);
      return entries.map(({ value }, i) => (value === 'null' ? null : (forms[i] as TextForm).read(value)));
    },
  };
}

const listWriter =
  (write: WriteText): WriteText =>
  (out, value) => {
    let separator = '[';
    for (const item of value as readonly Value[]) {
      out.ascii(separator);
      writeOrNull(out, item, write);
      separator = ',';
    }
    out.ascii(separator === '[' ? '[]' : ']');
  };

function writeOrNull(out: ByteWriter, value: Value, write: WriteText): void {
  if (value === null) out.ascii('null');
  else write(out, value);
}

function writeFloat(out: ByteWriter, value: number): void {
  if (Number.isFinite(value)) writeNumber(out, value);
  else out.ascii('null');
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

function readBool(text: string): Value {
  return parsed(text, 'boolean');
}

function readNumber(text: string): Value {
  return parsed(text, 'number');
}

function readString(text: string): Value {
  return parsed(text, 'string');
}

function parsed(text: string, kind: 'boolean' | 'number' | 'string'): Value {
  const value: unknown = JSON.parse(text);
  if (typeof value === kind) return value as Value;
  throw new SyntaxError(`found ${text}, expected a ${kind}`);
}

const INTEGER = /^-?\d{1,19}$/;

function readInt64(text: string): bigint {
  const value = INTEGER.test(text) ? BigInt(text) : null;
  if (value === null || BigInt.asIntN(64, value) !== value) throw new SyntaxError(`found ${text}, expected an int64`);
  return value;
}

function readTimestamp(text: string): bigint {
  const micros = readFormattedInstant(text.slice(1, -1));
  if (micros === null) throw new SyntaxError(`found ${text}, expected an instant`);
  return micros;
}

function readBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(parsed(text, 'string') as string, 'base64'));
}

function readInt64List(text: string): Value[] {
  if (!text.startsWith('[') || !text.endsWith(']')) throw new SyntaxError(`found ${text}, expected a list`);
  if (text === '[]') return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((item) => (item === 'null' ? null : readInt64(item)));
}

function readList(text: string, read: ReadText): Value[] {
  const items: unknown = JSON.parse(text);
  if (!Array.isArray(items)) throw new SyntaxError(`found ${text}, expected a list`);
  return items.map((item) => (item === null ? null : read(JSON.stringify(item))));
}

/** A text of a type with every int64 in it in quotes. */
export type QuoteInt64s = (text: string) => string;

/** Null for a type that has no int64, which a reader may lose digits of, in it. */
export function int64Quotes(type: DataType): QuoteInt64s | null {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case 'scalar':
      return shape.type === 'int64' ? quotedNumbers : null;
    case 'map':
      return shape.value === 'int64' ? quotedValues(() => true) : null;
    case 'struct':
      return shape.fields.some((field) => field.type === 'int64')
        ? quotedValues((i) => shape.fields[i]?.type === 'int64')
        : null;
    default:
      return shape.element === 'int64' ? quotedNumbers : null;
  }
}

const quotedNumbers: QuoteInt64s = (text) => text.replaceAll(/-?\d+/g, '"$&"');

const quotedValues =
  (isInt64: (index: number) => boolean): QuoteInt64s =>
  (text) => {
    if (text === 'null') return text;
    const quoted = entriesOf(text).map(({ key, value }, i) => ({
      key,
      value: isInt64(i) ? quotedNumbers(value) : value,
    }));
    return textOfEntries(quoted);
  };
