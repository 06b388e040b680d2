// What a packed row is made of while it is written: the text of its values, where each ends, and the two bitmaps.
import type { Value } from '../../schemas/types.ts';
import { ByteWriter } from '../byte-writer.ts';
import { isShort, writeNumbers } from './number-text.ts';
import { FLAG, type RowLayout, type RowSchema } from './stored-row.ts';
import { textWriter, valueText, type WriteText } from './value-json.ts';

/** Those of one row, used anew for each. */
export interface RowParts {
  /** Of the bitmaps. */
  flags: number;
  readonly ends: Uint32Array;
  readonly nulls: Uint8Array;
  readonly invalid: Uint8Array;
  readonly text: ByteWriter;
}

/** Rows by column. */
export interface RowColumns {
  readonly values: readonly (readonly Value[])[];
  /** Null where a column has no invalid value. */
  readonly invalid: readonly (readonly boolean[] | null)[];
}

/** Fills the parts with row `index` of the columns, and returns them. */
export type GatherRow = (columns: RowColumns, index: number) => RowParts;

interface FeatureText {
  readonly write: WriteText;
  readonly nullText: Uint8Array;
  /** Room for the values of a run of float64 features without defaults, where one starts here. */
  readonly run: (number | null)[] | null;
}

export function compileGatherRow(layout: RowLayout, schema: RowSchema): GatherRow {
  const features = schema.map(({ type, default: byDefault }, feature): FeatureText => {
    return { write: textWriter(type), nullText: valueText(type, byDefault), run: runFrom(schema, feature) };
  });
  const parts: RowParts = {
    flags: 0,
    ends: new Uint32Array(layout.featureCount),
    nulls: new Uint8Array(layout.bitmapBytes),
    invalid: new Uint8Array(layout.bitmapBytes),
    text: new ByteWriter(),
  };
  const gathering = { parts, features };
  return (columns, index) => {
    gather(gathering, columns, index);
    return parts;
  };
}

interface Gathering {
  readonly parts: RowParts;
  readonly features: readonly FeatureText[];
}

const COMMA = 44;
const NULL_TEXT = Buffer.from('null');

function gather({ parts, features }: Gathering, columns: RowColumns, index: number): void {
  clear(parts);
  const { text, ends } = parts;
  for (let feature = 0; feature < features.length; feature += 1) {
    const { write, nullText, run } = features[feature] as FeatureText;
    const value = (columns.values[feature] as readonly Value[])[index] as Value;
    if (feature > 0) text.byte(COMMA);
    if (run !== null && (value === null || !isShort(value as number))) {
      collectRun(parts, columns, { run, first: feature, index });
      writeNumbers(text, run, ends, feature);
      feature += run.length - 1;
      continue;
    }
    if (columns.invalid[feature]?.[index] === true) text.copy(markInvalid(parts, feature));
    else if (isNothing(value)) text.copy(markNull(parts, feature, nullText));
    else write(text, value);
    ends[feature] = text.position - text.start;
  }
}

/** Shorter ones are not worth a call. */
const SHORTEST_RUN = 4;

function runFrom(schema: RowSchema, feature: number): (number | null)[] | null {
  const isIn = (one: RowSchema[number] | undefined): boolean => one?.type === 'float64' && one.default === null;
  if (!isIn(schema[feature]) || isIn(schema[feature - 1])) return null;
  const after = schema.findIndex((one, other) => other > feature && !isIn(one));
  const length = (after < 0 ? schema.length : after) - feature;
  return length < SHORTEST_RUN ? null : new Array<number>(length).fill(0.5);
}

interface Run {
  readonly run: (number | null)[];
  /** The feature at which it starts. */
  readonly first: number;
  /** Of the row. */
  readonly index: number;
}

function collectRun(parts: RowParts, { values, invalid }: RowColumns, { run, first, index }: Run): void {
  for (let i = 0; i < run.length; i += 1) {
    const value = (values[first + i] as readonly Value[])[index] as number | null;
    const isBad = invalid[first + i]?.[index] === true;
    run[i] = isBad || isNothing(value) ? null : value;
    if (isBad) markInvalid(parts, first + i);
    else if (run[i] === null) markNull(parts, first + i, NULL_TEXT);
  }
}

function clear(parts: RowParts): void {
  parts.text.begin(0);
  if (parts.flags === 0) return;
  parts.nulls.fill(0);
  parts.invalid.fill(0);
  parts.flags = 0;
}

/** Non-finite numbers read as null. */
const isNothing = (value: Value): boolean => value === null || (typeof value === 'number' && !Number.isFinite(value));

/** Returns the text of the null. */
function markNull(parts: RowParts, feature: number, text: Uint8Array): Uint8Array {
  parts.flags |= FLAG.nulls;
  setBit(parts.nulls, feature);
  return text;
}

function markInvalid(parts: RowParts, feature: number): Uint8Array {
  parts.flags |= FLAG.invalid;
  setBit(parts.invalid, feature);
  return markNull(parts, feature, NULL_TEXT);
}

function setBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >> 3] = (bitmap[index >> 3] as number) | (1 << (index & 7));
}
