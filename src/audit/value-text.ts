// Values as JSON, for reports and cases: as lookups write them, int64 with all digits (as bigint).
import type { DataType, Value } from '../../schemas/types.ts';
import { type Json, parseJson } from '../lossless-json.ts';
import { valueText } from '../online/value-json.ts';

export const jsonValue = (value: Value, type: DataType): Json =>
  parseJson(Buffer.from(valueText(type, value)).toString(), 'a value');

/** Equal for equal keys of one view. */
export const keyText = (key: readonly Value[]): string =>
  key.map((value) => JSON.stringify(typeof value === 'bigint' ? `${value}` : value)).join(' ');
